"""Arrays from bytes: the type, the shape and the content are checked before NumPy sees them."""

from __future__ import annotations

import math

# A student may put something else in the place of Python's own names, for the rest of this process: these stay.
from builtins import len, max, min, slice, tuple  # noqa: UP029

import numpy as np

from .forms import DIMENSIONS, DTYPES, SHAPES, CodecError

_DTYPES = {ord(char): np.dtype(char) for char in DTYPES}
_BOOL, _FORTRAN, _STRIDED, _WRITEABLE = b"?FSw"


def read_array(data: bytes, at: int, layouts: bool) -> tuple[np.ndarray, int]:
    """The array that begins at byte ``at``, and where it ends.

    layouts: whether a strided array comes back strided. Raises CodecError for a header, a shape or a content that no
    array has.
    """
    left = len(data) - at
    if left < 4:
        raise CodecError("the value ends early")
    char, order, writeable, ndim = data[at : at + 4]
    if char not in _DTYPES or order not in b"CFS" or writeable not in b"wr" or ndim > DIMENSIONS:
        raise CodecError("an array has a wrong header")
    if left < 4 + 8 * ndim:
        raise CodecError("the value ends early")
    dtype, shape = _DTYPES[char], SHAPES[ndim].unpack_from(data, at + 4)
    # A side of 0 would let the other sides be anything.
    if shape and (min(shape) < 0 or max(shape) > 1 << 40):
        raise CodecError("an array has an impossible shape")
    count, at = math.prod(shape), at + 4 + 8 * ndim
    end = at + count * dtype.itemsize
    if end > len(data):
        raise CodecError("the value ends early")
    if char == _BOOL and data[at:end].strip(b"\0\1"):
        raise CodecError("a truth value is neither true nor false")
    try:
        flat = np.frombuffer(data, dtype, count, at) if count else np.empty(0, dtype)
        array = flat.reshape(shape, order="F" if order == _FORTRAN else "C").copy(order="K")
    except ValueError:
        raise CodecError("an array has an impossible shape") from None
    if order == _STRIDED and layouts and ndim:
        array = _strided(array)
    if writeable != _WRITEABLE:
        array.flags.writeable = False
    return array, end


def _strided(array: np.ndarray) -> np.ndarray:
    """The same numbers as every second entry along each axis of a larger array."""
    larger = np.zeros([2 * side for side in array.shape], array.dtype)
    view = larger[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view
