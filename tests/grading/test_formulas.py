"""Formulas give the same on both sides of the sandbox's border: new arrays of the argument's dtype, or floats."""

from typing import Any

import numpy as np
import pytest

from nnlab.grading.exercises import function_names
from nnlab.grading.exercises.drawing import Formula
from nnlab.grading.sandbox.inside.serving import Made

A = np.array([[2.0, 1.0], [0.0, 3.0]])


def made(expression: str, **arrays: np.ndarray) -> Made:
    return Made(*Formula(expression, **arrays).portable)


@pytest.mark.parametrize("make", [Formula, made])
def test_an_array_is_new_and_has_the_dtype_of_the_argument(make: Any) -> None:
    for dtype in (np.float32, np.float64):
        x = np.array([1, 2], dtype)
        assert make("A @ x", A=A)(x).tolist() == [4, 6]
        assert make("A @ x", A=A)(x).dtype == dtype
        assert not np.shares_memory(make("x")(x), x)
    assert make("2 * np.asarray(x)")([1.0, 2.0]).tolist() == [2, 4]


@pytest.mark.parametrize("make", [Formula, made])
def test_a_number_is_a_float(make: Any) -> None:
    total = make("(x**2).sum()")(np.array([1, 2], np.float32))
    assert type(total) is float and total == 5


def test_a_lent_reference_draws_from_the_generator_it_is_given() -> None:
    """Or, where the generator stays in the student's process, from one that follows from its state."""
    lent = function_names(["ps2.minibatches"])["minibatches"]
    rng = np.random.default_rng(4)
    first, second = lent(50, 10, rng), lent(50, 10, rng)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, lent(50, 10, np.random.default_rng(4)))

    class Elsewhere:
        state = np.random.default_rng(4).bit_generator.state

    assert sorted(np.concatenate(lent(50, 10, Elsewhere()))) == list(range(50))
    assert np.array_equal(lent(50, 10, Elsewhere()), lent(50, 10, Elsewhere()))
