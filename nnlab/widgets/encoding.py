"""Arrays as few bytes: quantized where the eye cannot tell, deltas and byte planes where that compresses better."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

LINE_STEPS = 8192
DRAWN_BITS = 14
RATIO_BITS = 9
_NUMBER = re.compile(r"[+−-]?\d[\d,]*(?:\.\d+)?(?:×10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?%?")


@dataclass
class Body:
    """The growing binary part of a pack."""

    parts: list[bytes] = field(default_factory=list)
    length: int = 0

    def add(self, data: bytes) -> int:
        """Append; returns where the data starts."""
        start = self.length
        self.parts.append(data)
        self.length += len(data)
        return start


@dataclass(frozen=True)
class Precision:
    """How finely numbers have to be known: exactly enough to be said, or to be drawn on an axis.

    ``span`` is the length of the shortest fixed axis they are drawn on, None without one; ``ratio``: only ratios are
    seen, as on logarithmic axes.
    """

    exact: bool = False
    span: float | None = None
    ratio: bool = False

    @property
    def bits(self) -> int:
        """Bits of a float32's mantissa worth keeping."""
        return 23 if self.exact else RATIO_BITS if self.ratio else DRAWN_BITS


def _planes(codes: np.ndarray) -> bytes:
    """Bytes plane by plane, all lowest bytes first: equal high bytes then stand together."""
    width = codes.dtype.itemsize
    return codes.astype(codes.dtype.newbyteorder("<")).view(np.uint8).reshape(-1, width).T.tobytes()


def _deltas(codes: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Differences within each state, wrapping around, so that one state can be read without the ones before it."""
    out = codes.copy()
    out[1:] -= codes[:-1]
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])[sizes > 0]
    out[starts] = codes[starts]
    return out


def add_codes(body: Body, codes: np.ndarray, sizes: np.ndarray) -> dict[str, Any]:
    """Store unsigned codes in the smaller of two ways: as they are, or as differences within each state."""
    plain = _planes(codes)
    choices = {False: plain}
    if len(codes) > len(sizes):
        choices[True] = _planes(_deltas(codes, sizes))
    delta = min(choices, key=lambda key: len(zlib.compress(choices[key], 6)))
    return {"start": body.add(choices[delta]), "count": len(codes), "width": codes.dtype.itemsize, "delta": delta}


def smallest(codes: np.ndarray) -> np.ndarray:
    """Non-negative integers in the narrowest unsigned type of at most four bytes."""
    top = int(codes.max(initial=0))
    return codes.astype(np.uint8 if top < 2**8 else np.uint16 if top < 2**16 else np.uint32)


def round_mantissa(values: np.ndarray, bits: int) -> np.ndarray:
    """float32 or float64 with the mantissa rounded to so many bits: relative error at most 2^−(bits + 1).

    NaN and ±∞ stay; a number near the type's largest may become ∞.
    """
    kind, mantissa = ("u4", 23) if values.dtype == np.float32 else ("u8", 52)
    drop = mantissa - bits
    if drop <= 0:
        return values
    raw = values.view(kind)
    rounded = ((raw + (1 << (drop - 1))) >> drop) << drop
    return np.where(np.isfinite(values), rounded, raw).astype(kind).view(values.dtype)


def _needs_double(values: np.ndarray, precision: Precision) -> bool:
    """Whether float32 would lose some number altogether, to ∞ or, where that is seen, to 0."""
    sizes = np.abs(values[np.isfinite(values) & (values != 0)])
    is_seen = precision.exact or precision.ratio
    return bool(sizes.max(initial=0) > 3e38 or (is_seen and sizes.min(initial=1) < 1.2e-38))


def _linear(values: np.ndarray, span: float) -> tuple[np.ndarray, float, float] | None:
    """Codes on a line in steps of span / 8192, the last three for NaN, ∞, −∞; None where they do not fit."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    low, high = float(finite.min()), float(finite.max())
    step = span / LINE_STEPS
    count = (high - low) / step
    if not count < 2**16 - 4:
        return None
    kind = np.uint8 if count < 2**8 - 4 else np.uint16
    top = 2 ** (8 * np.dtype(kind).itemsize) - 3
    codes = np.empty(values.shape, dtype=kind)
    is_finite = np.isfinite(values)
    codes[is_finite] = np.rint((values[is_finite] - low) / step).astype(kind)
    codes[np.isnan(values)] = top
    codes[values == np.inf] = top + 1
    codes[values == -np.inf] = top + 2
    return codes, low, step


def _integers(values: np.ndarray) -> tuple[np.ndarray, int] | None:
    """Whole numbers as codes above their minimum; None for others, and where codes would need more than 32 bits."""
    if not len(values):
        return np.zeros(0, np.uint8), 0
    if values.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.rint(values)).all()):
        return None
    low, high = int(values.min()), int(values.max())
    if max(abs(low), abs(high)) > 2**52 or high - low >= 2**32:
        return None
    return smallest((values.astype(np.int64) - low).astype(np.uint64)), low


def _doubles(body: Body, values: np.ndarray) -> dict[str, Any]:
    return {"start": body.add(_planes(values)), "count": len(values), "width": 8, "delta": False}


def add_numbers(body: Body, values: np.ndarray, sizes: np.ndarray, precision: Precision) -> dict[str, Any]:
    """Store numbers: whole ones as they are, drawn ones on a line or with a rounded mantissa, said ones in float32.

    Of floats that are whole only those that fit codes of 32 bits count as whole; integers stay exact up to 2⁵³, where
    the page's numbers end.
    """
    base = {"kind": "number", "offset": 0, "step": 1}
    whole = _integers(values)
    if whole is not None:
        codes, low = whole
        return base | {"encoding": "integer", "offset": low, "column": add_codes(body, codes, sizes)}
    if values.dtype.kind in "iu":
        return base | {"encoding": "float", "column": _doubles(body, values.astype(np.float64))}
    values = values.astype(np.float64)
    line = None if precision.exact or precision.span is None else _linear(values, precision.span)
    if line is not None:
        codes, offset, step = line
        return base | {"encoding": "linear", "offset": offset, "step": step, "column": add_codes(body, codes, sizes)}
    if _needs_double(values, precision):
        rounded = round_mantissa(values, 52 if precision.exact else precision.bits)
        return base | {"encoding": "float", "column": _doubles(body, rounded)}
    single = round_mantissa(values.astype(np.float32), precision.bits)
    return base | {"encoding": "float", "column": add_codes(body, single.view(np.uint32), sizes)}


def add_text(body: Body, texts: np.ndarray, sizes: np.ndarray) -> dict[str, Any]:
    """Store texts as a few templates and the numbers that stand in them, each distinct number once a place."""
    templates: dict[tuple[str, ...], int] = {}
    which = np.zeros(len(texts), np.uint32)
    rows: list[list[str]] = []
    for i, text in enumerate(texts):
        which[i] = templates.setdefault(tuple(_NUMBER.split(text)), len(templates))
        rows.append(_NUMBER.findall(text))
    tables: list[list[str]] = []
    slots = []
    for place in range(max((len(row) for row in rows), default=0)):
        table: dict[str, int] = {}
        codes = np.array(
            [table.setdefault(row[place], len(table)) if place < len(row) else 0 for row in rows], np.uint32
        )
        tables.append(list(table))
        slots.append(add_codes(body, smallest(codes), sizes))
    return {
        "kind": "text",
        "templates": [list(template) for template in templates],
        "template": add_codes(body, smallest(which), sizes),
        "tables": tables,
        "slots": slots,
    }
