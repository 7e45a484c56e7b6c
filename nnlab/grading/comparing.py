"""Compare what came back with what was expected, by exact type, and say where they part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_SCALARS = (int, float, np.integer, np.floating)
_SMALLEST_SCALE = 0.01  # below it rounding in sums of numbers near 1 is as large as the result


@dataclass(frozen=True)
class Difference:
    """One sentence on what is wrong, and the two values that show it."""

    sentence: str
    got: Any
    expected: Any


def difference(got: Any, expected: Any, name: str, dtype: Any, tolerance: float) -> Difference | None:
    """The first difference between two results, or None when ``got`` is right.

    expected: a float, an array, or a dict, list or tuple of them. A number may come as a Python float, a NumPy scalar
    or a 0-d array of any float dtype; an array must be a plain ndarray of ``dtype`` and of the expected shape.
    Entries may differ by ``tolerance`` times the largest expected entry, or times 0.01 where that is larger.
    """
    if got is None:
        return Difference(f"{name} is None. Does every path through the function end in a `return`?", got, expected)
    if isinstance(expected, Mapping):
        return _compare_dicts(got, expected, name, dtype, tolerance)
    if isinstance(expected, (list, tuple)):
        return _compare_lists(got, expected, name, dtype, tolerance)
    if isinstance(expected, np.ndarray):
        return _compare_arrays(got, expected, name, dtype, tolerance)
    return _compare_numbers(got, float(expected), name, tolerance)


def unpack(got: Any, names: tuple[str, ...]) -> tuple[dict[str, Any], Difference | None]:
    """The entries of a returned tuple (or list) by name, or what is wrong with its form."""
    form = "(" + ", ".join(names) + ")"
    if not isinstance(got, (tuple, list)):
        return {}, Difference(f"It must return {len(names)} things, {form}; it returned {kind(got)}.", got, form)
    if len(got) != len(names):
        return {}, Difference(f"It must return {len(names)} things, {form}; it returned {len(got)}.", got, form)
    return dict(zip(names, got, strict=True)), None


def kind(value: Any) -> str:
    """What a value is, in words."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        article = "an array" if type(value) is np.ndarray else f"a {type(value).__name__}"
        return f"{article} of shape {value.shape} and dtype {value.dtype}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _compare_dicts(got: Any, expected: Mapping[str, Any], name: str, dtype: Any, tolerance: float) -> Difference | None:
    wanted = ", ".join(repr(key) for key in expected)
    if not isinstance(got, Mapping):
        return Difference(
            f"{name} must be a dict with the keys {wanted}; it is {kind(got)}.", got, f"a dict with {wanted}"
        )
    if set(got) != set(expected):
        given = ", ".join(repr(key) for key in got) or "none"
        return Difference(f"{name} must have the keys {wanted}; it has {given}.", given, wanted)
    for key, value in expected.items():
        found = difference(got[key], value, f"{name}[{key!r}]", dtype, tolerance)
        if found:
            return found
    return None


def _compare_lists(got: Any, expected: Sequence[Any], name: str, dtype: Any, tolerance: float) -> Difference | None:
    if not isinstance(got, (list, tuple)):
        return Difference(f"{name} must be a list of {len(expected)}; it is {kind(got)}.", got, expected)
    if len(got) != len(expected):
        return Difference(f"{name} must have {len(expected)} entries; it has {len(got)}.", got, expected)
    entries = enumerate(zip(got, expected, strict=True))
    found = (difference(one, right, f"{name}[{index}]", dtype, tolerance) for index, (one, right) in entries)
    return next((what for what in found if what), None)


def _compare_numbers(got: Any, expected: float, name: str, tolerance: float) -> Difference | None:
    zero_dimensional = type(got) is np.ndarray and got.shape == () and got.dtype.kind in "fi"
    if isinstance(got, bool) or not (isinstance(got, _SCALARS) or zero_dimensional):
        return Difference(f"{name} must be a single number; it is {kind(got)}.", got, expected)
    value = float(got)
    if not np.isfinite(value):
        return Difference(f"{name} is {value}, not a finite number.", value, expected)
    if abs(value - expected) > tolerance * max(abs(expected), _SMALLEST_SCALE):
        return Difference(f"{name} is {_digits(value, expected)}.", value, expected)
    return None


def _compare_arrays(got: Any, expected: np.ndarray, name: str, dtype: Any, tolerance: float) -> Difference | None:
    if expected.shape == () and isinstance(got, np.floating):
        got = np.asarray(got)
    wrong = wrong_form(got, name, expected.shape, expected)
    if wrong:
        return wrong
    error = np.abs(got.astype(np.float64) - expected)
    if expected.size and error.max() > tolerance * max(np.abs(expected).max(), _SMALLEST_SCALE):
        at = tuple(int(i) for i in np.unravel_index(error.argmax(), error.shape))
        place = f" at {list(at)}" if at else ""
        return Difference(f"{name}{place} is {_digits(float(got[at]), float(expected[at]))}.", got, expected)
    if got.dtype != dtype:
        rule = "float32 in must give float32 out" if dtype == np.float32 else "float64 in must give float64 out"
        return Difference(f"{name} has the dtype {got.dtype}: {rule}.", got, expected)
    return None


def wrong_form(got: Any, name: str, shape: tuple[int, ...], expected: Any = "") -> Difference | None:
    """What keeps ``got`` from being a plain array of finite floats of that shape, or None."""
    expected = expected if isinstance(expected, np.ndarray) else f"an array of shape {shape}"
    if type(got) is not np.ndarray:
        return Difference(f"{name} must be a NumPy array; it is {kind(got)}.", got, expected)
    if got.shape != shape:
        return Difference(f"{name} has the shape {got.shape}; it must be {shape}.", got, expected)
    if got.dtype.kind != "f":
        return Difference(f"{name} must hold floats; its dtype is {got.dtype}.", got, expected)
    if not np.isfinite(got).all():
        bad = tuple(int(i) for i in np.argwhere(~np.isfinite(got))[0])
        return Difference(f"{name} holds {got[bad]}, first at {list(bad)}.", got, expected)
    return None


def _digits(got: float, expected: float) -> str:
    """Both numbers with as many digits as it takes to see them differ."""
    for digits in (5, 9, 17):
        a, b = f"{got:.{digits}g}", f"{expected:.{digits}g}"
        if a != b:
            break
    return f"{a}, expected {b}"
