"""What functions make of an exercise's attempts: each call is made once, however many parts are judged by it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nnlab.grading.arguments import change, fresh
from nnlab.grading.attempts import Attempt, Attempts
from nnlab.grading.borrowing import watched
from nnlab.grading.calling import Outcome, call
from nnlab.grading.exercise import Exercise


@dataclass
class Repeated:
    """A second call with the same arguments: what came of it, which functions of nnlab did the work, and whether it
    changed what the first had returned."""

    outcome: Outcome
    borrowed: list[str]
    overwrote: bool


class Play:
    """One attempt, played by some functions and by the reference; each part of it is done when it is asked for.

    ``right_in`` are the parts of the exercise in which it was found to be right.
    """

    def __init__(self, functions: tuple[Any, ...], exercise: Exercise, attempt: Attempt) -> None:
        self._functions, self._exercise, self.attempt = functions, exercise, attempt
        self.given = attempt.arguments()
        self.right_in = set[str]()

    @property
    def made(self) -> bool:
        """Whether the call was made."""
        return "outcome" in self.__dict__

    @cached_property
    def outcome(self) -> Outcome:
        """What came of the call."""
        return self._call(self.given)

    @cached_property
    def changed(self) -> tuple[str, tuple[str, Any, Any]] | None:
        """The first argument that the call changed: its name, and the part of it before and after."""
        attempt = self.attempt
        # A layout does not show in a comparison, so that only another dtype takes a copy of what was given.
        before = attempt.case.arguments.values() if attempt.dtype is None else attempt.arguments()
        arguments = zip(attempt.case.arguments, before, self.given, strict=True)
        found = ((name, change(before, after, name)) for name, before, after in arguments)
        return next(((name, what) for name, what in found if what), None)

    @cached_property
    def expected(self) -> Any:
        """The reference's result; it works in float64, on the very numbers the function is given."""
        return self._exercise.use(self._exercise.references, fresh(self.attempt.arguments(), dtype=np.float64))

    @cached_property
    def again(self) -> Repeated:
        """A second call, with the same arguments and random generators in the same state."""
        first = self.outcome.result
        kept = fresh(first)
        # What runs in a sandbox has no nnlab to borrow from.
        local = [function for function in self._functions if not getattr(type(function), "isolated", False)]
        watch: contextlib.AbstractContextManager[list[str]]
        watch = watched(self._exercise.references) if local else contextlib.nullcontext([])
        with watch as borrowed:
            second = self._call(self.attempt.arguments())
        return Repeated(second, borrowed, bool(change(kept, first, "result")))

    def _call(self, arguments: list[Any]) -> Outcome:
        use = self._exercise.use
        return call(lambda: use(self._functions, arguments), self._functions, self._exercise.time_limit)


class Trial:
    """Some functions on trial for an exercise, on the random cases of one seed."""

    def __init__(self, functions: tuple[Any, ...], exercise: Exercise, seed: int) -> None:
        self.functions, self.exercise, self.seed = functions, exercise, seed
        self._attempts = Attempts(exercise, seed)
        self._plays: dict[Attempt, Play] = {}

    def plays(self, part: str, draws: int) -> list[Play]:
        """The plays of the attempts that concern a part, with so many random ones; calls are made when asked for."""
        chosen = [one for one in self._attempts.first(draws) if self.exercise.concerns(part, one.case)]
        self._plays.update({one: Play(self.functions, self.exercise, one) for one in chosen if one not in self._plays})
        plays = [self._plays[one] for one in chosen]
        if self.exercise.play is None and hasattr(self.functions[0], "call_ahead"):
            due = [play.given for play in plays if not play.made]
            self.functions[0].call_ahead(due, self.exercise.time_limit)
        return plays
