"""Bytes back to plain data: nothing in them is trusted, and every size is checked before memory is taken."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import read_array
from .forms import BIT_GENERATORS, DOUBLE, INTEGER_BYTES, KINDS, LONG, CodecError, Kept, Reference


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
        (count,) = LONG.unpack(self._take(8))
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
            return DOUBLE.unpack(self._take(8))[0]
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
            array = read_array(self._take, self.layouts)
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

    def _reference(self) -> Any:
        kind = self._take(1)[0]
        (number,) = LONG.unpack(self._take(8))
        if kind >= len(KINDS):
            raise CodecError("a reference is of no known kind")
        return self.other(Reference(KINDS[kind], number, self._text()))


def generator_from(state: dict[str, Any]) -> np.random.Generator:
    """A random generator in that state; raises CodecError when NumPy refuses it. For the student's side alone."""
    bits = getattr(np.random, state["bit_generator"])(0)
    try:
        bits.state = state
    except Exception:
        raise CodecError("a random generator has a broken state") from None
    return np.random.Generator(bits)
