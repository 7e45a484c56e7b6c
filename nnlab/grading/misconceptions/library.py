"""The form in which a known mistake is written down, and where those of an exercise are found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any


@dataclass(frozen=True)
class Misconception:
    """A wrong implementation of an exercise that students really write.

    functions: as ``check`` takes them. explanation: two sentences for the student, what was done and what is right.
    section: the page of the book that explains it, "optimizers" or "optimizers#adam".
    same_as: the name of another one that no call can tell from this one.
    """

    exercise: str
    name: str
    functions: tuple[Callable[..., Any], ...]
    explanation: str
    section: str
    same_as: str = ""


_LIBRARY: dict[str, list[Misconception]] = {}


def misconception(
    exercise: str, section: str, *, same_as: str = "", beside: tuple[Callable[..., Any], ...] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter the decorated function as a known mistake; its docstring is the explanation.

    beside: the functions that go before it, where an exercise grades several together.
    """

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        explanation = " ".join((function.__doc__ or "").split())
        entry = Misconception(exercise, function.__name__, (*beside, function), explanation, section, same_as)
        _LIBRARY.setdefault(exercise, []).append(entry)
        return function

    return enter


def misconceptions(exercise: str) -> list[Misconception]:
    """The known mistakes of the exercise, such as "ps1.softmax"."""
    module = f"{__package__}.{exercise.partition('.')[0]}"
    if find_spec(module):
        import_module(module)
    return _LIBRARY.get(exercise, [])
