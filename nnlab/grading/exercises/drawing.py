"""Numbers for cases: hand-written arrays, and random ones of random sides."""

from __future__ import annotations

from collections.abc import Callable
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
    """A function of one array that knows how to write itself, so that a message can show it."""

    def __init__(self, text: str, function: Callable[[np.ndarray], Any]) -> None:
        self.text, self.function = text, function

    def __call__(self, x: np.ndarray) -> float:
        return float(self.function(x))

    def __repr__(self) -> str:
        return self.text
