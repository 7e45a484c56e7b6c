"""Bytes back to plain data: nothing in them is trusted, and every size is checked before memory is taken."""

from __future__ import annotations

# A student may put something else in the place of Python's own names, for the rest of this process: these stay.
from builtins import bytes, complex, dict, getattr, int, len, range, tuple, type  # noqa: UP029
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
        self.data, self.end, self.at = data, len(data), 0
        self.other, self.generator, self.portable = other, generator, portable
        self.values, self.depth, self.layouts = values, depth, layouts

    def decode(self) -> Any:
        """The value; raises CodecError unless the bytes are exactly one well-formed value within the bounds."""
        value = self._value(self.depth)
        if self.at != self.end:
            raise CodecError("bytes follow the value")
        return value

    def _skip(self, count: int) -> int:
        """Go over so many bytes; returns where they begin."""
        at = self.at
        if not 0 <= count <= self.end - at:
            raise CodecError("the value ends early")
        self.at = at + count
        return at

    def _take(self, count: int) -> bytes:
        at = self._skip(count)
        return self.data[at : at + count]

    def _long(self) -> int:
        number: int = LONG.unpack_from(self.data, self._skip(8))[0]
        return number

    def _count(self, bytes_each: int = 1) -> int:
        count = self._long()
        if not 0 <= count * bytes_each <= self.end - self.at:
            raise CodecError("a length is longer than what follows")
        return count

    def _value(self, depth: int) -> Any:
        self.values -= 1
        if self.values < 0:
            raise CodecError("too many values")
        if depth < 0:
            raise CodecError("nested too deeply")
        tag = self.data[self._skip(1)]
        read = _READERS.get(tag)
        if read is None:
            raise CodecError(f"there is no tag {bytes([tag])!r}")
        return read(self, depth)

    def _float(self, depth: int) -> float:
        number: float = DOUBLE.unpack_from(self.data, self._skip(8))[0]
        return number

    def _complex(self, depth: int) -> complex:
        return complex(self._float(depth), self._float(depth))

    def _list(self, depth: int) -> list[Any]:
        return [self._value(depth - 1) for _ in range(self._count())]

    def _array(self, depth: int) -> np.ndarray:
        array, self.at = read_array(self.data, self.at, self.layouts)
        return array

    def _generator(self, depth: int) -> Any:
        state = self._value(depth - 1)
        if type(state) is not dict or state.get("bit_generator") not in BIT_GENERATORS:
            raise CodecError("a random generator is of no known kind")
        return self.generator(state)

    def _kept(self, depth: int) -> Kept:
        if self.portable is not None:
            raise CodecError("only a student's tuple has a type of its own")
        if self._take(1) != b"r":
            raise CodecError("a tuple of its own type stands for nothing")
        origin = self._reference(depth)
        items = self._value(depth)
        if type(items) is not tuple:
            raise CodecError("a tuple of its own type holds no tuple")
        kept = Kept(items)
        kept.origin = origin
        return kept

    def _integer(self, depth: int) -> int:
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

    def _reference(self, depth: int) -> Any:
        kind, number = self.data[self._skip(1)], self._long()
        if kind >= len(KINDS):
            raise CodecError("a reference is of no known kind")
        return self.other(Reference(KINDS[kind], number, self._text()))

    def _portable(self, depth: int) -> Any:
        if self.portable is None:
            raise CodecError("only the trusted side sends functions to be made")
        return self.portable(self._text(), self._value(depth - 1))


_READERS: dict[int, Callable[[Decoder, int], Any]] = {
    ord(tag): read
    for tag, read in {
        "N": lambda decoder, depth: None,
        "T": lambda decoder, depth: True,
        "F": lambda decoder, depth: False,
        "i": Decoder._integer,
        "f": Decoder._float,
        "c": Decoder._complex,
        "s": lambda decoder, depth: decoder._text(),
        "b": lambda decoder, depth: decoder._take(decoder._count()),
        "l": Decoder._list,
        "t": lambda decoder, depth: tuple(decoder._list(depth)),
        "d": Decoder._dict,
        "a": Decoder._array,
        "n": lambda decoder, depth: decoder._array(depth)[()],
        "g": Decoder._generator,
        "r": Decoder._reference,
        "k": Decoder._kept,
        "p": Decoder._portable,
    }.items()
}


def generator_from(state: dict[str, Any]) -> np.random.Generator:
    """A random generator in that state; raises CodecError when NumPy refuses it. For the student's side alone."""
    bits = getattr(np.random, state["bit_generator"])(0)
    try:
        bits.state = state
    except Exception:
        raise CodecError("a random generator has a broken state") from None
    return np.random.Generator(bits)
