"""Small data sets that are drawn, not stored: each shows one thing about learning.

``seed`` is an int or a ``numpy.random.Generator``. x is float64 and shuffled; all functions raise TypeError or
ValueError for a number of examples below 1 or noise below 0.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from nnlab.validation import generator, integer, real

# in quotes, so that importing this module does not import numpy.random
Seed: TypeAlias = "int | np.random.Generator"


def two_moons(n: int = 500, noise: float = 0.1, seed: Seed = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two interleaved half circles: x (n, 2), y (n,) labels 0 and 1. A line separates them badly, a curve well.

    Moon 0 is (cos t, sin t), moon 1 is (1 − cos t, ½ − sin t), for t uniform in [0, π]; N(0, noise²) is added.
    """
    n, noise, rng = integer("n", n, low=1), real("noise", noise, low=0), generator("seed", seed)
    y = _labels(n, 2, rng)
    t = rng.uniform(0, math.pi, n)
    upper, lower = np.stack([np.cos(t), np.sin(t)], 1), np.stack([1 - np.cos(t), 0.5 - np.sin(t)], 1)
    return _noisy(np.where(y[:, None] == 0, upper, lower), noise, rng), y


def circles(n: int = 500, noise: float = 0.1, factor: float = 0.5, seed: Seed = 0) -> tuple[np.ndarray, np.ndarray]:
    """A circle of radius 1, label 0, around one of radius ``factor``, label 1: x (n, 2), y (n,).

    No line separates them. N(0, noise²) is added to both coordinates. Raises ValueError unless 0 < factor < 1.
    """
    n, noise, rng = integer("n", n, low=1), real("noise", noise, low=0), generator("seed", seed)
    factor = real("factor", factor, low=0, high=1, open_low=True, open_high=True)
    y = _labels(n, 2, rng)
    t = rng.uniform(0, 2 * math.pi, n)
    radius = np.where(y == 0, 1.0, factor)
    return _noisy(np.stack([radius * np.cos(t), radius * np.sin(t)], 1), noise, rng), y


def spirals(
    n: int = 500, noise: float = 0.02, classes: int = 2, turns: float = 1.0, seed: Seed = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Spiral arms wound around each other, one a class: x (n, 2) within the unit circle, y (n,).

    A point at radius r, uniform in [0.05, 1], has the angle 2π(turns · r + class/classes); N(0, noise²) is added.
    Raises ValueError unless classes ≥ 2 and turns > 0.
    """
    n, noise, rng = integer("n", n, low=1), real("noise", noise, low=0), generator("seed", seed)
    classes, turns = integer("classes", classes, low=2), real("turns", turns, low=0, open_low=True)
    y = _labels(n, classes, rng)
    r = rng.uniform(0.05, 1, n)
    angle = 2 * math.pi * (turns * r + y / classes)
    return _noisy(np.stack([r * np.cos(angle), r * np.sin(angle)], 1), noise, rng), y


def noisy_sine(n: int = 50, noise: float = 0.2, periods: float = 1.0, seed: Seed = 0) -> tuple[np.ndarray, np.ndarray]:
    """A regression: x (n, 1) uniform in [−1, 1], y (n, 1) = sin(π · periods · x) + N(0, noise²).

    Few examples and a large network show over-fitting; the curve beneath is known.
    Raises ValueError unless periods > 0.
    """
    n, noise, rng = integer("n", n, low=1), real("noise", noise, low=0), generator("seed", seed)
    periods = real("periods", periods, low=0, open_low=True)
    x = rng.uniform(-1, 1, (n, 1))
    return x, _noisy(np.sin(math.pi * periods * x), noise, rng)


def sparse_features(
    n: int = 1000, features: int = 100, exponent: float = 1.0, seed: Seed = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Features that are mostly 0, some of them rare and as telling as the common ones: x (n, features), y (n,).

    Entry (i, j) is 1 with probability ½ · (j + 1)^−exponent, else 0, so with exponent 1 the last of 100 features shows
    once in 200 examples. The label is 1 where x · w is above its mean, for weights w = ±1. A rule with one rate for all
    hardly moves the rare features' weights; AdaGrad keeps their rate high (Duchi et al. 2011).
    Raises ValueError unless features ≥ 1 and exponent ≥ 0.
    """
    n, features, rng = integer("n", n, low=1), integer("features", features, low=1), generator("seed", seed)
    exponent = real("exponent", exponent, low=0)
    chance = 0.5 * np.arange(1.0, features + 1) ** -exponent
    weights = rng.choice([-1.0, 1.0], features)
    x = (rng.random((n, features)) < chance).astype(np.float64)
    return x, ((x - chance) @ weights > 0).astype(np.int64)


def _labels(n: int, classes: int, rng: np.random.Generator) -> np.ndarray:
    """Labels in random order, every class as often as every other, give or take one."""
    return rng.permutation(np.arange(n, dtype=np.int64) % classes)


def _noisy(values: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    return values + noise * rng.normal(size=values.shape)
