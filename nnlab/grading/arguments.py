"""Fresh arguments for every call: the same numbers as float64 or float32, contiguous, in Fortran order or strided."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "contiguous": lambda array: array.copy(order="C"),
    "in Fortran order": lambda array: array.copy(order="F"),
    "a slice of a larger array": lambda array: _strided(array),
}


def fresh(value: Any, layout: str = "contiguous", dtype: Any = None) -> Any:
    """A copy of ``value`` that shares no memory with it; float arrays take the layout and, if given, the dtype.

    The copy of a random generator goes on from the same state.
    """
    if isinstance(value, np.ndarray):
        if dtype is not None and value.dtype.kind == "f":
            value = value.astype(dtype)
        return LAYOUTS[layout](value)
    if isinstance(value, Mapping):
        return {key: fresh(item, layout, dtype) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(fresh(item, layout, dtype) for item in value)
    return copy.deepcopy(value) if isinstance(value, np.random.Generator) else value


def change(before: Any, after: Any, name: str) -> tuple[str, Any, Any] | None:
    """The first part of an argument that is no longer what it was, as (its name, before, after); None when all is.

    NaN equals NaN; dtype and shape count. A random generator is there to be drawn from, so it may change.
    """
    if isinstance(before, np.random.Generator):
        return None
    if isinstance(before, np.ndarray):
        same_form = isinstance(after, np.ndarray) and (before.shape, before.dtype) == (after.shape, after.dtype)
        return None if same_form and before.tobytes() == after.tobytes() else (name, before, after)
    if isinstance(before, Mapping):
        if before.keys() != after.keys():
            return name, ", ".join(map(repr, before)), ", ".join(map(repr, after))
        parts = [(before[key], after[key], f"{name}[{key!r}]") for key in before]
    elif isinstance(before, (list, tuple)):
        if len(before) != len(after):
            return name, before, after
        parts = [(old, new, f"{name}[{index}]") for index, (old, new) in enumerate(zip(before, after, strict=True))]
    else:
        return None if before is after or before == after else (name, before, after)
    return next((found for found in (change(*part) for part in parts) if found), None)


def floats(value: Any) -> list[np.ndarray]:
    """The float arrays inside ``value``, however nested."""
    if isinstance(value, np.ndarray):
        return [value] if value.dtype.kind == "f" else []
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [array for item in value for array in floats(item)]
    return []


def _strided(array: np.ndarray) -> np.ndarray:
    """The same numbers as every second entry along each axis of an array that is twice as large."""
    larger = np.zeros([2 * side for side in array.shape], array.dtype)
    view = larger[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view
