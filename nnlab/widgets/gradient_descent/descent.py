"""Runs an optimizer down a surface, and says where the run left for infinity."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nnlab.optimizers import Optimizer

BLOW_UP = 100.0


def descend(
    optimizer: Optimizer, gradient: Callable[[np.ndarray], np.ndarray], start: Sequence[float] | np.ndarray, steps: int
) -> np.ndarray:
    """The positions before the first step and after each: (steps + 1, len(start)).

    gradient maps a position to an array like it. A position that overflows stays ±∞ or NaN in the path.
    """
    w = np.array(start, dtype=np.float64)
    path = np.empty((steps + 1, *w.shape))
    path[0] = w
    for step in range(1, steps + 1):
        optimizer.step([w], [np.asarray(gradient(w), dtype=np.float64)])
        path[step] = w
    return path


def diverged_at(loss: np.ndarray) -> int:
    """The first step whose loss is over 100 times the first one, or no number; −1 when there is none."""
    gone = ~(loss <= BLOW_UP * loss[0])
    return int(np.argmax(gone)) if gone.any() else -1


def on_map(path: np.ndarray, reach: float) -> np.ndarray:
    """The path to draw: NaN where a weight is farther out than ``reach``, for SVG takes no numbers beyond 10³⁸."""
    return np.where(np.abs(path) <= reach, path, np.nan)


def reached_at(loss: np.ndarray, target: float) -> int:
    """The first step whose loss is at most ``target``; −1 when there is none."""
    there = loss <= target
    return int(np.argmax(there)) if there.any() else -1
