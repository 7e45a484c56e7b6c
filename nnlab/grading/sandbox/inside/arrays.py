"""Arrays from bytes: the type, the shape and the content are checked before NumPy sees them."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

import numpy as np

from .forms import DIMENSIONS, DTYPES, CodecError


def read_array(take: Callable[[int], bytes], layouts: bool) -> np.ndarray:
    """The array that follows; ``take`` gives the next bytes, and raises CodecError when there are fewer.

    Raises CodecError for a header, a shape or a content that no array has.
    """
    char, order, writeable = (take(1).decode("latin-1") for _ in range(3))
    ndim = take(1)[0]
    if char not in DTYPES or order not in "CFS" or writeable not in "wr" or ndim > DIMENSIONS:
        raise CodecError("an array has a wrong header")
    dtype = np.dtype(char)
    shape = struct.unpack(f"<{ndim}q", take(8 * ndim))
    # A side of 0 would let the other sides be anything.
    if any(side < 0 or side > 1 << 40 for side in shape):
        raise CodecError("an array has an impossible shape")
    data = take(math.prod(shape) * dtype.itemsize)
    if char == "?" and data.strip(b"\0\1"):
        raise CodecError("a truth value is neither true nor false")
    try:
        flat = np.frombuffer(data, dtype) if data else np.empty(0, dtype)
        array = flat.reshape(shape, order="F" if order == "F" else "C").copy(order="K")
    except ValueError:
        raise CodecError("an array has an impossible shape") from None
    if order == "S" and layouts and ndim:
        array = _strided(array)
    array.flags.writeable = writeable == "w"
    return array


def _strided(array: np.ndarray) -> np.ndarray:
    """The same numbers as every second entry along each axis of a larger array."""
    larger = np.zeros([2 * side for side in array.shape], array.dtype)
    view = larger[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view
