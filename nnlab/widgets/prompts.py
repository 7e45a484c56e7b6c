"""What an explorer may ask of its reader: a goal to reach, a result to predict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from nnlab.widgets.controls import Value


@dataclass(frozen=True)
class Goal:
    """A task the explorer checks itself: reached in any state where the channel ``met`` is positive."""

    text: str
    met: str
    channels: ClassVar[tuple[str, ...]] = ("met",)


@dataclass(frozen=True)
class Number:
    """A guess that is a number from low to high."""

    low: float
    high: float
    step: float
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Predict:
    """A question to answer before the controls in ``holds`` can be moved; it can be skipped.

    The guess is one of ``choices`` or a ``number``. After it the figure moves to the state ``reveal``, and the guess
    stands beside what was computed there: ``answer``, a channel that gives the number of the right choice or the right
    number, and ``outcome``, a template. The guess stays in the reader's browser.

    Raises ValueError unless there are either choices or a number.
    """

    question: str
    answer: str
    reveal: Mapping[str, Value]
    outcome: str
    choices: Sequence[str] | None = None
    number: Number | None = None
    holds: Sequence[str] = ()
    channels: ClassVar[tuple[str, ...]] = ("answer",)

    def __post_init__(self) -> None:
        if (self.choices is None) == (self.number is None):
            raise ValueError("a prediction needs either choices=(…) or number=Number(low, high, step)")
