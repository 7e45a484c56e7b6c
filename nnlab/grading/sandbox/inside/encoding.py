"""Plain data to bytes: each type spelled out, and no method of a student's type ever run.

One tag byte, then the value; integers of this format are little-endian and 8 bytes long. A general format such as
MessagePack has no tuples, no dtypes and no shapes, and its readers reserve memory for the length that a list announces;
here a list of n values needs n bytes still to come, and an array exactly its own bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .forms import BIT_GENERATORS, DOUBLE, DTYPES, INTEGER_BYTES, KINDS, LONG, CodecError, Kept, Portable, Reference


class Encoder:
    """Turns values into bytes.

    other: what to do with a value that is not plain data; returns a Reference or a Portable, or raises CodecError.
    keeps: whether a tuple of a type of its own is sent as a Kept one, as the student's side does.
    """

    def __init__(
        self, other: Callable[[Any], Reference | Portable], values: int, depth: int, size: int, keeps: bool = False
    ) -> None:
        self.other, self.values, self.depth, self.room, self.keeps = other, values, depth, size, keeps
        self.parts: list[bytes] = []

    def encode(self, value: Any) -> bytes:
        """The bytes of ``value``; raises CodecError when it is too large, too deep or cannot be sent."""
        self._value(value, self.depth)
        return b"".join(self.parts)

    def _put(self, *parts: bytes) -> None:
        self.room -= sum(map(len, parts))
        if self.room < 0:
            raise CodecError("it is too large to be handed over")
        self.parts.extend(parts)

    def _value(self, value: Any, depth: int) -> None:
        self.values -= 1
        if self.values < 0:
            raise CodecError("it holds too many values")
        if depth < 0:
            raise CodecError("it is nested too deeply")
        # type() cannot be fooled by __class__, and every read below goes through the base class itself, so that no
        # method of a subclass ever runs.
        kind = type(value)
        if value is None or kind is bool:
            self._put(b"N" if value is None else b"T" if value else b"F")
        elif issubclass(kind, np.generic):
            self._scalar(value)
        elif kind is np.ndarray:
            self._array(b"a", value)
        elif issubclass(kind, int):
            self._integer(int.__add__(value, 0))
        elif issubclass(kind, float):
            self._put(b"f", DOUBLE.pack(float.__add__(value, 0.0) if kind is not float else value))
        elif issubclass(kind, complex):
            plain = complex.__add__(value, 0)
            self._put(b"c", DOUBLE.pack(plain.real), DOUBLE.pack(plain.imag))
        elif issubclass(kind, str):
            self._text(b"s", str.__str__(value))
        elif issubclass(kind, bytes):
            self._put(b"b", LONG.pack(bytes.__len__(value)), bytes.__getitem__(value, slice(None)))
        elif issubclass(kind, list):
            self._items(b"l", list.__len__(value), list.__iter__(value), depth)
        elif kind is Kept and value.origin is not None:
            self._other(self.other(value.origin), depth)
        elif issubclass(kind, tuple):
            if self.keeps and kind is not tuple:
                self._put(b"k")
                self._other(self.other(value), depth)
            self._items(b"t", tuple.__len__(value), tuple.__iter__(value), depth)
        elif issubclass(kind, dict):
            pairs = (entry for pair in dict.items(value) for entry in pair)
            self._items(b"d", dict.__len__(value), pairs, depth)
        elif kind is np.random.Generator and type(value.bit_generator).__name__ in BIT_GENERATORS:
            self._put(b"g")
            self._value(value.bit_generator.state, depth - 1)
        else:
            self._other(self.other(value), depth)

    def _integer(self, value: int) -> None:
        length = value.bit_length() // 8 + 1
        if length > INTEGER_BYTES:
            raise CodecError(f"it holds an integer of {value.bit_length()} bits")
        self._put(b"i", LONG.pack(length), value.to_bytes(length, "little", signed=True))

    def _text(self, tag: bytes, value: str) -> None:
        try:
            data = value.encode()
        except UnicodeEncodeError:
            raise CodecError("it holds text that is not valid Unicode") from None
        self._put(tag, LONG.pack(len(data)), data)

    def _items(self, tag: bytes, count: int, items: Any, depth: int) -> None:
        self._put(tag, LONG.pack(count))
        for item in items:
            self._value(item, depth - 1)

    def _scalar(self, value: np.generic) -> None:
        if type(value) not in _SCALARS:
            self._other(self.other(value), 0)
        else:
            self._array(b"n", np.ndarray.__new__(np.ndarray, (), value.dtype, value.tobytes()))

    def _array(self, tag: bytes, value: np.ndarray) -> None:
        if value.dtype.char not in DTYPES:
            self._other(self.other(value), 0)
            return
        if value.size * value.itemsize > self.room:
            raise CodecError(f"it holds an array of shape {value.shape}, which is too large to be handed over")
        native = value if value.dtype.isnative else np.ndarray.astype(value, value.dtype.newbyteorder("="))
        order = b"C" if native.flags.c_contiguous else b"F" if native.flags.f_contiguous else b"S"
        writeable = b"w" if value.flags.writeable else b"r"
        shape = b"".join(map(LONG.pack, native.shape))
        data = np.ndarray.tobytes(native, "F" if order == b"F" else "C")
        self._put(tag, native.dtype.char.encode(), order, writeable, bytes([native.ndim]), shape, data)

    def _other(self, reference: Reference | Portable, depth: int) -> None:
        if isinstance(reference, Portable):
            self._text(b"p", reference.expression)
            self._value(reference.arrays, depth - 1)
            return
        self._put(b"r", bytes([KINDS.index(reference.kind)]), LONG.pack(reference.number))
        self._text(b"", reference.name[:200].encode("utf-8", "replace").decode())


_SCALARS = frozenset(np.dtype(char).type for char in DTYPES)
