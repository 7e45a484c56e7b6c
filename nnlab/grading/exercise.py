"""What an exercise is: the right answer, the calls to try, and how results are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnlab.grading.comparing import Difference


class FlawError(Exception):
    """Raised by an exercise's ``play`` when what a function returned cannot be used; ``difference`` says why."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference.sentence)
        self.difference = difference


@dataclass(frozen=True)
class Case:
    """One call of the function under check.

    ``arguments`` are passed by position, in this order; their names serve the message. ``why`` is one sentence for a
    reader whose function fails this call: the idea it tests, not the answer.
    """

    arguments: Mapping[str, Any]
    why: str = ""


@dataclass(frozen=True)
class Exercise:
    """One function of a problem set, or some that are graded together.

    name: "ps1.softmax", the set and the function.
    reference: the right answer, called with the same arguments.
    together: the names of the functions that are graded together, in the order in which ``check`` takes them; then
        ``reference`` is a tuple of as many.
    play: how one case uses the functions, where that is more than one call: (*functions, *arguments) -> result. The
        reference is played in the same way. May raise FlawError.
    judge: for random results, which are not compared with the reference: (result, arguments by name) -> the Difference
        from what it should be like, or None. Every exercise that takes a random generator has to give the same result
        again from an equal generator.
    summary: of a random result: (result, arguments by name) -> numbers by which mistakes are told apart, which two
        right answers share to within a twentieth. Without it, they are told apart by the results themselves.
    examples: small cases with hand-picked numbers, the simplest first.
    draw: (rng, size) -> a random case whose sides are at most about ``size``.
    results: the names of a returned tuple's entries; empty when the function returns one thing.
    parts: what can be graded by itself, as {"loss": ("loss",)}; each lists names out of ``results``.
    judges: of random results, what judges a part in place of ``judge``.
    calls_of: of parts that only some calls concern, which: {"training": lambda arguments: arguments["training"]}.
    builds_on: names of earlier exercises of the set that a solution may call. When a solution fails only because one of
        those is wrong, it still passes: an error is paid for once.
    tolerance, float32_tolerance: the largest error, relative to the largest entry of the expected result.
    float32_tolerance is None where float32 cannot be judged on random cases.
    """

    name: str
    reference: Callable[..., Any] | tuple[Callable[..., Any], ...]
    examples: Callable[[], Iterable[Case]]
    draw: Callable[[np.random.Generator, int], Case]
    results: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    play: Callable[..., Any] | None = None
    judge: Callable[[Any, Mapping[str, Any]], Difference | None] | None = None
    summary: Callable[[Any, Mapping[str, Any]], np.ndarray] | None = None
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    judges: Mapping[str, Callable[[Any, Mapping[str, Any]], Difference | None]] = field(default_factory=dict)
    calls_of: Mapping[str, Callable[[Mapping[str, Any]], bool]] = field(default_factory=dict)
    builds_on: tuple[str, ...] = ()
    tolerance: float = 1e-8
    float32_tolerance: float | None = 1e-4
    time_limit: float = 5.0

    @property
    def function_name(self) -> str:
        """The name students give the function."""
        return self.name.rpartition(".")[2]

    @property
    def references(self) -> tuple[Callable[..., Any], ...]:
        """The reference, or those of the functions that are graded together."""
        return self.reference if isinstance(self.reference, tuple) else (self.reference,)

    @property
    def called(self) -> str:
        """What stands for the functions in a call of ``check``."""
        return f"({', '.join(self.together)})" if self.together else self.function_name

    def concerns(self, part: str, case: Case) -> bool:
        """Whether a call says anything about a part."""
        return part not in self.calls_of or self.calls_of[part](case.arguments)

    def use(self, functions: tuple[Callable[..., Any], ...], arguments: Sequence[Any]) -> Any:
        """What one case makes of the functions."""
        return self.play(*functions, *arguments) if self.play else functions[0](*arguments)
