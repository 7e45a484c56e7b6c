"""Plain data as bytes: each type spelled out, every size checked before memory is taken.

One tag byte, then the value; integers of this format are little-endian and 8 bytes long. A general format such as
MessagePack has no tuples, no dtypes and no shapes, and its readers reserve memory for the length that a list announces;
here a list of n values needs n bytes still to come, and an array exactly its own bytes.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

INTEGER_BYTES = 512
DIMENSIONS = 32
DTYPES = frozenset("?bBhHiIlLqQefdgFDG")
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
_LONG = struct.Struct("<q")
_DOUBLE = struct.Struct("<d")


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


KINDS = ("function", "object", "yours", "lent", "module")


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
            self._put(b"f", _DOUBLE.pack(float.__add__(value, 0.0) if kind is not float else value))
        elif issubclass(kind, complex):
            plain = complex.__add__(value, 0)
            self._put(b"c", _DOUBLE.pack(plain.real), _DOUBLE.pack(plain.imag))
        elif issubclass(kind, str):
            self._text(b"s", str.__str__(value))
        elif issubclass(kind, bytes):
            self._put(b"b", _LONG.pack(bytes.__len__(value)), bytes.__getitem__(value, slice(None)))
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
        self._put(b"i", _LONG.pack(length), value.to_bytes(length, "little", signed=True))

    def _text(self, tag: bytes, value: str) -> None:
        try:
            data = value.encode()
        except UnicodeEncodeError:
            raise CodecError("it holds text that is not valid Unicode") from None
        self._put(tag, _LONG.pack(len(data)), data)

    def _items(self, tag: bytes, count: int, items: Any, depth: int) -> None:
        self._put(tag, _LONG.pack(count))
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
        shape = b"".join(map(_LONG.pack, native.shape))
        data = np.ndarray.tobytes(native, "F" if order == b"F" else "C")
        self._put(tag, native.dtype.char.encode(), order, writeable, bytes([native.ndim]), shape, data)

    def _other(self, reference: Reference | Portable, depth: int) -> None:
        if isinstance(reference, Portable):
            self._text(b"p", reference.expression)
            self._value(reference.arrays, depth - 1)
            return
        self._put(b"r", bytes([KINDS.index(reference.kind)]), _LONG.pack(reference.number))
        self._text(b"", reference.name[:200].encode("utf-8", "replace").decode())


class Decoder:
    """Turns bytes back into values; nothing in them is trusted.

    other: what a Reference becomes on this side; may raise CodecError.
    portable: what a Portable becomes; None on the trusted side, which takes none.
    generator: what the state of a random generator becomes. NumPy trusts such a state's numbers as places in memory, so
        only the student's side makes a generator of it.
    layouts: whether strided arrays come back strided, which takes up to 2**ndim times the memory.
    """

    def __init__(
        self,
        data: bytes,
        other: Callable[[Reference], Any],
        generator: Callable[[dict[str, Any]], Any],
        *,
        values: int,
        depth: int,
        layouts: bool = False,
        portable: Callable[[str, dict[str, Any]], Any] | None = None,
    ) -> None:
        self.data, self.other, self.generator, self.at = data, other, generator, 0
        self.values, self.depth, self.layouts, self.portable = values, depth, layouts, portable

    def decode(self) -> Any:
        """The value; raises CodecError unless the bytes are exactly one well-formed value within the bounds."""
        value = self._value(self.depth)
        if self.at != len(self.data):
            raise CodecError("bytes follow the value")
        return value

    def _take(self, count: int) -> bytes:
        if not 0 <= count <= len(self.data) - self.at:
            raise CodecError("the value ends early")
        self.at += count
        return self.data[self.at - count : self.at]

    def _count(self, bytes_each: int = 1) -> int:
        (count,) = _LONG.unpack(self._take(8))
        if not 0 <= count * bytes_each <= len(self.data) - self.at:
            raise CodecError("a length is longer than what follows")
        return int(count)

    def _value(self, depth: int) -> Any:
        self.values -= 1
        if self.values < 0:
            raise CodecError("too many values")
        if depth < 0:
            raise CodecError("nested too deeply")
        tag = self._take(1)
        if tag in b"NTF":
            return {b"N": None, b"T": True, b"F": False}[tag]
        if tag == b"i":
            return self._integer()
        if tag == b"f":
            return _DOUBLE.unpack(self._take(8))[0]
        if tag == b"c":
            return complex(*struct.unpack("<2d", self._take(16)))
        if tag == b"s":
            return self._text()
        if tag == b"b":
            return self._take(self._count())
        if tag in b"lt":
            items = [self._value(depth - 1) for _ in range(self._count())]
            return items if tag == b"l" else tuple(items)
        if tag == b"d":
            return self._dict(depth)
        if tag in b"an":
            array = self._array()
            return array if tag == b"a" else array[()]
        if tag == b"g":
            state = self._value(depth - 1)
            if type(state) is not dict or state.get("bit_generator") not in BIT_GENERATORS:
                raise CodecError("a random generator is of no known kind")
            return self.generator(state)
        if tag == b"r":
            return self._reference()
        if tag == b"k" and not self.portable:
            return self._kept(depth)
        if tag == b"p" and self.portable:
            return self.portable(self._text(), self._value(depth - 1))
        raise CodecError(f"there is no tag {tag!r}")

    def _kept(self, depth: int) -> Kept:
        if self._take(1) != b"r":
            raise CodecError("a tuple of its own type stands for nothing")
        origin = self._reference()
        items = self._value(depth)
        if type(items) is not tuple:
            raise CodecError("a tuple of its own type holds no tuple")
        kept = Kept(items)
        kept.origin = origin
        return kept

    def _integer(self) -> int:
        length = self._count()
        if length > INTEGER_BYTES:
            raise CodecError("an integer is too long")
        return int.from_bytes(self._take(length), "little", signed=True)

    def _text(self) -> str:
        try:
            return self._take(self._count()).decode()
        except UnicodeDecodeError:
            raise CodecError("a text is not valid Unicode") from None

    def _dict(self, depth: int) -> dict[Any, Any]:
        result = {}
        for _ in range(self._count(2)):
            key = self._value(depth - 1)
            try:
                result[key] = self._value(depth - 1)
            except TypeError:
                raise CodecError("a key of a dict cannot be a key") from None
        return result

    def _array(self) -> np.ndarray:
        char, order, writeable = (self._take(1).decode("latin-1") for _ in range(3))
        ndim = self._take(1)[0]
        if char not in DTYPES or order not in "CFS" or writeable not in "wr" or ndim > DIMENSIONS:
            raise CodecError("an array has a wrong header")
        dtype = np.dtype(char)
        shape = struct.unpack(f"<{ndim}q", self._take(8 * ndim))
        # A side of 0 would let the other sides be anything.
        if any(side < 0 or side > 1 << 40 for side in shape):
            raise CodecError("an array has an impossible shape")
        data = self._take(math.prod(shape) * dtype.itemsize)
        if char == "?" and data.strip(b"\0\1"):
            raise CodecError("a truth value is neither true nor false")
        try:
            flat = np.frombuffer(data, dtype) if data else np.empty(0, dtype)
            array = flat.reshape(shape, order="F" if order == "F" else "C").copy(order="K")
        except ValueError:
            raise CodecError("an array has an impossible shape") from None
        if order == "S" and self.layouts and ndim:
            array = _strided(array)
        array.flags.writeable = writeable == "w"
        return array

    def _reference(self) -> Any:
        kind = self._take(1)[0]
        (number,) = _LONG.unpack(self._take(8))
        if kind >= len(KINDS):
            raise CodecError("a reference is of no known kind")
        return self.other(Reference(KINDS[kind], number, self._text()))


def _strided(array: np.ndarray) -> np.ndarray:
    """The same numbers as every second entry along each axis of a larger array."""
    larger = np.zeros([2 * side for side in array.shape], array.dtype)
    view = larger[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view


def generator_from(state: dict[str, Any]) -> np.random.Generator:
    """A random generator in that state; raises CodecError when NumPy refuses it. For the student's side alone."""
    bits = getattr(np.random, state["bit_generator"])(0)
    try:
        bits.state = state
    except Exception:
        raise CodecError("a random generator has a broken state") from None
    return np.random.Generator(bits)


_SCALARS = frozenset(np.dtype(char).type for char in DTYPES)
