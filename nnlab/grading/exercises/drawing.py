"""Numbers for cases: hand-written arrays, and random ones of random sides."""

from __future__ import annotations

from typing import Any

import numpy as np


def array(values: Any) -> np.ndarray:
    """Hand-written numbers as a float64 array."""
    return np.array(values, dtype=np.float64)


def labels(*values: int) -> np.ndarray:
    """Hand-written class labels."""
    return np.array(values, dtype=np.int64)


def sides(rng: np.random.Generator, size: int, count: int) -> list[int]:
    """``count`` sides of arrays, each from 1 to size + 1; unequal ones tell rows from columns."""
    return [int(side) for side in rng.integers(1, size + 2, count)]


class Formula:
    """A function of one array, written as an expression of ``x`` and of named arrays, that shows itself in messages.

    An array that it returns is new and has the dtype of x; a single number is a Python float.
    ``portable`` holds the expression and the arrays, so that a sandbox can compute it by itself: a numerical gradient
    calls its function hundreds of times, and each call across the border costs as much as a thousand within.
    """

    def __init__(self, expression: str, note: str = "", **arrays: np.ndarray) -> None:
        self.text = f"lambda x: {expression}" + (f", {note}" if note else "")
        self.portable = (expression, arrays)
        self._function = eval(f"lambda x: {expression}", {"np": np, **arrays})

    def __call__(self, x: np.ndarray) -> float | np.ndarray:
        value = self._function(x)
        return np.array(value, getattr(x, "dtype", None)) if np.ndim(value) else float(value)

    def __repr__(self) -> str:
        return self.text
