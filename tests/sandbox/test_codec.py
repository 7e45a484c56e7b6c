"""Plain data crosses the border unchanged; everything else, and every malformed byte, is refused within its bounds."""

import contextlib
import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlab.grading.sandbox.inside.decoding import Decoder, generator_from
from nnlab.grading.sandbox.inside.encoding import Encoder
from nnlab.grading.sandbox.inside.forms import DTYPES, CodecError, Reference


def refuse(value: Any) -> Reference:
    raise CodecError(f"{type(value).__name__} is no plain data")


def encode(value: Any, **bounds: int) -> bytes:
    return Encoder(refuse, **{"values": 10_000, "depth": 30, "size": 1 << 20, **bounds}).encode(value)


def decode(data: bytes, layouts: bool = False, **bounds: int) -> Any:
    return Decoder(data, refuse, generator_from, **{"values": 10_000, "depth": 30, **bounds}, layouts=layouts).decode()


def same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray | np.generic):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return one == other or (one != one and other != other)


DTYPE = st.sampled_from(sorted(DTYPES)).map(np.dtype)
ARRAYS = DTYPE.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)
SCALARS = DTYPE.flatmap(lambda dtype: hnp.arrays(dtype, ())).map(lambda array: array[()])
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**900), 2**900), st.floats(), st.complex_numbers(), st.text(), st.binary()
)
VALUES = st.recursive(
    LEAVES | ARRAYS | SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_what_goes_in_comes_out(value: Any) -> None:
    assert same(decode(encode(value)), value)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_value_or_an_error(data: bytes) -> None:
    with contextlib.suppress(CodecError):
        decode(data)


@given(VALUES, st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_value_is_a_value_or_an_error(value: Any, data: st.DataObject) -> None:
    damaged = bytearray(encode(value))
    damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CodecError):
        decode(bytes(damaged))


@given(VALUES)
@settings(max_examples=50, deadline=None)
def test_no_part_of_a_value_is_a_value(value: Any) -> None:
    data = encode(value)
    with pytest.raises(CodecError):
        decode(data[:-1])
    with pytest.raises(CodecError):
        decode(data + b"N")


def test_memory_layout_and_writeability_cross_when_asked_for() -> None:
    array = np.arange(24.0).reshape(2, 3, 4)
    frozen = array.copy()
    frozen.flags.writeable = False
    fortran, strided, read_only = decode(encode([np.asfortranarray(array), array[:, ::2], frozen]), layouts=True)
    assert fortran.flags.f_contiguous and not fortran.flags.c_contiguous
    assert not strided.flags.c_contiguous and not strided.flags.f_contiguous
    assert not read_only.flags.writeable and strided.flags.writeable
    assert np.array_equal(fortran, array) and np.array_equal(strided, array[:, ::2])


def test_big_endian_numbers_arrive_as_the_same_numbers() -> None:
    assert same(decode(encode(np.array([1.5, -2.0], dtype=">f8"))), np.array([1.5, -2.0]))


def test_subclasses_cross_as_plain_data_and_none_of_their_methods_runs() -> None:
    def never(*args: Any) -> Any:
        raise AssertionError("a student's method ran")

    hooks = ("__iter__", "__len__", "__getitem__", "__array__", "__reduce__", "__index__", "__float__", "__str__")
    for base, value in ((list, [1]), (tuple, (1,)), (dict, {1: 2}), (int, 3), (float, 2.5), (str, "a"), (bytes, b"a")):
        sly = type("Sly", (base,), {**dict.fromkeys(hooks, never), "items": never, "__class__": property(never)})(value)
        assert same(decode(encode(sly)), value)


@pytest.mark.parametrize(
    "value",
    [
        np.ma.masked_all(3),
        np.array([None]),
        np.array(["a"]),
        np.array(["2020"], dtype="M8"),
        np.zeros(2).view(type("Sly", (np.ndarray,), {})),
        object(),
        len,
        {1, 2},
    ],
    ids=["masked", "objects", "text", "dates", "subclass", "object", "function", "set"],
)
def test_what_is_no_plain_data_is_left_to_the_sender(value: Any) -> None:
    with pytest.raises(CodecError, match="plain data"):
        encode([value])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.broadcast_to(0.0, (1 << 24, 1 << 24)), "too large"),
        (b"x" * (2 << 20), "too large"),
        (1 << 5000, "5001 bits"),
        ([0] * 10_001, "too many"),
        ("\ud800", "Unicode"),
    ],
    ids=["zero strides", "bytes", "integer", "list", "surrogate"],
)
def test_values_out_of_bounds_are_refused(value: Any, words: str) -> None:
    with pytest.raises(CodecError, match=words):
        encode(value)


def test_a_list_that_holds_itself_is_too_deep() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(CodecError, match="deeply"):
        encode(cycle)


def number(value: int) -> bytes:
    return struct.pack("<q", value)


HOSTILE = {
    "a list of 2**40": b"l" + number(1 << 40),
    "a list of -1": b"l" + number(-1),
    "lists in lists, each of a million": (b"l" + number(1_000_000)) * 25,
    "a dict of 2**40": b"d" + number(1 << 40),
    "a text of 2**40": b"s" + number(1 << 40),
    "an integer of 2**40 bytes": b"i" + number(1 << 40),
    "an array of a petabyte": b"adCw\x01" + number(1 << 40),
    "an array with a negative side": b"adCw\x02" + number(-1) + number(-8) + bytes(64),
    "an array whose size overflows": b"adCw\x03" + number(1 << 39) * 3,
    "an array of 200 dimensions": b"adCw\xc8" + number(1) * 200 + bytes(8),
    "an array of objects": b"aOCw\x01" + number(1) + bytes(8),
    "an array of text": b"aUCw\x01" + number(1) + bytes(8),
    "an array in an unknown order": b"adXw\x01" + number(1) + bytes(8),
    "an array of truth values that are 7": b"a?Cw\x01" + number(2) + b"\x07\x01",
    "an unhashable key": b"d" + number(1) + b"l" + number(0) + b"N",
    "a generator of no known kind": b"g" + encode({"bit_generator": "system", "state": 1}),
    "a generator that is a list": b"g" + encode([1, 2]),
    "a reference to nowhere": b"r\x00" + number(1) + number(0),
    "a reference of no known kind": b"r\x63" + number(1) + number(0),
    "no tag": b"",
    "an unknown tag": b"Z",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_are_refused_before_memory_is_taken(data: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(CodecError):
        decode(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1 << 20


def test_a_strided_array_stays_dense_unless_layouts_are_wanted() -> None:
    """Rebuilding strides takes 2**ndim times the memory: 2**32 times for this one."""
    data = b"adSw\x20" + number(1) * 32 + bytes(8)
    assert decode(data).nbytes == 8


def test_random_generators_go_on_where_they_were() -> None:
    ours = np.random.default_rng(5)
    ours.normal(size=3)
    theirs = decode(encode(ours))
    assert np.array_equal(theirs.normal(size=4), ours.normal(size=4))
