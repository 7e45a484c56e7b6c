"""Recognise a known mistake by what a function returns, where it can be only that one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from nnlab.grading.arguments import change
from nnlab.grading.calling import call
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises import find
from nnlab.grading.misconceptions.library import Misconception, misconceptions
from nnlab.grading.trying import Attempt, attempts

SEED, DRAWS = 20, 8
CLOSE = 1e-6
CLOSE_SUMMARIES = 0.05


@dataclass(frozen=True)
class Trace:
    """What one case made of some functions: a result or a problem, and the arguments that were changed."""

    result: Any
    problem: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Telling:
    """The cases that tell an exercise's mistakes apart, and what each mistake, and the reference, makes of them."""

    attempts: list[Attempt]
    right: list[Trace]
    wrong: dict[str, list[Trace]]


def diagnose(functions: tuple[Any, ...], exercise: Exercise, part: str) -> Misconception | None:
    """The one known mistake that does in every telling case what these functions do; None where several do, or none.

    A part is judged by its own entries first; mistakes that agree on them are told apart by the whole results.
    """
    known = misconceptions(exercise.name)
    if not known:
        return None
    telling = telling_cases(exercise.name)
    traces: list[Trace] = []
    left = [one for one in known if _differs(telling.right, telling.wrong[one.name], exercise, part, telling.attempts)]
    for index, attempt in enumerate(telling.attempts):
        traces.append(trace(functions, exercise, attempt))
        left = [one for one in left if alike(traces[index], telling.wrong[one.name][index], exercise, part, attempt)]
        if not left:
            return None
    if len(left) > 1 and part:
        whole = zip(*([traces] + [telling.wrong[one.name] for one in left]), telling.attempts, strict=True)
        agree = [[alike(own, other, exercise, "", attempt) for other in others] for own, *others, attempt in whole]
        left = [one for one, same in zip(left, zip(*agree, strict=True), strict=True) if all(same)]
    return left[0] if len(left) == 1 else None


@cache
def telling_cases(name: str) -> Telling:
    """The examples of the exercise and random cases, always the same, with the traces of every known mistake."""
    exercise, _ = find(name)
    tried = list(attempts(exercise, np.random.default_rng(SEED), DRAWS))
    cases = [Attempt(attempt.case) for attempt in tried if attempt.dtype is None and attempt.layout == "contiguous"]
    right = [trace(exercise.references, exercise, attempt) for attempt in cases]
    wrong = {one.name: [trace(one.functions, exercise, attempt) for attempt in cases] for one in misconceptions(name)}
    return Telling(cases, right, wrong)


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


def _differs(right: list[Trace], wrong: list[Trace], exercise: Exercise, part: str, tried: list[Attempt]) -> bool:
    """Whether a mistake shows in this part in any telling case."""
    rows = zip(right, wrong, tried, strict=True)
    return not all(alike(one, other, exercise, part, attempt) for one, other, attempt in rows)


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
