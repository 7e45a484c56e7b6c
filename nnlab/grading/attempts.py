"""The calls by which an exercise is tried: its examples, and random cases of every size, memory layout and dtype."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
        self._exercise, self._seed = exercise, seed
        self._examples = [Attempt(case, twice=index == 0) for index, case in enumerate(exercise.examples())]
        self._drawn: list[Attempt] = []
        self._forms: list[Attempt] = []

    def first(self, draws: int) -> Iterator[Attempt]:
        """The examples, then so many random cases that grow, then one in every memory layout and some in float32."""
        yield from self._examples
        for index in range(draws):
            if index == len(self._drawn):
                self._drawn.append(Attempt(self._draw("growing", index, 2 + index // 2), twice=index == 0))
            yield self._drawn[index]
        self._forms = self._forms or [*self._in_all_forms()]
        yield from self._forms

    def _in_all_forms(self) -> Iterator[Attempt]:
        for layout in LAYOUTS:
            yield self._in_layout(layout)
        if self._exercise.float32_tolerance is not None:
            for index, size in enumerate((2, 4)):
                yield Attempt(self._draw("float32", index, size), dtype=np.float32)

    def _in_layout(self, layout: str) -> Attempt:
        """A case in which the layout shows: it does not in arrays of one axis, which an exercise may draw."""
        for index in range(TRIES):
            attempt = Attempt(self._draw(layout, index, 4), layout=layout)
            whole = all(array.flags.c_contiguous for array in floats(attempt.arguments()))
            if whole == (layout == "contiguous"):
                break
        return attempt

    def _draw(self, purpose: str, index: int, size: int) -> Case:
        """A case of its own random numbers, whatever was drawn before."""
        key = (("growing", "float32", *LAYOUTS).index(purpose), index)
        return self._exercise.draw(np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=key)), size)
