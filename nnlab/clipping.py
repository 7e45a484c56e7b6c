"""Gradient clipping: a bound on how far one step can be thrown by an exploding gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nnlab.backend import Array, module_of
from nnlab.flat import FlatArrays
from nnlab.validation import float_arrays, real


def clip_by_value(gradients: Sequence[Array], limit: float) -> None:
    """Bring every entry into [−limit, limit], in place: g ← min(max(g, −limit), limit).

    It may turn the direction of the gradient; ``clip_by_global_norm`` keeps it.
    Raises ValueError unless limit > 0, TypeError for what is no list of float arrays.
    """
    limit = real("limit", limit, low=0, open_low=True)
    for g in _arrays(gradients):
        module_of(g).clip(g, -limit, limit, out=g)


def clip_by_global_norm(gradients: Sequence[Array], max_norm: float) -> float:
    """g ← g · min(1, max_norm/‖all gradients‖), in place; returns that norm as it was before.

    ‖all gradients‖ = √(the sum of the squares of all entries of all arrays), so the gradient of the whole network
    keeps its direction. Entries whose squares overflow are clipped like others. An infinite or NaN entry leaves
    NaN: such a gradient has no direction.
    Raises ValueError unless max_norm > 0, TypeError for what is no list of float arrays.
    Source: R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks", 2013,
    arXiv:1211.5063.
    """
    max_norm = real("max_norm", max_norm, low=0, open_low=True)
    norm = global_norm(gradients)
    if not norm <= max_norm:
        for g in _arrays(gradients):
            with np.errstate(invalid="ignore"):
                g *= max_norm / norm
    return norm


def global_norm(gradients: Sequence[Array]) -> float:
    """√(the sum of the squares of all entries of all arrays)."""
    arrays = _arrays(gradients)
    with np.errstate(over="ignore"):
        norm = math.sqrt(sum(_square(array.reshape(-1)) for array in arrays))
        if math.isfinite(norm):
            return norm
        peak = max(float(abs(array).max()) for array in arrays if array.size)
        if not math.isfinite(peak):
            return peak
        # squares of float32 overflow above 2e19: measure in units of the largest entry
        return peak * math.sqrt(sum(_square(array.reshape(-1) / peak) for array in arrays))


def _square(vector: Array) -> float:
    return float(module_of(vector).dot(vector, vector))


def _arrays(arrays: Sequence[Array]) -> Sequence[Array]:
    """The same entries in as few arrays as possible."""
    float_arrays("gradients", arrays)
    return [arrays.flat] if isinstance(arrays, FlatArrays) else arrays
