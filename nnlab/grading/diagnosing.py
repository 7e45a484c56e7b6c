"""Recognise a known mistake by what a function returns, where it can be only that one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from nnlab.grading.arguments import change
from nnlab.grading.attempts import Attempt, Attempts
from nnlab.grading.calling import call
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises import find
from nnlab.grading.misconceptions.library import Misconception, misconceptions

SEED, DRAWS = 20, 8
CLOSE = 1e-6
CLOSE_SUMMARIES = 0.05


@dataclass(frozen=True)
class Trace:
    """What one case made of some functions: a result or a problem, and the arguments that were changed."""

    result: Any
    problem: str
    changed: tuple[str, ...]


class Telling:
    """The cases that tell an exercise's mistakes apart, and what each mistake, and the reference, makes of them.

    The examples of the exercise and random cases, always the same. A mistake is tried on a case when that is asked for:
    most are ruled out by the first.
    """

    def __init__(self, exercise: Exercise) -> None:
        tried = Attempts(exercise, SEED).first(DRAWS)
        self.exercise = exercise
        self.attempts = [Attempt(one.case) for one in tried if one.dtype is None and one.layout == "contiguous"]
        self._known: dict[tuple[str, int], Trace] = {}

    def right(self, index: int) -> Trace:
        """What the reference makes of a case."""
        return self._trace("", self.exercise.references, index)

    def wrong(self, mistake: Misconception, index: int) -> Trace:
        """What a mistake makes of a case."""
        return self._trace(mistake.name, mistake.functions, index)

    def shows(self, mistake: Misconception, part: str) -> bool:
        """Whether a mistake shows in this part in any case."""
        return not all(
            alike(self.right(index), self.wrong(mistake, index), self.exercise, part, attempt)
            for index, attempt in enumerate(self.attempts)
        )

    def _trace(self, name: str, functions: tuple[Any, ...], index: int) -> Trace:
        if (name, index) not in self._known:
            self._known[name, index] = trace(functions, self.exercise, self.attempts[index])
        return self._known[name, index]


def diagnose(functions: tuple[Any, ...], exercise: Exercise, part: str) -> Misconception | None:
    """The one known mistake that does in every telling case what these functions do; None where several do, or none.

    A part is judged by its own entries first; mistakes that agree on them are told apart by the whole results.
    """
    left = misconceptions(exercise.name)
    telling = telling_cases(exercise.name)
    traces: list[Trace] = []
    for index, attempt in enumerate(telling.attempts):
        if not left:
            return None
        traces.append(trace(functions, exercise, attempt))
        left = [one for one in left if alike(traces[index], telling.wrong(one, index), exercise, part, attempt)]
    left = [one for one in left if telling.shows(one, part)]
    if len(left) > 1 and part:
        left = [
            one
            for one in left
            if all(
                alike(traces[index], telling.wrong(one, index), exercise, "", attempt)
                for index, attempt in enumerate(telling.attempts)
            )
        ]
    return left[0] if len(left) == 1 else None


@cache
def telling_cases(name: str) -> Telling:
    """The telling cases of the exercise of that name."""
    return Telling(find(name)[0])


def trace(functions: tuple[Any, ...], exercise: Exercise, attempt: Attempt) -> Trace:
    """Use the functions once."""
    given = attempt.arguments()
    with np.errstate(all="ignore"):
        outcome = call(lambda: exercise.use(functions, given), functions, exercise.time_limit)
    arguments = zip(attempt.case.arguments, attempt.arguments(), given, strict=True)
    changed = tuple(name for name, before, after in arguments if change(before, after, name))
    return Trace(outcome.result, outcome.problem, changed)


def alike(one: Trace, other: Trace, exercise: Exercise, part: str, attempt: Attempt) -> bool:
    """Whether two traces of a case are the same to within rounding, in the entries of the part."""
    if one.problem or other.problem:
        return one.problem == other.problem
    if one.changed != other.changed:
        return False
    if exercise.summary:
        return _alike_in_summary(one.result, other.result, exercise, attempt.case)
    results = [one.result, other.result]
    if exercise.results and part:
        whole = [isinstance(result, (tuple, list)) and len(result) == len(exercise.results) for result in results]
        if not all(whole):
            return False
        wanted = [index for index, name in enumerate(exercise.results) if name in exercise.parts[part]]
        results = [[result[index] for index in wanted] for result in results]
    return _close(*results)


def _alike_in_summary(one: Any, other: Any, exercise: Exercise, case: Case) -> bool:
    assert exercise.summary
    try:
        a, b = (np.asarray(exercise.summary(result, case.arguments), dtype=np.float64) for result in (one, other))
    except Exception:
        return False  # a result of another form than the exercise asks for
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=CLOSE_SUMMARIES, atol=1e-9, equal_nan=True))


def _close(one: Any, other: Any) -> bool:
    """Equal to within rounding, NaN and infinity included; the type of a number does not count."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_close(one[key], other[key]) for key in one)
    if isinstance(one, Sequence) and isinstance(other, Sequence) and not isinstance(one, str):
        return len(one) == len(other) and all(map(_close, one, other))
    numbers = (int, float, np.integer, np.floating)
    if not all(type(value) is np.ndarray or isinstance(value, numbers) for value in (one, other)):
        return type(one) is type(other) and isinstance(one, (str, bool, type(None))) and one == other
    a, b = np.asarray(one), np.asarray(other)
    if a.shape != b.shape or a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return False
    finite = np.abs(b[np.isfinite(b)].astype(np.float64))
    scale = max(float(finite.max()), 0.01) if finite.size else 0.01
    return bool(np.allclose(a.astype(np.float64), b.astype(np.float64), rtol=0, atol=CLOSE * scale, equal_nan=True))
