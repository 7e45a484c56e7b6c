"""A stand-in for CuPy where there is no GPU: its arrays mix with numbers and each other, and with nothing of NumPy's.

What fails with CuPy fails here: a NumPy function called with a device array, an operator between an array of NumPy's
and one of the device's, an ``out`` of the wrong kind. Reductions stay on the device as arrays without axes, and arrays
do not name their namespace. It says nothing about CUDA itself.
"""

from __future__ import annotations

import operator
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np


class ndarray:
    """An array on the pretended device."""

    __array_ufunc__ = None
    __module__ = "cupy"
    __hash__ = None

    def __init__(self, host: np.ndarray) -> None:
        self._host = host

    def __array__(self, *args: Any, **settings: Any) -> np.ndarray:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Use get() instead.")

    def get(self) -> np.ndarray:
        return self._host.copy()

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._host, name) if not name.startswith("__") else None
        if value is None:
            raise AttributeError(name)
        return on_device(value)

    def __getitem__(self, key: Any) -> ndarray:
        return wrapped(self._host[unwrapped(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._host[unwrapped(key)] = unwrapped(value)

    def __len__(self) -> int:
        return len(self._host)

    def __iter__(self) -> Any:
        return (wrapped(row) for row in self._host)

    def __float__(self) -> float:
        return float(self._host)

    def __int__(self) -> int:
        return int(self._host)

    def __bool__(self) -> bool:
        return bool(self._host)

    def __format__(self, how: str) -> str:
        return format(self._host.item() if self._host.ndim == 0 else self._host, how)

    def __repr__(self) -> str:
        return repr(self._host)


def wrapped(value: Any) -> Any:
    """Arrays and NumPy's numbers as arrays on the device, anything else as it is."""
    if isinstance(value, np.ndarray | np.generic):
        return ndarray(np.asarray(value))
    return tuple(map(wrapped, value)) if isinstance(value, tuple) else value


def unwrapped(value: Any) -> Any:
    """What is on the device as NumPy's; raises TypeError for arrays that are not on the device."""
    if isinstance(value, ndarray):
        return value._host
    if isinstance(value, np.ndarray):
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    return type(value)(map(unwrapped, value)) if isinstance(value, tuple | list) else value


def on_device(value: Any) -> Any:
    """A function or method that takes and returns what is on the device; an attribute as it is, arrays wrapped."""
    if not callable(value) or isinstance(value, type | np.generic):
        return value if not isinstance(value, np.ndarray) else wrapped(value)

    def call(*arguments: Any, **settings: Any) -> Any:
        out = settings.get("out")
        if out is not None and not isinstance(out, ndarray):
            raise TypeError(f"out must be a device array, got {type(out).__name__}")
        result = value(*map(unwrapped, arguments), **{name: unwrapped(setting) for name, setting in settings.items()})
        return wrapped(result) if out is None else out

    return call


def _operator(name: str) -> Any:
    function = getattr(operator, name)

    def method(self: ndarray, *others: Any) -> Any:
        return wrapped(function(self._host, *map(unwrapped, others)))

    def in_place(self: ndarray, other: Any) -> ndarray:
        self._host = function(self._host, unwrapped(other))
        return self

    return in_place if name.startswith("__i") and name != "__invert__" else method


def _reflected(name: str) -> Any:
    function = getattr(operator, name)
    return lambda self, other: wrapped(function(unwrapped(other), self._host))


BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor")
for name in (*BINARY, *(f"i{name}" for name in BINARY), *("lt", "le", "eq", "ne", "gt", "ge", "neg", "abs", "invert")):
    setattr(ndarray, f"__{name}__", _operator(f"__{name}__"))
for name in BINARY:
    setattr(ndarray, f"__r{name}__", _reflected(f"__{name}__"))


class _Generator:
    """``cupy.random.Generator``: its own stream, drawn on the device."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng([seed, 1])

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> ndarray:
        return on_device(self._rng.random)(size=size, dtype=dtype, out=out)


class CUDARuntimeError(RuntimeError):
    """What CuPy raises when there is no GPU."""


class _Group:
    """``cupyx.distributed.NCCLBackend`` of one process: the sum over it is what it gave."""

    def __init__(self, size: int, rank: int, use_mpi: bool) -> None:
        assert (size, rank, use_mpi) == (1, 0, True)

    def all_reduce(self, sent: ndarray, received: ndarray) -> None:
        received[...] = sent

    def broadcast(self, array: ndarray, root: int) -> None:
        assert isinstance(array, ndarray) and root == 0


class _Module(ModuleType):
    """NumPy's functions, for arrays on the device."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(np, name):
            raise AttributeError(f"the stand-in for CuPy has no {name}")
        return on_device(getattr(np, name))


def _from_host(function: Any) -> Any:
    """Functions that move arrays to the device."""
    return lambda value, dtype=None: value if _is_already(value, dtype) else ndarray(function(_host(value), dtype))


def _is_already(value: Any, dtype: Any) -> bool:
    return isinstance(value, ndarray) and dtype in (None, value._host.dtype)


def _host(value: Any) -> Any:
    return value._host if isinstance(value, ndarray) else value


def modules() -> dict[str, ModuleType]:
    """What to put into ``sys.modules`` for CuPy."""
    cupy, cuda, cupyx = _Module("cupy"), ModuleType("cupy.cuda"), ModuleType("cupyx")
    cuda.runtime = SimpleNamespace(getDeviceCount=lambda: 1, CUDARuntimeError=CUDARuntimeError)  # type: ignore[attr-defined]
    cuda.nccl = SimpleNamespace(available=True)  # type: ignore[attr-defined]
    cuda.Device = lambda number: SimpleNamespace(use=lambda: None)  # type: ignore[attr-defined]
    cupyx.distributed = SimpleNamespace(init_process_group=_Group)  # type: ignore[attr-defined]
    cupy.cuda, cupy.ndarray = cuda, ndarray
    cupy.asarray, cupy.array = _from_host(np.asarray), lambda value, dtype=None: ndarray(np.array(_host(value), dtype))
    cupy.random = SimpleNamespace(default_rng=_Generator)
    return {"cupy": cupy, "cupy.cuda": cuda, "cupyx": cupyx}
