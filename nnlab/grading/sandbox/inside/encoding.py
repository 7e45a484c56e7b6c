"""Plain data to bytes: each type spelled out, and no method of a student's type ever run.

One tag byte, then the value; integers of this format are little-endian and 8 bytes long. A general format such as
MessagePack has no tuples, no dtypes and no shapes, and its readers reserve memory for the length that a list announces;
here a list of n values needs n bytes still to come, and an array exactly its own bytes.
"""

from __future__ import annotations

# A student may put something else in the place of Python's own names, for the rest of this process: these stay.
from builtins import (  # noqa: UP029
    bytes,
    chr,
    complex,
    dict,
    float,
    int,
    isinstance,
    issubclass,
    len,
    list,
    next,
    slice,
    str,
    tuple,
    type,
)
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .forms import (
    BIT_GENERATORS,
    DOUBLE,
    DTYPES,
    INTEGER_BYTES,
    KINDS,
    LONG,
    SHAPES,
    CodecError,
    Kept,
    Portable,
    Reference,
)


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

    def _put(self, part: bytes) -> None:
        self.room -= len(part)
        if self.room < 0:
            raise CodecError("it is too large to be handed over")
        self.parts.append(part)

    def _value(self, value: Any, depth: int) -> None:
        self.values -= 1
        if self.values < 0:
            raise CodecError("it holds too many values")
        if depth < 0:
            raise CodecError("it is nested too deeply")
        # type() cannot be fooled by __class__, and every read below goes through the base class itself, so that no
        # method of a subclass, or of a metaclass, ever runs.
        kind = type(value)
        write = _PLAIN.get(kind) if type(kind) is type else None
        if write:
            write(self, value, depth)
        elif issubclass(kind, np.generic):
            self._scalar(value)
        elif kind is Kept and value.origin is not None:
            self._other(self.other(value.origin), depth)
        elif issubclass(kind, tuple):
            if self.keeps:
                self._put(b"k")
                self._other(self.other(value), depth)
            self._tuple(value, depth)
        elif kind is np.random.Generator and type(value.bit_generator).__name__ in BIT_GENERATORS:
            self._put(b"g")
            self._value(value.bit_generator.state, depth - 1)
        else:
            write = next((write for base, write in _INHERITED.items() if issubclass(kind, base)), None)
            if write:
                write(self, value, depth)
            else:
                self._other(self.other(value), depth)

    def _none(self, value: None, depth: int) -> None:
        self._put(b"N")

    def _bool(self, value: bool, depth: int) -> None:
        self._put(b"T" if value else b"F")

    def _int(self, value: int, depth: int) -> None:
        value = int.__add__(value, 0)
        length = value.bit_length() // 8 + 1
        if length > INTEGER_BYTES:
            raise CodecError(f"it holds an integer of {value.bit_length()} bits")
        self._put(b"i" + LONG.pack(length) + value.to_bytes(length, "little", signed=True))

    def _float(self, value: float, depth: int) -> None:
        self._put(b"f" + DOUBLE.pack(value if type(value) is float else float.__add__(value, 0.0)))

    def _complex(self, value: complex, depth: int) -> None:
        plain = complex.__add__(value, 0) if type(value) is not complex else value
        self._put(b"c" + DOUBLE.pack(plain.real) + DOUBLE.pack(plain.imag))

    def _str(self, value: str, depth: int) -> None:
        self._text(b"s", str.__str__(value))

    def _bytes(self, value: bytes, depth: int) -> None:
        self._put(b"b" + LONG.pack(bytes.__len__(value)))
        self._put(bytes.__getitem__(value, slice(None)))

    def _list(self, value: list[Any], depth: int) -> None:
        self._items(b"l", list.__len__(value), list.__iter__(value), depth)

    def _tuple(self, value: tuple[Any, ...], depth: int) -> None:
        self._items(b"t", tuple.__len__(value), tuple.__iter__(value), depth)

    def _dict(self, value: dict[Any, Any], depth: int) -> None:
        pairs = (entry for pair in dict.items(value) for entry in pair)
        self._items(b"d", dict.__len__(value), pairs, depth)

    def _text(self, tag: bytes, value: str) -> None:
        try:
            data = value.encode()
        except UnicodeEncodeError:
            raise CodecError("it holds text that is not valid Unicode") from None
        self._put(tag + LONG.pack(len(data)))
        self._put(data)

    def _items(self, tag: bytes, count: int, items: Iterable[Any], depth: int) -> None:
        self._put(tag + LONG.pack(count))
        for item in items:
            self._value(item, depth - 1)

    def _scalar(self, value: np.generic) -> None:
        if type(value) not in _SCALARS:
            self._other(self.other(value), 0)
        else:
            self._numbers(b"n", np.ndarray.__new__(np.ndarray, (), value.dtype, value.tobytes()))

    def _array(self, value: np.ndarray, depth: int) -> None:
        self._numbers(b"a", value)

    def _numbers(self, tag: bytes, value: np.ndarray) -> None:
        dtype, flags = value.dtype, value.flags
        if dtype.char not in DTYPES:
            self._other(self.other(value), 0)
            return
        if value.nbytes > self.room:
            raise CodecError(f"it holds an array of shape {value.shape}, which is too large to be handed over")
        native = value if dtype.isnative else np.ndarray.astype(value, dtype.newbyteorder("="))
        order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "S"
        form = f"{dtype.char}{order}{'w' if flags.writeable else 'r'}{chr(value.ndim)}"
        self._put(tag + form.encode() + SHAPES[value.ndim].pack(*value.shape))
        self._put(np.ndarray.tobytes(native, "F" if order == "F" else "C"))

    def _other(self, reference: Reference | Portable, depth: int) -> None:
        if isinstance(reference, Portable):
            self._text(b"p", reference.expression)
            self._value(reference.arrays, depth - 1)
            return
        self._put(b"r" + bytes([KINDS.index(reference.kind)]) + LONG.pack(reference.number))
        self._text(b"", reference.name[:200].encode("utf-8", "replace").decode())


_SCALARS = frozenset(np.dtype(char).type for char in DTYPES)
_INHERITED: dict[type, Callable[[Encoder, Any, int], None]] = {
    int: Encoder._int,
    float: Encoder._float,
    complex: Encoder._complex,
    str: Encoder._str,
    bytes: Encoder._bytes,
    list: Encoder._list,
    dict: Encoder._dict,
}
_PLAIN: dict[type, Callable[[Encoder, Any, int], None]] = {
    **_INHERITED,
    type(None): Encoder._none,
    bool: Encoder._bool,
    tuple: Encoder._tuple,
    np.ndarray: Encoder._array,
}
