"""Arrays of array-api-strict on its "device1", with what nnlab uses of NumPy's and CuPy's arrays besides.

They compute, are indexed, promote dtypes and check devices by array-api-strict's own code: none becomes NumPy's, or
meets an array of the host, a NumPy number, or a dtype that the array standard does not let it meet. Added are methods,
``out=``, which the standard's assignment writes and so refuses a wider dtype, and dtypes that equal NumPy's.

Where the standard is silent or forbids what NumPy and CuPy both do, these arrays do it: ``a[i]`` and ``a[i:j]`` stand
for ``a[i, ...]`` and ``a[i:j, ...]``, and j may lie beyond the end; an array of indices takes rows, and assigns entries
one by one; booleans are summed; they and whole numbers are assigned to floats; a float and whole numbers make floats.
"""

from __future__ import annotations

import importlib
from typing import Any

import array_api_strict as standard
import numpy as np

DEVICE, HOST = standard.Device("device1"), standard.Device("CPU_DEVICE")
Array, DType = type(standard.empty(0)), type(standard.float32)  # classes that the standard has no names for


class SharedDType(DType):
    """A dtype of the standard that equals NumPy's of its name, as CuPy's dtypes do."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.numpy = np.dtype(name)
        self.kind, self.itemsize = self.numpy.kind, self.numpy.itemsize

    def __eq__(self, other: object) -> bool:
        return self.numpy == other if isinstance(other, type | np.dtype) else super().__eq__(other)

    __hash__ = DType.__hash__


DTYPES = {getattr(standard, name): SharedDType(name) for name in ("bool", "int64", "float32", "float64")}


def dtype_of(value: Any) -> DType | None:
    return value if value is None or isinstance(value, DType) else SharedDType(np.dtype(value).name)


class ndarray(Array):
    """An array of the standard on the device."""

    __slots__ = ()

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return importlib.import_module("standard_device")

    @property
    def dtype(self) -> SharedDType:
        return DTYPES[super().dtype]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> ndarray:
        if isinstance(key, Array) and key.dtype == standard.int64:
            return placed(standard.take(self, key, axis=0))
        return placed(super().__getitem__(self._whole(key)))

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, Array) and key.dtype == standard.int64:
            for i, place in enumerate(key):
                self[int(place)] = value[i]
        else:
            if self.dtype.kind == "f" and isinstance(value, Array) and value.dtype in (standard.bool, standard.int64):
                value = standard.astype(value, self.dtype)
            super().__setitem__(self._whole(key), value)

    def _whole(self, key: Any) -> Any:
        """An index of the first axis as one of all axes."""
        if isinstance(key, slice) and key.stop is not None:
            key = slice(key.start, min(key.stop, len(self)), key.step)
        return (key, ...) if isinstance(key, int | slice) else key

    def reshape(self, *shape: Any) -> ndarray:
        return placed(standard.reshape(self, shape[0] if isinstance(shape[0], tuple) else shape))

    def transpose(self, *axes: int) -> ndarray:
        return placed(standard.permute_dims(self, axes))

    def astype(self, dtype: Any) -> ndarray:
        return placed(standard.astype(self, dtype_of(dtype)))

    def copy(self) -> ndarray:
        return placed(standard.asarray(self, copy=True))

    def fill(self, value: float) -> None:
        self[...] = value

    def get(self) -> np.ndarray:
        return np.asarray(self.to_device(HOST))

    def any(self) -> ndarray:
        return placed(standard.any(self))

    def argmax(self, axis: int | None = None) -> ndarray:
        return placed(standard.argmax(self, axis=axis))

    def sum(self, axis: Any = None) -> ndarray:
        return placed((standard.count_nonzero if self.dtype == bool else standard.sum)(self, axis=axis))

    def max(self, axis: Any = None, out: ndarray | None = None, keepdims: bool = False) -> ndarray:
        return written(standard.max(self, axis=axis, keepdims=keepdims), out)

    def dot(self, other: ndarray, out: ndarray | None = None) -> ndarray:
        return written(standard.matmul(self, other), out)


def placed(result: Array) -> ndarray:
    """A result of array-api-strict as an array of this module."""
    assert result.device == DEVICE
    result.__class__ = ndarray
    return result


def written(result: Array, out: ndarray | None) -> ndarray:
    """The result, in ``out`` where there is one."""
    if out is None:
        return placed(result)
    if result.shape != out.shape:
        raise ValueError(f"out of shape {out.shape} takes no result of shape {result.shape}")
    out[...] = result
    return out


def _operator(name: str) -> Any:
    def method(self: ndarray, other: Any) -> ndarray:
        numbers = self.astype(float) if isinstance(other, float) and self.dtype == int else self
        return placed(getattr(Array, name)(numbers, other))

    return method


for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv"):
    setattr(ndarray, f"__{_name}__", _operator(f"__{_name}__"))
