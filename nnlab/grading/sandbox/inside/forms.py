"""What crosses the border beside plain data, what bounds it, and the error of what cannot."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

INTEGER_BYTES = 512
DIMENSIONS = 32
DTYPES = frozenset("?bBhHiIlLqQefdgFDG")
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
KINDS = ("function", "object", "yours", "lent", "module")
LONG = struct.Struct("<q")
DOUBLE = struct.Struct("<d")
SHAPES = tuple(struct.Struct(f"<{ndim}q") for ndim in range(65))  # NumPy's arrays have up to 64 axes


class CodecError(ValueError):
    """The value or the bytes cannot cross the border; the message says why."""


@dataclass(frozen=True)
class Reference:
    """Stands for something that stays on its own side of the border.

    kind: "function" or "object" (the sender's), "yours" (the receiver's own, on its way back), "lent" (a function of
    the sender that the receiver may call back), "module".
    """

    kind: str
    number: int
    name: str


@dataclass(frozen=True)
class Portable:
    """A function that the receiver makes for itself: an expression of ``x`` and of arrays, by name.

    Only the trusted side sends one, and only the student's side accepts it.
    """

    expression: str
    arrays: dict[str, np.ndarray]


class Kept(tuple[Any, ...]):
    """A student's tuple of a type of its own, such as a namedtuple: its entries here, the object itself there.

    origin: what stands for that object, and goes back in place of the entries.
    """

    origin: Any = None
