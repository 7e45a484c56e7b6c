"""The exercises of every problem set, found by name. A new set is one module here and one entry in SETS."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from nnlab.grading.arguments import fresh
from nnlab.grading.borrowing import unwatched
from nnlab.grading.exercise import Exercise
from nnlab.grading.exercises import ps1, ps2, ps3, ps4, ps5

SETS: dict[str, list[Exercise]] = {
    "ps1": ps1.EXERCISES,
    "ps2": ps2.EXERCISES,
    "ps3": ps3.EXERCISES,
    "ps4": ps4.EXERCISES,
    "ps5": ps5.EXERCISES,
}
CAPSTONE = ("train", "predict")  # ps6 is judged by what these two achieve, not call by call


def exercises() -> dict[str, Exercise]:
    """Every exercise by its name, such as "ps1.softmax"."""
    return {exercise.name: exercise for problem_set in SETS.values() for exercise in problem_set}


def asked_for() -> frozenset[str]:
    """The names of all functions that the problem sets ask for."""
    names = {name for one in exercises().values() for name in (one.together or (one.function_name,))}
    return frozenset(names.union(CAPSTONE))


def find(name: str) -> tuple[Exercise, str]:
    """The exercise of that name and the part asked for, "" for all of it; raises KeyError for an unknown name."""
    known = exercises()
    if name in known:
        return known[name], ""
    whole, _, part = name.rpartition(".")
    if whole in known and part in known[whole].parts:
        return known[whole], part
    names = [*known, *(f"{one.name}.{part}" for one in known.values() for part in one.parts)]
    near = difflib.get_close_matches(name, names, n=1)
    raise KeyError(f"there is no exercise {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))


def function_names(names: Iterable[str]) -> dict[str, Callable[..., Any]]:
    """The references of these exercises, by the names that students give the functions."""
    known = exercises()
    return {known[name].function_name: _lendable(known[name].references[0]) for name in names}


def _lendable(reference: Callable[..., Any]) -> Callable[..., Any]:
    """A reference that takes arrays of any memory layout, as students' functions must."""
    return unwatched(lambda *arguments: reference(*map(_own, arguments)))


def _own(value: Any) -> Any:
    """An argument as a reference takes it; a random generator is drawn from, not copied.

    Of a generator that stays in the student's process only its state is known here; another follows from that.
    """
    if isinstance(value, np.random.Generator):
        return value
    state = getattr(value, "state", None)
    return np.random.default_rng(zlib.crc32(repr(state).encode())) if isinstance(state, dict) else fresh(value)
