"""Initial weights: each function draws a (fan_in, fan_out) matrix from a random generator.

All raise TypeError or ValueError for fans that are no positive whole numbers. Weights that a restricted Boltzmann
machine learned are an initial matrix too: ``given`` hands them to a layer, and ``nnlab.rbm.pretrain`` learns them.

For one linear unit, Var(y) = fan_in · Var(w) · E(x²). Keeping the variance of activations asks for Var(w) = 1/fan_in,
keeping that of gradients for 1/fan_out; a ReLU drops half of E(x²), which the factor 2 of He's scheme makes up for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.validation import finite, float_array, integer, real

# in quotes, so that importing this module does not import numpy.random
Initializer = Callable[["np.random.Generator", int, int], np.ndarray]


def check_initializer(name: str, value: Any) -> Initializer:
    """``value`` itself; raises TypeError unless it can be called."""
    if not callable(value):
        raise TypeError(f"{name} must be a function (rng, fan_in, fan_out) -> matrix such as he_normal, got {value!r}")
    return value


def draw(initializer: Initializer, rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    """What the initializer draws; raises ValueError unless it is a (fan_in, fan_out) array of finite numbers."""
    matrix = float_array("the initializer's matrix", initializer(rng, fan_in, fan_out))
    if matrix.shape != (fan_in, fan_out):
        raise ValueError(f"the initializer must return shape {(fan_in, fan_out)}, {initializer!r} gave {matrix.shape}")
    finite("the initializer's matrix", matrix)
    return matrix


def _shape(fan_in: int, fan_out: int) -> tuple[int, int]:
    return integer("fan_in", fan_in, low=1), integer("fan_out", fan_out, low=1)


def zeros(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    """All zeros: every hidden unit then computes, and learns, the same thing."""
    return np.zeros(_shape(fan_in, fan_out))


def constant(value: float) -> Initializer:
    """An initializer that fills the matrix with ``value``."""
    value = real("value", value)
    return lambda rng, fan_in, fan_out: np.full(_shape(fan_in, fan_out), value)


def given(matrix: Any) -> Initializer:
    """An initializer that hands out copies of ``matrix``, such as weights that were learned before."""
    matrix = float_array("matrix", matrix).copy()
    return lambda rng, fan_in, fan_out: matrix.copy()


def normal(rng: np.random.Generator, fan_in: int, fan_out: int, std: float = 0.01) -> np.ndarray:
    """N(0, std²); ``std`` is the standard deviation, not the variance."""
    return rng.normal(0.0, real("std", std, low=0), _shape(fan_in, fan_out))


def uniform(rng: np.random.Generator, fan_in: int, fan_out: int, limit: float = 0.01) -> np.ndarray:
    """U[−limit, limit]."""
    return rng.uniform(-real("limit", limit, low=0), limit, _shape(fan_in, fan_out))


def lecun_normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    """N(0, 1/fan_in) (LeCun et al. 1998, "Efficient BackProp")."""
    fan_in, fan_out = _shape(fan_in, fan_out)
    return normal(rng, fan_in, fan_out, std=math.sqrt(1 / fan_in))


def xavier_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    """U[−√6/√(fan_in + fan_out), +√6/√(fan_in + fan_out)], of variance 2/(fan_in + fan_out) (Glorot & Bengio 2010)."""
    fan_in, fan_out = _shape(fan_in, fan_out)
    return uniform(rng, fan_in, fan_out, limit=math.sqrt(6 / (fan_in + fan_out)))


def xavier_normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    """N(0, 2/(fan_in + fan_out)) (Glorot & Bengio 2010)."""
    fan_in, fan_out = _shape(fan_in, fan_out)
    return normal(rng, fan_in, fan_out, std=math.sqrt(2 / (fan_in + fan_out)))


def he_uniform(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    """U[−√(6/fan_in), √(6/fan_in)], of variance 2/fan_in (He et al. 2015)."""
    fan_in, fan_out = _shape(fan_in, fan_out)
    return uniform(rng, fan_in, fan_out, limit=math.sqrt(6 / fan_in))


def he_normal(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    """N(0, 2/fan_in): 2/fan_in is the variance, √(2/fan_in) the standard deviation (He et al. 2015)."""
    fan_in, fan_out = _shape(fan_in, fan_out)
    return normal(rng, fan_in, fan_out, std=math.sqrt(2 / fan_in))


def orthogonal(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    """A random matrix with orthonormal rows or columns, whichever are fewer, uniform among such (Saxe et al. 2013).

    The Q of a Gaussian matrix's QR decomposition, its columns' signs set by R's diagonal: without that the
    distribution is not uniform (Mezzadri 2007).
    """
    rows, columns = _shape(fan_in, fan_out)
    gaussian = rng.normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(gaussian)
    q *= np.where(np.diag(r) < 0, -1.0, 1.0)
    return q if rows >= columns else np.ascontiguousarray(q.T)
