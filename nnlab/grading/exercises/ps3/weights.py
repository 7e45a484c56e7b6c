"""xavier_uniform and he_normal: random matrices, judged by their distribution."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from nnlab.grading.comparing import Difference
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.judging import (
    normal_cdf,
    repeated,
    same_again,
    spread,
    wrong_array,
    wrong_distribution,
)
from nnlab.initializers import he_normal, xavier_uniform

MANY = 30_000  # entries whose moments two right answers share to within a twentieth


def _two_matrices(function: Any, *arguments: Any) -> tuple[Any, Any]:
    return function(*arguments), function(*arguments)


def _limit(fan_in: int, fan_out: int) -> float:
    return math.sqrt(6 / (fan_in + fan_out))


def _matrix_flaw(matrix: Any, arguments: Mapping[str, Any]) -> Difference | None:
    return wrong_array(matrix, "The result", (arguments["fan_in"], arguments["fan_out"]), np.float64)


def _judge_uniform(result: Any, arguments: Mapping[str, Any]) -> Difference | None:
    limit = _limit(arguments["fan_in"], arguments["fan_out"])
    law = f"evenly from −{limit:.4g} to {limit:.4g}"
    for matrix in result:
        flaw = _matrix_flaw(matrix, arguments)
        if flaw:
            return flaw
        largest = float(np.abs(matrix).max())
        if largest > limit * (1 + 1e-12):
            return Difference(f"An entry is {largest:.4g} away from 0; the limit is {limit:.4g}.", matrix, law)
    return _sample_flaw(result, lambda values: (values / limit + 1) / 2, law)


def _judge_normal(result: Any, arguments: Mapping[str, Any]) -> Difference | None:
    for matrix in result:
        flaw = _matrix_flaw(matrix, arguments)
        if flaw:
            return flaw
    deviation = math.sqrt(2 / arguments["fan_in"])
    law = f"normal, mean 0, standard deviation {deviation:.3g}"
    return _sample_flaw(result, lambda values: normal_cdf(values / deviation), law)


def _sample_flaw(result: Any, cdf: Callable[[np.ndarray], np.ndarray], law: str) -> Difference | None:
    first, second = result
    if np.array_equal(first, second):
        return same_again(first)
    sample = np.stack([first, second])
    return repeated(sample) or _centred(first) or wrong_distribution(sample, cdf, law)


def _centred(matrix: np.ndarray) -> Difference | None:
    """Entries whose mean is 0 to the last digit: independent ones miss it by about 1/√n of their spread."""
    if matrix.size < MANY or abs(matrix.mean()) > 1e-14 * matrix.std():
        return None
    sentence = "The entries' mean is exactly 0: leave them as they are drawn, each by itself."
    return Difference(sentence, spread(matrix), f"a mean within about {1 / math.sqrt(matrix.size):.1g} of the spread")


def _summary(result: Any, arguments: Mapping[str, Any]) -> np.ndarray:
    """Of a large matrix: shape, whether the next one is the same, spread against Xavier's, its form and its middle."""
    matrix = np.asarray(result[0], dtype=np.float64)
    if arguments["fan_in"] * arguments["fan_out"] < MANY:
        return np.array(matrix.shape)
    unit = math.sqrt(2 / (arguments["fan_in"] + arguments["fan_out"]))
    form = np.abs(matrix).mean() / matrix.std()
    same = np.array_equal(*result)
    return np.array([*matrix.shape, same, matrix.std() / unit, form, 1 + matrix.mean() / matrix.std()])


def _case(seed: int, fan_in: int, fan_out: int, why: str) -> Case:
    return Case({"rng": np.random.default_rng(seed), "fan_in": fan_in, "fan_out": fan_out}, why)


def _draw(rng: np.random.Generator, size: int) -> Case:
    fan_in, fan_out = (int(side) for side in rng.integers(1, 8 * size, 2))
    return _case(int(rng.integers(1000)), fan_in, fan_out, "Rows are inputs, columns are units: (fan_in, fan_out).")


def _uniform_examples() -> Iterator[Case]:
    yield _case(1, 2, 4, "√6/√(2 + 4) = 1: every entry lies between −1 and 1.")
    yield _case(2, 300, 300, "Evenly spread over the whole interval, to both sides of 0.")
    yield _case(3, 500, 100, "Both fans count: the limit is √6/√600 = 0.1.")
    yield _case(4, 50, 1000, "Both fans count, whichever is larger.")


def _normal_examples() -> Iterator[Case]:
    yield _case(1, 2, 3, "fan_in = 2: the variance is 1.")
    yield _case(2, 200, 300, "2/200 is the variance; the standard deviation is its root, 0.1.")
    yield _case(3, 800, 100, "Eight hundred inputs add up: the standard deviation is 0.05.")
    yield _case(4, 50, 1000, "The inputs of a unit count, not the units: the standard deviation is 0.2.")


XAVIER_UNIFORM = Exercise(
    "ps3.xavier_uniform",
    xavier_uniform,
    _uniform_examples,
    _draw,
    play=_two_matrices,
    judge=_judge_uniform,
    summary=_summary,
    float32_tolerance=None,
)

HE_NORMAL = Exercise(
    "ps3.he_normal",
    he_normal,
    _normal_examples,
    _draw,
    play=_two_matrices,
    judge=_judge_normal,
    summary=_summary,
    float32_tolerance=None,
)
