"""A stand-in for CuPy's arrays: they mix with numbers and with each other, and refuse to become NumPy arrays.

Code that passes one to a NumPy function, as would fail or copy from the GPU with CuPy, raises TypeError here.
"""

from __future__ import annotations

import operator
from types import SimpleNamespace
from typing import Any

import numpy as np


class StrictArray:
    """A NumPy array that only functions of ``StrictArray.__array_namespace__()`` and operators may read."""

    __array_ufunc__ = None

    def __init__(self, host: np.ndarray) -> None:
        self._host = host

    def __array__(self, *args: Any, **settings: Any) -> np.ndarray:
        raise TypeError("a device array does not become a NumPy array by itself; use get()")

    def __array_namespace__(self) -> SimpleNamespace:
        return NAMESPACE

    def get(self) -> np.ndarray:
        return self._host.copy()

    def __getitem__(self, key: Any) -> StrictArray:
        return strict(self._host[_host(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._host[_host(key)] = _host(value)

    def __len__(self) -> int:
        return len(self._host)

    def __float__(self) -> float:
        return float(self._host)

    def __bool__(self) -> bool:
        return bool(self._host)

    def __abs__(self) -> StrictArray:
        return strict(abs(self._host))

    def __neg__(self) -> StrictArray:
        return strict(-self._host)

    def reshape(self, *shape: Any) -> StrictArray:
        return strict(self._host.reshape(*shape))

    def copy(self) -> StrictArray:
        return strict(self._host.copy())

    def sum(self, axis: Any = None) -> StrictArray:
        return strict(self._host.sum(axis=axis))

    def max(self) -> StrictArray:
        return strict(self._host.max())

    T = property(lambda self: strict(self._host.T))
    shape = property(lambda self: self._host.shape)
    dtype = property(lambda self: self._host.dtype)
    ndim = property(lambda self: self._host.ndim)
    size = property(lambda self: self._host.size)
    nbytes = property(lambda self: self._host.nbytes)


def strict(array: Any) -> StrictArray:
    """``array`` as a device array that shares its memory."""
    return array if isinstance(array, StrictArray) else StrictArray(np.asarray(array))


def _host(value: Any) -> Any:
    """The host's view of an operand; NumPy's own arrays are refused, numbers are not."""
    if isinstance(value, np.ndarray):
        raise TypeError(f"a NumPy array of shape {value.shape} met a device array")
    return value._host if isinstance(value, StrictArray) else value


def _operator(function: Any, reflected: bool = False) -> Any:
    def method(self: StrictArray, other: Any) -> StrictArray:
        operands = (_host(other), self._host) if reflected else (self._host, _host(other))
        return strict(function(*operands))

    return method


def _in_place(function: Any) -> Any:
    def method(self: StrictArray, other: Any) -> StrictArray:
        function(self._host, _host(other), out=self._host, casting="same_kind")
        return self

    return method


for _name, _function in {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide}.items():
    setattr(StrictArray, f"__{_name}__", _operator(_function))
    setattr(StrictArray, f"__r{_name}__", _operator(_function, reflected=True))
    setattr(StrictArray, f"__i{_name}__", _in_place(_function))
for _name in ("matmul", "and_", "lt", "le", "gt", "ge"):
    setattr(StrictArray, f"__{_name.rstrip('_')}__", _operator(getattr(operator, _name)))


def _function(name: str) -> Any:
    def call(*arguments: Any, out: StrictArray | None = None, **settings: Any) -> StrictArray:
        if not any(isinstance(argument, StrictArray) for argument in arguments):
            raise TypeError(f"{name} was called without a device array")
        if out is not None:
            settings["out"] = out._host
        result = getattr(np, name)(*map(_host, arguments), **settings)
        return strict(result) if out is None else out

    return call


_NAMES = "abs add clip divide dot maximum minimum multiply sign sqrt subtract where zeros_like exp"
NAMESPACE = SimpleNamespace(
    **{name: _function(name) for name in _NAMES.split()}, empty=lambda shape, dtype: strict(np.empty(shape, dtype))
)
