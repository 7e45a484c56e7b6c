"""Initial weights against the distributions they are meant to have."""

import math

import numpy as np
import pytest
import scipy.stats

from nnlab import initializers
from nnlab.initializers import (
    constant,
    he_normal,
    he_uniform,
    lecun_normal,
    normal,
    orthogonal,
    uniform,
    xavier_normal,
    xavier_uniform,
    zeros,
)

FAN_IN, FAN_OUT = 300, 200

# one row enrols an initializer in every property test: the function and its distribution for FAN_IN and FAN_OUT
DISTRIBUTIONS = {
    "normal": (normal, scipy.stats.norm(0, 0.01)),
    "uniform": (uniform, scipy.stats.uniform(-0.01, 0.02)),
    "lecun_normal": (lecun_normal, scipy.stats.norm(0, (1 / FAN_IN) ** 0.5)),
    "xavier_normal": (xavier_normal, scipy.stats.norm(0, (2 / (FAN_IN + FAN_OUT)) ** 0.5)),
    "xavier_uniform": (
        xavier_uniform,
        scipy.stats.uniform(-((6 / (FAN_IN + FAN_OUT)) ** 0.5), 2 * (6 / (FAN_IN + FAN_OUT)) ** 0.5),
    ),
    "he_normal": (he_normal, scipy.stats.norm(0, (2 / FAN_IN) ** 0.5)),
    "he_uniform": (he_uniform, scipy.stats.uniform(-((6 / FAN_IN) ** 0.5), 2 * (6 / FAN_IN) ** 0.5)),
}
every_distribution = pytest.mark.parametrize(("draw", "distribution"), DISTRIBUTIONS.values(), ids=DISTRIBUTIONS.keys())
FUNCTIONS = [row[0] for row in DISTRIBUTIONS.values()] + [zeros, orthogonal, constant(0.5)]
every_function = pytest.mark.parametrize("draw", FUNCTIONS, ids=[*DISTRIBUTIONS, "zeros", "orthogonal", "constant"])


@every_distribution
def test_entries_have_the_distribution(draw, distribution):
    matrix = draw(np.random.default_rng(0), FAN_IN, FAN_OUT)
    assert scipy.stats.kstest(matrix.ravel(), distribution.cdf).pvalue > 1e-3


@every_distribution
def test_moments_are_within_four_standard_errors(draw, distribution):
    entries = draw(np.random.default_rng(1), FAN_IN, FAN_OUT).ravel()
    n, variance = entries.size, distribution.var()
    assert abs(entries.mean()) < 4 * math.sqrt(variance / n)
    kurtosis = float(distribution.stats(moments="k")) + 3
    assert abs(entries.var() - variance) < 4 * variance * math.sqrt((kurtosis - 1) / n)


@every_distribution
def test_entries_are_independent_of_their_place(draw, distribution):
    matrix = draw(np.random.default_rng(2), FAN_IN, FAN_OUT)
    for means, n in ((matrix.mean(axis=0), FAN_IN), (matrix.mean(axis=1), FAN_OUT)):
        standardized = means / math.sqrt(distribution.var() / n)
        assert scipy.stats.kstest(standardized, "norm").pvalue > 1e-3
    neighbours = np.corrcoef(matrix[:, :-1].ravel(), matrix[:, 1:].ravel())[0, 1]
    assert abs(neighbours) < 4 / math.sqrt(matrix.size)


def test_uniform_ones_stay_within_their_limits():
    for draw, limit in ((uniform, 0.01), (xavier_uniform, math.sqrt(6 / 500)), (he_uniform, math.sqrt(6 / 300))):
        largest = np.abs(draw(np.random.default_rng(0), FAN_IN, FAN_OUT)).max()
        assert 0.999 * limit < largest <= limit


def test_widths_may_be_set():
    rng = np.random.default_rng(0)
    assert abs(normal(rng, 200, 200, std=3.0).std() - 3) < 0.05
    assert 4.9 < np.abs(uniform(rng, 200, 200, limit=5.0)).max() <= 5
    assert (normal(rng, 2, 3, std=0) == 0).all() and (uniform(rng, 2, 3, limit=0) == 0).all()


def test_constants():
    np.testing.assert_array_equal(zeros(np.random.default_rng(0), 2, 3), np.zeros((2, 3)))
    np.testing.assert_array_equal(constant(-1.5)(np.random.default_rng(0), 2, 3), np.full((2, 3), -1.5))


@pytest.mark.parametrize("shape", [(6, 6), (7, 3), (3, 7), (1, 1), (1, 5), (5, 1)])
def test_orthogonal_rows_or_columns(shape):
    q = orthogonal(np.random.default_rng(0), *shape)
    small = q.T @ q if shape[0] >= shape[1] else q @ q.T
    np.testing.assert_allclose(small, np.eye(min(shape)), atol=1e-14)


def test_orthogonal_matrices_are_uniformly_distributed():
    rng = np.random.default_rng(0)
    draws = np.array([orthogonal(rng, 3, 3) for _ in range(3000)])
    # a column of a uniform 3 × 3 orthogonal matrix is uniform on the sphere: each coordinate is uniform in [−1, 1]
    for entry in draws.reshape(len(draws), -1).T:
        assert scipy.stats.kstest(entry, scipy.stats.uniform(-1, 2).cdf).pvalue > 1e-4
    # both orientations are as likely
    assert scipy.stats.binomtest(int((np.linalg.det(draws) > 0).sum()), len(draws)).pvalue > 1e-4
    # the trace of a uniform one has mean 0 and variance 1
    traces = np.trace(draws, axis1=1, axis2=2)
    assert abs(traces.mean()) < 4 / math.sqrt(len(draws)) and abs(traces.var() - 1) < 0.15


def test_given_hands_out_copies():
    matrix = np.arange(6).reshape(2, 3)
    draw = initializers.given(matrix)
    first = draw(np.random.default_rng(0), 2, 3)
    first += 1
    matrix += 10
    np.testing.assert_array_equal(draw(np.random.default_rng(0), 2, 3), np.arange(6).reshape(2, 3))
    assert first.dtype == np.float64


@every_function
def test_shape_dtype_and_repetition(draw):
    for shape in ((4, 7), (7, 4), (1, 1)):
        matrix = draw(np.random.default_rng(3), *shape)
        assert matrix.shape == shape and matrix.dtype == np.float64 and matrix.flags.c_contiguous
        np.testing.assert_array_equal(matrix, draw(np.random.default_rng(3), *shape))


@every_function
@pytest.mark.parametrize("wrong", [0, -1, 2.0, "3", None, True, float("nan")], ids=repr)
def test_fans_must_be_positive_whole_numbers(draw, wrong):
    rng = np.random.default_rng(0)
    with pytest.raises((TypeError, ValueError), match="fan_in"):
        draw(rng, wrong, 3)
    with pytest.raises((TypeError, ValueError), match="fan_out"):
        draw(rng, 3, wrong)


@pytest.mark.parametrize("wrong", [-0.1, math.nan, math.inf, "1", None, True], ids=repr)
def test_widths_must_be_numbers_of_at_least_0(wrong):
    rng = np.random.default_rng(0)
    with pytest.raises((TypeError, ValueError), match="std"):
        normal(rng, 2, 3, std=wrong)
    with pytest.raises((TypeError, ValueError), match="limit"):
        uniform(rng, 2, 3, limit=wrong)


def test_other_arguments_are_checked():
    for wrong in (math.nan, "1", None):
        with pytest.raises((TypeError, ValueError), match="value"):
            constant(wrong)
    with pytest.raises(TypeError, match="matrix must be an array of real numbers"):
        initializers.given("W")
