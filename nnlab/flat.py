"""A list of arrays that are consecutive views of one flat vector."""

from __future__ import annotations

from collections.abc import Sequence

from nnlab.backend import Array


class FlatArrays(list):
    """Arrays of the given shapes, laid one after another in the vector ``flat``.

    An elementwise update rule may then work on ``flat`` in one pass instead of on each array in turn.
    """

    def __init__(self, flat: Array, shapes: Sequence[tuple[int, ...]]) -> None:
        super().__init__()
        self.flat = flat
        start = 0
        for shape in shapes:
            size = 1
            for length in shape:
                size *= length
            self.append(flat[start : start + size].reshape(shape))
            start += size
        if start != flat.size:
            raise ValueError(f"shapes hold {start} entries in all, the flat vector has {flat.size}")
