"""A stand-in for CuPy: the functions of ``standard_arrays``, each computed by array-api-strict's function of its name.

``copyto``, ``dot`` and ``random`` are not in the array standard; its functions compute them too.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import array_api_strict as standard
import numpy as np
from standard_arrays import DEVICE, SharedDType, dtype_of, ndarray, placed, written

_NAMES = """
    abs add clip count_nonzero divide exp greater greater_equal isfinite log log1p maximum minimum multiply negative
    sign sqrt subtract tanh where zeros_like
"""


def _function(name: str) -> Any:
    return lambda *operands, out=None: written(getattr(standard, name)(*operands), out)


for _name in _NAMES.split():
    globals()[_name] = _function(_name)
dot = ndarray.dot


def empty(shape: Any, dtype: Any = float) -> ndarray:
    return placed(standard.empty(shape, dtype=dtype_of(dtype), device=DEVICE))


def full(shape: Any, value: float, dtype: Any = float) -> ndarray:
    return placed(standard.full(shape, value, dtype=dtype_of(dtype), device=DEVICE))


def zeros(shape: Any, dtype: Any = float) -> ndarray:
    return full(shape, 0.0, dtype)


def ones(shape: Any, dtype: Any = float) -> ndarray:
    return full(shape, 1.0, dtype)


def arange(stop: int) -> ndarray:
    return placed(standard.arange(stop, device=DEVICE))


def array(value: Any, dtype: Any = None) -> ndarray:
    """A copy on the device of an array from there or from the host; this and ``asarray`` alone move data."""
    return placed(standard.asarray(value, dtype=dtype_of(dtype), device=DEVICE, copy=True))


def asarray(value: Any, dtype: Any = None) -> ndarray:
    return value if isinstance(value, ndarray) and dtype in (None, value.dtype) else array(value, dtype)


def copyto(target: ndarray, source: ndarray, where: ndarray | None = None) -> None:
    target[...] = source if where is None else standard.where(where, source, target)


class _Generator:
    """A device's generator: NumPy's numbers, moved there."""

    def __init__(self, seed: int) -> None:
        self._host = np.random.default_rng(seed)

    def random(self, size: Any, dtype: SharedDType, out: ndarray) -> ndarray:
        return written(array(self._host.random(size, dtype.numpy)), out)


random = SimpleNamespace(default_rng=_Generator)
