"""Judge a trial, simplest call first, and stop at the first that goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab.grading.arguments import change, floats
from nnlab.grading.attempts import Attempt
from nnlab.grading.comparing import Difference, difference, unpack
from nnlab.grading.exercise import Exercise
from nnlab.grading.trials import Play, Trial
from nnlab.grading.wording import show


@dataclass(frozen=True)
class Failure:
    """How a function failed, and in which attempt; None where no call can show it. ``late``: by taking too long."""

    headline: str
    attempt: Attempt | None = None
    detail: str = ""
    difference: Difference | None = None
    late: bool = False


def first_failure(trial: Trial, part: str, draws: int, remarks: set[str]) -> Failure | None:
    """The first failure in a part, or None; ``remarks`` gathers what was noticed and costs nothing."""
    exercise = trial.exercise
    for name, function in zip(exercise.together or [exercise.function_name], trial.functions, strict=True):
        if not callable(function):
            return Failure(f"{name} is {show(function)}, not a function.")
    for number, play in enumerate(trial.plays(part, draws)):
        remarks.update(play.outcome.remarks)
        if part in play.right_in:
            continue
        failure = _judge_play(play, exercise, part, twice=play.attempt.twice or number == 0)
        if failure:
            return failure
        play.right_in.add(part)
    return None


def judge(result: Any, expected: Any, exercise: Exercise, part: str, dtype: Any) -> Difference | None:
    """The first difference between a result and the expected one, among the entries that belong to ``part``."""
    tolerance = exercise.tolerance
    if dtype == np.float32:
        tolerance = exercise.float32_tolerance or tolerance
    if not exercise.results:
        return difference(result, expected, "The result", dtype, tolerance)
    entries, wrong_form = unpack(result, exercise.results)
    if wrong_form:
        return wrong_form
    for name, right in zip(exercise.results, expected, strict=True):
        if name in exercise.parts.get(part, exercise.results):
            found = difference(entries[name], right, name, dtype, tolerance)
            if found:
                return found
    return None


def _judge_play(play: Play, exercise: Exercise, part: str, twice: bool) -> Failure | None:
    name, attempt, outcome = exercise.function_name, play.attempt, play.outcome
    if outcome.problem:
        shown = attempt if outcome.started else None
        return Failure(f"{name} {outcome.problem}.", shown, outcome.detail, outcome.flaw, outcome.late)
    if play.changed:
        argument, (part_name, old, new) = play.changed
        what = Difference(f"{part_name} must be the same after the call as before it.", new, old)
        return Failure(f"{name} changed its argument {argument}.", attempt, difference=what)
    judged = _judgement(play, exercise, part)
    wrong = judged(outcome.result)
    if wrong:
        return Failure(f"{name} gives a wrong result.", attempt, difference=wrong)
    return _judge_again(play, exercise, judged) if twice else None


def _judgement(play: Play, exercise: Exercise, part: str) -> Callable[[Any], Difference | None]:
    """What decides whether a result of this play is right."""
    attempt, own = play.attempt, exercise.judges.get(part, exercise.judge)
    if own:
        arguments = dict(zip(attempt.case.arguments, attempt.arguments(), strict=True))
        return lambda result: own(result, arguments)
    inside = floats(list(play.given))
    dtype = np.float32 if inside and all(array.dtype == np.float32 for array in inside) else np.float64
    return lambda result: judge(result, play.expected, exercise, part, dtype)


def _judge_again(play: Play, exercise: Exercise, judged: Callable[[Any], Difference | None]) -> Failure | None:
    """What a second call shows, with the same arguments and a random generator in the same state."""
    name, attempt, again = exercise.function_name, play.attempt, play.again
    if again.borrowed:
        asked = "Write it yourself, in NumPy: nnlab is what your work is checked against."
        return Failure(f"{name} lets {again.borrowed[0]} do the work.", detail=asked)
    if again.outcome.problem or judged(again.outcome.result):
        return Failure(f"{name} is right at first, and wrong when it is called again.", attempt, "Does it keep state?")
    if again.overwrote:
        return Failure(f"A second call of {name} changes what the first one returned.", attempt, "Return new arrays.")
    if exercise.judge and change(play.outcome.result, again.outcome.result, "result"):
        reason = "Draw from the generator rng that you are given, and from nothing else."
        return Failure(f"{name} gives two results for two generators in the same state.", attempt, reason)
    return None
