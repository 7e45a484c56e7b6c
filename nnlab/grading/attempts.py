"""The calls by which an exercise is tried: its examples, and random cases of every size, memory layout and dtype."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nnlab.grading.arguments import LAYOUTS, floats, fresh
from nnlab.grading.exercise import Case, Exercise

TRIES = 8


@dataclass(frozen=True, eq=False)
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


class Attempts:
    """An exercise's attempts for one seed, simplest first; however many are asked for, each is always the same one."""

    def __init__(self, exercise: Exercise, seed: int) -> None:
        self._draw, self._seed = exercise.draw, seed
        self._examples = [Attempt(case, twice=index == 0) for index, case in enumerate(exercise.examples())]
        self._growing, self._drawn = self._rng("growing"), list[Attempt]()
        self._sizes_in_float32 = () if exercise.float32_tolerance is None else (2, 4)

    def first(self, draws: int) -> Iterator[Attempt]:
        """The examples, then so many random cases that grow, then one in every memory layout and some in float32."""
        yield from self._examples
        for index in range(draws):
            if index == len(self._drawn):
                self._drawn.append(Attempt(self._draw(self._growing, 2 + index // 2), twice=index == 0))
            yield self._drawn[index]
        yield from self._in_all_forms

    @cached_property
    def _in_all_forms(self) -> list[Attempt]:
        rng = self._rng("float32")
        single = [Attempt(self._draw(rng, size), dtype=np.float32) for size in self._sizes_in_float32]
        return [self._in_layout(layout) for layout in LAYOUTS] + single

    def _in_layout(self, layout: str) -> Attempt:
        """A case in which the layout shows: it does not in arrays of one axis, which an exercise may draw."""
        rng = self._rng(layout)
        for _ in range(TRIES):
            attempt = Attempt(self._draw(rng, 4), layout=layout)
            whole = all(array.flags.c_contiguous for array in floats(attempt.arguments()))
            if whole == (layout == "contiguous"):
                break
        return attempt

    def _rng(self, purpose: str) -> np.random.Generator:
        """Random numbers for one purpose, which do not depend on how many were drawn for another."""
        key = ("growing", "float32", *LAYOUTS).index(purpose)
        return np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=(key,)))
