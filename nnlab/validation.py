"""Checks of arguments whose errors name the argument, what it got and what it needs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np


def real(
    name: str,
    value: Any,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """``value`` as a finite float in [low, high]; ``open_low`` and ``open_high`` leave out that end.

    Raises TypeError for what is no real number, ValueError for NaN, infinity and numbers out of range.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a real number, got {value!r} ({type(value).__name__})")
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond every float
        number = math.inf
    inside = low <= number <= high and not (open_low and number == low) and not (open_high and number == high)
    if not (math.isfinite(number) and inside):
        raise ValueError(f"{name} must be {_interval(low, high, open_low, open_high)}, got {value!r}")
    return number


def integer(name: str, value: Any, *, low: int = 0) -> int:
    """``value`` as an int that is at least ``low``; raises TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r} ({type(value).__name__})")
    if value < low:
        raise ValueError(f"{name} must be at least {low}, got {value!r}")
    return int(value)


def floating_dtype(name: str, value: Any) -> np.dtype:
    """``value`` as float32 or float64; raises ValueError for any other dtype."""
    try:
        dtype = np.dtype(value)
    except TypeError:
        dtype = None
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"{name} must be float32 or float64, got {value!r}")
    return dtype


def float_arrays(name: str, arrays: Any) -> None:
    """Raise TypeError unless ``arrays`` is a list or another sequence of arrays of float32 or a wider float."""
    if not isinstance(arrays, Sequence):
        raise TypeError(f"{name} must be a list of arrays, got {type(arrays).__name__}; put a single array in a list")
    for i, array in enumerate(arrays):
        dtype = getattr(array, "dtype", None)
        if dtype is None or isinstance(array, np.generic):
            raise TypeError(f"{name}[{i}] must be an array of floats, got {type(array).__name__}")
        if dtype.kind != "f" or dtype.itemsize < 4:
            raise TypeError(f"{name}[{i}] must be an array of float32 or float64, got dtype {dtype}")


def float_array(name: str, value: Any, dtype: Any = np.float64, xp: Any = np) -> Any:
    """``value`` as an array of ``xp`` with this float dtype, itself where it is one already.

    Raises TypeError for what holds no real numbers, ValueError for nested lists whose lengths differ.
    """
    if not isinstance(value, xp.ndarray):
        try:
            value = np.asarray(value.get() if hasattr(value, "get") and hasattr(value, "dtype") else value)
        except ValueError:
            raise ValueError(f"{name} must be an array, got nested lists whose lengths differ") from None
        except TypeError:
            raise TypeError(f"{name} must be an array of real numbers, got {type(value).__name__}") from None
    if value.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be an array of real numbers, got dtype {value.dtype}")
    with np.errstate(over="ignore"):  # a number too large for the dtype becomes infinite, which ``finite`` reports
        return xp.asarray(value, dtype=dtype)


def generator(name: str, value: Any) -> np.random.Generator:
    """``value`` itself when it is a generator, else a new one from this seed; raises TypeError or ValueError."""
    if isinstance(value, np.random.Generator):
        return value
    return np.random.default_rng(integer(name, value, low=0))


def finite(name: str, array: Any, xp: Any = np) -> None:
    """Raise ValueError, with the place of the first one, when a float array holds NaN or infinity."""
    bad = ~xp.isfinite(array)
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad.get() if hasattr(bad, "get") else bad)[0])
        raise ValueError(
            f"{name} must be finite, got {float(array[place])} at index {place} ({int(bad.sum())} such entries)"
        )


def _interval(low: float, high: float, open_low: bool, open_high: bool) -> str:
    if math.isinf(low) and math.isinf(high):
        return "finite"
    lower = "" if math.isinf(low) else f"greater than {low:g}" if open_low else f"at least {low:g}"
    upper = "" if math.isinf(high) else f"less than {high:g}" if open_high else f"at most {high:g}"
    return "a finite number, " + " and ".join(part for part in (lower, upper) if part)
