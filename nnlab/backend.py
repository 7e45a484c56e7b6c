"""The one seam between NumPy and CuPy: which module holds and computes a network's arrays."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

Array = Any  # a NumPy or a CuPy array


def _numpy() -> ModuleType:
    return np


def _cupy() -> ModuleType:
    try:
        import cupy
    except ImportError as error:
        raise RuntimeError(
            'device="cuda" needs CuPy and an NVIDIA GPU. Install CuPy with: pip install "nnlab[gpu]", '
            'or use device="cpu".'
        ) from error
    try:
        cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise RuntimeError(f'device="cuda": CuPy is installed but finds no GPU ({error}). Use device="cpu".') from error
    return cupy


DEVICES: dict[str, Callable[[], ModuleType]] = {"cpu": _numpy, "cuda": _cupy}


def array_module(device: str) -> ModuleType:
    """The array module of a device: NumPy for ``"cpu"``, CuPy for ``"cuda"``.

    Raises ValueError for another name, RuntimeError when CuPy or a GPU is missing.
    """
    if device not in DEVICES:
        raise ValueError(f"device must be one of {sorted(DEVICES)}, got {device!r}")
    return DEVICES[device]()


def to_host(array: Array) -> np.ndarray:
    """The array as NumPy's, copied from the GPU when it lives there."""
    return array.get() if hasattr(array, "get") else np.asarray(array)


def module_of(array: Array) -> Any:
    """The module an array's functions live in: NumPy, CuPy, or the namespace that the array itself names."""
    if isinstance(array, np.ndarray):
        return np
    if hasattr(array, "__array_namespace__"):
        return array.__array_namespace__()
    return sys.modules[type(array).__module__.partition(".")[0]]  # CuPy 14's arrays do not name theirs
