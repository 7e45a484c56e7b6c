"""Gradient clipping: by value, by global norm, and gradients too large to square."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strict_arrays import strict

from nnlab.clipping import clip_by_global_norm, clip_by_value, global_norm
from nnlab.flat import FlatArrays


def draw(scale: float = 1.0, dtype: str = "float64") -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [np.asarray(scale * rng.normal(size=shape), dtype) for shape in ((4, 3), (3,), (), (0, 2))]


def joined(arrays: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([array.ravel() for array in arrays])


def layouts(arrays: list[np.ndarray]) -> list:
    return [arrays, tuple(arrays), FlatArrays(joined(arrays), [array.shape for array in arrays])]


@pytest.mark.parametrize("layout", [0, 1, 2])
def test_by_value_bounds_every_entry(layout: int) -> None:
    gradients = layouts(draw(3.0))[layout]
    clip_by_value(gradients, 0.5)
    np.testing.assert_array_equal(joined(gradients), np.minimum(np.maximum(joined(draw(3.0)), -0.5), 0.5))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layout", [0, 1, 2])
def test_by_global_norm_keeps_the_direction(layout: int, dtype: str) -> None:
    gradients = layouts(draw(3.0, dtype))[layout]
    before = joined(draw(3.0, dtype)).astype("float64")
    norm = clip_by_global_norm(gradients, 0.5)
    assert type(norm) is float
    assert norm == pytest.approx(np.linalg.norm(before), rel=1e-6 if dtype == "float32" else 1e-14)
    after = joined(gradients)
    assert after.dtype == dtype
    np.testing.assert_allclose(after, before * 0.5 / np.linalg.norm(before), rtol=1e-6 if dtype == "float32" else 1e-14)


def test_a_gradient_within_the_norm_is_left_alone() -> None:
    gradients = [np.array([3.0, 0.0]), np.array([[4.0]])]
    assert clip_by_global_norm(gradients, 5.0) == 5.0
    assert gradients[0].tolist() == [3.0, 0.0] and gradients[1].tolist() == [[4.0]]
    assert clip_by_global_norm(gradients, 2.5) == 5.0
    assert gradients[0].tolist() == [1.5, 0.0] and gradients[1].tolist() == [[2.0]]


def test_no_gradients_and_zero_gradients() -> None:
    assert clip_by_global_norm([], 1.0) == 0.0
    zero = [np.zeros(3)]
    assert clip_by_global_norm(zero, 1.0) == 0.0
    assert zero[0].tolist() == [0, 0, 0]
    clip_by_value([], 1.0)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("dtype", "scale"), [("float32", 1e30), ("float64", 1e300)])
def test_squares_that_overflow_are_clipped_too(dtype: str, scale: float) -> None:
    gradients, unit = draw(scale, dtype), joined(draw(1.0, dtype)).astype("float64")
    assert clip_by_global_norm(gradients, 2.0) == pytest.approx(scale * np.linalg.norm(unit), rel=1e-5)
    np.testing.assert_allclose(joined(gradients), 2.0 * unit / np.linalg.norm(unit), rtol=1e-5)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 1])
def test_a_gradient_that_is_not_finite_stays_so(bad: float, place: int) -> None:
    gradients = [np.ones(2), np.ones(2)]
    gradients[place][0] = bad
    norm = clip_by_global_norm(gradients, 1.0)
    assert math.isnan(norm) if math.isnan(bad) else norm == math.inf
    assert math.isnan(gradients[place][0])


def test_an_infinite_entry_is_clipped_by_value() -> None:
    gradients = [np.array([math.inf, -math.inf, math.nan])]
    clip_by_value(gradients, 2.0)
    assert gradients[0][:2].tolist() == [2.0, -2.0] and math.isnan(gradients[0][2])


@settings(max_examples=50, deadline=None)
@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=5),
    max_norm=st.floats(1e-3, 1e3),
)
def test_the_norm_is_at_most_max_norm_and_clipping_twice_is_clipping_once(values: list[float], max_norm: float) -> None:
    gradients = [np.array(values)]
    clip_by_global_norm(gradients, max_norm)
    assert global_norm(gradients) <= max_norm * (1 + 1e-12)
    once = gradients[0].copy()
    clip_by_global_norm(gradients, max_norm)
    np.testing.assert_allclose(gradients[0], once, rtol=1e-12)


def test_uses_only_functions_of_the_arrays_own_module() -> None:
    for scale in (3.0, 1e300):
        gradients = [strict(g) for g in draw(scale)]
        expected = draw(scale)
        assert clip_by_global_norm(gradients, 0.5) == clip_by_global_norm(expected, 0.5)
        clip_by_value(gradients, 0.1)
        clip_by_value(expected, 0.1)
        for g, e in zip(gradients, expected, strict=True):
            np.testing.assert_array_equal(g.get(), e)


@pytest.mark.parametrize(("clip", "name"), [(clip_by_value, "limit"), (clip_by_global_norm, "max_norm")])
def test_bad_arguments_are_refused_and_change_nothing(clip, name: str) -> None:
    gradients = [np.ones(2)]
    for bad in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"^{name} must be a finite number, greater than 0, got "):
            clip(gradients, bad)
    with pytest.raises(TypeError, match=f"^{name} must be a real number"):
        clip(gradients, "1")
    for bad in (np.ones(2), None, [[1.0]], [np.ones(2, int)], [np.ones(2), np.float64(3)]):
        with pytest.raises(TypeError, match=r"^gradients"):
            clip(bad, 0.5)
    assert gradients[0].tolist() == [1, 1]
