"""A list of arrays that are consecutive views of one flat vector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nnlab.backend import Array


class FlatArrays(list):
    """Arrays of the given shapes, laid one after another in the vector ``flat``.

    An elementwise update rule may then work on ``flat`` in one pass instead of on each array in turn.
    Raises ValueError when the shapes do not hold as many entries as the vector.
    """

    def __init__(self, flat: Array, shapes: Sequence[tuple[int, ...]]) -> None:
        sizes = [math.prod(shape) for shape in shapes]
        if sum(sizes) != flat.size:
            raise ValueError(f"shapes hold {sum(sizes)} entries in all, the flat vector has {flat.size}")
        super().__init__()
        self.flat = flat
        start = 0
        for shape, size in zip(shapes, sizes, strict=True):
            self.append(flat[start : start + size].reshape(shape))
            start += size

    def __reduce__(self) -> tuple[Any, ...]:
        # a copy must hold views of the copied vector, not a copy of every view
        return type(self), (self.flat, [array.shape for array in self])
