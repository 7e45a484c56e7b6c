"""Try a function on an exercise's calls, simplest first, and stop at the first that goes wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnlab.grading.arguments import LAYOUTS, change, floats, fresh
from nnlab.grading.borrowing import watched
from nnlab.grading.calling import call
from nnlab.grading.comparing import Difference, difference, unpack
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.wording import show


@dataclass(frozen=True)
class Attempt:
    """A case in the form it is tried: memory layout, float dtype, and whether it is called twice."""

    case: Case
    layout: str = "contiguous"
    dtype: Any = None
    twice: bool = False

    def arguments(self) -> list[Any]:
        """New copies of the arguments, for one call."""
        return [fresh(value, self.layout, self.dtype) for value in self.case.arguments.values()]

    @property
    def why(self) -> str:
        """What this attempt tests, in words."""
        form = [f"Here each array is {self.layout}."] if self.layout != "contiguous" else []
        form += ["Here the arrays are float32."] if self.dtype is not None else []
        return " ".join([*form, self.case.why]).strip()


@dataclass(frozen=True)
class Failure:
    """How a function failed, and in which attempt; None where no call can show it. ``late``: by taking too long."""

    headline: str
    attempt: Attempt | None = None
    detail: str = ""
    difference: Difference | None = None
    late: bool = False


def attempts(exercise: Exercise, rng: np.random.Generator, draws: int) -> Iterator[Attempt]:
    """The examples, then random cases that grow, then random cases in every memory layout and in float32."""
    for index, case in enumerate(exercise.examples()):
        yield Attempt(case, twice=index == 0)
    for index in range(draws):
        yield Attempt(exercise.draw(rng, 2 + index // 2), twice=index == 0)
    for layout in LAYOUTS:
        yield Attempt(exercise.draw(rng, 4), layout=layout)
    if exercise.float32_tolerance is not None:
        for size in (2, 4):
            yield Attempt(exercise.draw(rng, size), dtype=np.float32)


def first_failure(
    functions: tuple[Any, ...],
    exercise: Exercise,
    part: str,
    rng: np.random.Generator,
    draws: int,
    remarks: set[str],
) -> Failure | None:
    """The first failure of the functions, or None; ``remarks`` gathers what was noticed and costs nothing."""
    for name, function in zip(exercise.together or [exercise.function_name], functions, strict=True):
        if not callable(function):
            return Failure(f"{name} is {show(function)}, not a function.")
    chosen = [attempt for attempt in attempts(exercise, rng, draws) if exercise.concerns(part, attempt.case)]
    chosen[0] = replace(chosen[0], twice=True)
    tries = [(attempt, attempt.arguments()) for attempt in chosen]
    if exercise.play is None and hasattr(functions[0], "call_ahead"):
        functions[0].call_ahead([given for _, given in tries], exercise.time_limit)
    for attempt, given in tries:
        failure = _try(functions, exercise, part, attempt, given, remarks)
        if failure:
            return failure
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


def _try(
    functions: tuple[Any, ...],
    exercise: Exercise,
    part: str,
    attempt: Attempt,
    given: list[Any],
    remarks: set[str],
) -> Failure | None:
    name = exercise.function_name
    judged = _judgement(exercise, part, attempt)
    outcome = call(lambda: exercise.use(functions, given), functions, exercise.time_limit)
    remarks.update(outcome.remarks)
    if outcome.problem:
        shown = attempt if outcome.started else None
        return Failure(f"{name} {outcome.problem}.", shown, outcome.detail, outcome.flaw, outcome.late)
    for argument, before, after in zip(attempt.case.arguments, attempt.arguments(), given, strict=True):
        if found := change(before, after, argument):
            part_name, old, new = found
            what = Difference(f"{part_name} must be the same after the call as before it.", new, old)
            return Failure(f"{name} changed its argument {argument}.", attempt, difference=what)
    wrong = judged(outcome.result)
    if wrong:
        return Failure(f"{name} gives a wrong result.", attempt, difference=wrong)
    if not attempt.twice:
        return None
    return _again(functions, exercise, attempt, outcome.result, judged)


def _judgement(exercise: Exercise, part: str, attempt: Attempt) -> Callable[[Any], Difference | None]:
    """What decides whether a result of this attempt is right."""
    own = exercise.judges.get(part, exercise.judge)
    if own:
        arguments = dict(zip(attempt.case.arguments, attempt.arguments(), strict=True))
        return lambda result: own(result, arguments)
    inside = floats(attempt.arguments())
    dtype = np.float32 if inside and all(array.dtype == np.float32 for array in inside) else np.float64
    # The reference works in float64, on the very numbers the function is given.
    expected = exercise.use(exercise.references, fresh(attempt.arguments(), dtype=np.float64))
    return lambda result: judge(result, expected, exercise, part, dtype)


def _again(
    functions: tuple[Any, ...],
    exercise: Exercise,
    attempt: Attempt,
    first: Any,
    judged: Callable[[Any], Difference | None],
) -> Failure | None:
    """What a second call shows, with the same arguments and a random generator in the same state."""
    name, kept = exercise.function_name, fresh(first)
    # What runs in a sandbox has no nnlab to borrow from.
    local = [function for function in functions if not getattr(type(function), "isolated", False)]
    watch: contextlib.AbstractContextManager[list[str]]
    watch = watched(exercise.references) if local else contextlib.nullcontext([])
    with watch as borrowed:
        second = call(lambda: exercise.use(functions, attempt.arguments()), functions, exercise.time_limit)
    if borrowed:
        asked = "Write it yourself, in NumPy: nnlab is what your work is checked against."
        return Failure(f"{name} lets {borrowed[0]} do the work.", detail=asked)
    if second.problem or judged(second.result):
        return Failure(f"{name} is right at first, and wrong when it is called again.", attempt, "Does it keep state?")
    if change(kept, first, "result"):
        return Failure(f"A second call of {name} changes what the first one returned.", attempt, "Return new arrays.")
    if exercise.judge and change(kept, second.result, "result"):
        reason = "Draw from the generator rng that you are given, and from nothing else."
        return Failure(f"{name} gives two results for two generators in the same state.", attempt, reason)
    return None
