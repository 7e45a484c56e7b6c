"""A stand-in for CuPy's arrays: they mix with numbers and with each other, and refuse to become NumPy arrays.

Code that passes one to a NumPy function, as would fail or copy from the GPU with CuPy, raises TypeError here.
"""

from __future__ import annotations

import operator
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np


class StrictArray:
    """A NumPy array that only functions of ``StrictArray.__array_namespace__()`` and operators may read."""

    __array_ufunc__ = None

    def __init__(self, host: np.ndarray) -> None:
        self._host = host

    def __array__(self, *args: Any, **settings: Any) -> np.ndarray:
        raise TypeError("a device array does not become a NumPy array by itself; use get()")

    def __array_namespace__(self) -> ModuleType:
        return NAMESPACE

    def get(self) -> np.ndarray:
        return self._host.copy()

    def __getitem__(self, key: Any) -> StrictArray:
        return strict(self._host[_host(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._host[_host(key)] = _host(value)

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Any:
        raise TypeError("iterating over a device array copies it entry by entry")

    def __int__(self) -> int:
        return int(self._host)

    def __invert__(self) -> StrictArray:
        return strict(~self._host)

    def __deepcopy__(self, memo: dict) -> StrictArray:
        return self.copy()

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

    def max(self, axis: Any = None, out: StrictArray | None = None, keepdims: bool = False) -> StrictArray:
        result = self._host.max(axis=axis, out=None if out is None else out._host, keepdims=keepdims)
        return strict(result) if out is None else out

    def argmax(self, axis: Any = None) -> StrictArray:
        return strict(self._host.argmax(axis=axis))

    def any(self) -> StrictArray:
        return strict(self._host.any())

    def dot(self, other: StrictArray, out: StrictArray | None = None) -> StrictArray:
        if not isinstance(other, StrictArray):
            raise TypeError(f"dot of a device array and {type(other).__name__}")
        result = self._host.dot(other._host, out=None if out is None else out._host)
        return strict(result) if out is None else out

    def astype(self, dtype: Any) -> StrictArray:
        return strict(self._host.astype(dtype))

    def transpose(self, *axes: int) -> StrictArray:
        return strict(self._host.transpose(*axes))

    def fill(self, value: float) -> None:
        self._host.fill(_host(value))

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
for _name in ("matmul", "and_", "lt", "le", "gt", "ge", "eq", "ne"):
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


def _maker(make: Any) -> Any:
    return lambda *arguments, **settings: strict(make(*arguments, **settings))


def _copyto(target: StrictArray, source: Any, where: Any = True) -> None:
    np.copyto(target._host, _host(source), where=_host(where))


class _Generator:
    """A device's generator: its arrays are made on the device."""

    def __init__(self, seed: int) -> None:
        self._host = np.random.default_rng(seed)

    def random(self, size: Any, dtype: Any, out: StrictArray) -> StrictArray:
        self._host.random(size=size, dtype=dtype, out=out._host)
        return out


_NAMES = (
    "abs add clip count_nonzero divide dot exp greater greater_equal isfinite log log1p maximum minimum "
    "multiply negative sign sqrt subtract tanh where zeros_like"
)
NAMESPACE = ModuleType("strict_namespace", "The functions of device arrays; a module, as CuPy's are.")
for _name in _NAMES.split():
    setattr(NAMESPACE, _name, _function(_name))
for _name in ("empty", "zeros", "ones", "full", "arange"):
    setattr(NAMESPACE, _name, _maker(getattr(np, _name)))
NAMESPACE.ndarray = StrictArray
NAMESPACE.copyto = _copyto
NAMESPACE.random = SimpleNamespace(default_rng=_Generator)
# data moves to the device by these two alone
NAMESPACE.array = lambda value, dtype=None: strict(np.array(getattr(value, "_host", value), dtype=dtype))
NAMESPACE.asarray = lambda value, dtype=None: strict(np.asarray(getattr(value, "_host", value), dtype=dtype))
sys.modules["strict_namespace"] = NAMESPACE  # so that a copied layer finds it by its name
