"""``check``: does a student's function solve an exercise, and if not, which call and which mistake show it?"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from nnlab.grading.diagnosing import diagnose
from nnlab.grading.exercise import Exercise
from nnlab.grading.exercises import find, function_names
from nnlab.grading.misconceptions.library import Misconception
from nnlab.grading.trials import Trial
from nnlab.grading.trying import Failure, first_failure
from nnlab.grading.wording import CheckFailed, message, show

DRAWS = 12


def check(
    function: Callable[..., Any] | tuple[Callable[..., Any], ...],
    name: str,
    *,
    seed: int | None = None,
    draws: int = DRAWS,
) -> None:
    """Raise CheckFailed, with an explanation, unless ``function`` solves the exercise.

    function: or a tuple of the functions that an exercise grades together, in its order.
    name: an exercise such as "ps1.softmax", or one part of it such as "ps1.cross_entropy.loss".
    seed: of the random calls; a message names it, to repeat them. By default 0, and a fresh one when nbgrader grades.
    draws: how many random calls to try, from small to large, after the fixed ones.

    When a submission is graded, the checks of one exercise share a seed and the calls made with it.

    What is right: the reference's numbers to within rounding, by any algorithm; arrays of the inputs' float type,
    numbers as Python or NumPy floats. The arguments must be left as they were, and a second call must agree with the
    first. Letting nnlab do the work is no solution. Warnings and printing are remarked upon and cost nothing. A mistake
    that is known, and that alone explains the results, is named. Raises KeyError when there is no such exercise, and
    TypeError for another number of functions than it has.
    """
    exercise, part = find(name)
    remarks: set[str] = set()
    functions = function if isinstance(function, tuple) else (function,)
    if len(functions) != len(exercise.references):
        raise TypeError(f'check takes {exercise.called} for "{name}"; it got {len(functions)} functions')
    trial = _trial(functions, exercise, seed)
    failure = first_failure(trial, part, draws, remarks)
    if failure:
        with _lent(functions, exercise) as lent:
            again = Trial(functions, exercise, trial.seed)
            if lent and not first_failure(again, part, draws, set()):
                failure = None
                remarks.add(f"it is right, and fails only because of {' or '.join(lent)}: mend those")
    for remark in sorted(remarks)[:3]:
        print(f"Remark on {exercise.function_name}: {remark}.")
    if failure:
        more = "" if draws == DRAWS else f", draws={draws}"
        repeat = f'check({exercise.called}, "{name}", seed={trial.seed}{more})'
        mistake = diagnose(functions, exercise, part) if failure.attempt and not failure.late else None
        raise CheckFailed(explain(failure, repeat, mistake))


def explain(failure: Failure, repeat: str, mistake: Misconception | None = None) -> str:
    """The message of a failure, at most twelve lines; ``repeat`` is the code that shows it again."""
    found, attempt = failure.difference, failure.attempt
    rows: list[tuple[str, str]] = []
    if mistake:
        page, _, heading = mistake.section.partition("#")
        rows += [("mistake", mistake.explanation), ("read", f"book/{page}.html" + (f"#{heading}" if heading else ""))]
    if attempt:
        arguments: list[tuple[str, str]] = []
        for argument, value in attempt.case.arguments.items():
            arguments.append(("" if arguments else "with", f"{argument} = {show(value)}"))
        rows += arguments
    if found:
        rows += [("got", show(found.got)), ("expected", show(found.expected))]
    if not mistake:
        rows += [("that is", found.sentence if found else ""), ("reason", failure.detail)]
        rows.append(("idea", attempt.why if attempt else ""))
    if attempt:
        rows.append(("again", repeat))
    return message(failure.headline, rows)


def _trial(functions: tuple[Any, ...], exercise: Exercise, seed: int | None) -> Trial:
    """The functions' trial: a new one, or in a sandbox the one that earlier checks of this exercise have begun."""
    fresh = secrets.randbits(32) if os.environ.get("NBGRADER_EXECUTION") == "autograde" else 0
    memory = getattr(functions[0], "memory", None)
    if memory is None or seed is not None:
        return Trial(functions, exercise, fresh if seed is None else seed)
    key = (exercise.name, *(getattr(function, "__name__", "") for function in functions))
    if key not in memory:
        memory[key] = Trial(functions, exercise, fresh)
    return memory[key]


@contextlib.contextmanager
def _lent(functions: tuple[Any, ...], exercise: Exercise) -> Iterator[list[str]]:
    """Put the references in place of earlier functions that these may call, so that their errors stay their own.

    Yields the names that were replaced.
    """
    scope = getattr(functions[0], "__globals__", {})
    needed = function_names(exercise.builds_on)
    kept = {name: scope[name] for name in needed if name in scope and scope[name] not in functions}
    scope.update({name: needed[name] for name in kept})
    try:
        yield sorted(kept)
    finally:
        scope.update(kept)
