"""gradient_variance: a random estimate, judged by bounds that hold for every number of trials."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from nnlab.grading.comparing import Difference, difference
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import array
from nnlab.grading.exercises.judging import CHANCE, dtype_of, same_again
from nnlab.grading.exercises.ps2.regression import linear_gradient

SURELY_DIFFERENT = 500  # trials from which two estimates agree only if they are drawn from the same numbers


def gradient_variance(
    w: np.ndarray, X: np.ndarray, y: np.ndarray, batch_size: int, trials: int, rng: np.random.Generator
) -> float:
    """The summed variance of ``trials`` gradients, each of ``batch_size`` different rows."""
    batches = [rng.choice(len(X), batch_size, replace=False) for _ in range(trials)]
    return float(np.var([linear_gradient(w, X[batch], y[batch]) for batch in batches], axis=0).sum())


def _twice(function: Any, *arguments: Any) -> tuple[Any, Any]:
    return function(*arguments), function(*arguments)


def _gradients(arguments: Mapping[str, Any]) -> np.ndarray:
    """The gradients of all sets of batch_size rows, (sets, d) float64."""
    w, X, y = (np.asarray(arguments[name], dtype=np.float64) for name in "wXy")
    rows = combinations(range(len(X)), arguments["batch_size"])
    return np.array([linear_gradient(w, X[list(batch)], y[list(batch)]) for batch in rows])


def _bounds(gradients: np.ndarray, trials: int) -> tuple[float, float, float]:
    """(least, exact, most): the variance, and between what its estimates lie, but for ``CHANCE``.

    An estimate is the mean of |g − μ|², by Bernstein's inequality within t of the variance V, less |ḡ − μ|², which
    McDiarmid's inequality bounds by (√V + R√(2L))²/trials, with R the largest |g − μ| and L = ln(2/CHANCE).
    """
    squares = ((gradients - gradients.mean(axis=0)) ** 2).sum(axis=1)
    exact, largest, rate = float(squares.mean()), float(squares.max()), math.log(2 / CHANCE)
    third = rate * largest / 3
    t = (third + math.sqrt(third**2 + 2 * rate * trials * float(squares.var()))) / trials
    of_the_mean = (math.sqrt(exact) + math.sqrt(2 * rate * largest)) ** 2 / trials
    return max(0.0, exact - t - of_the_mean), exact, (exact + t) * trials / (trials - 1)


def _judge(result: Any, arguments: Mapping[str, Any]) -> Difference | None:
    gradients, trials = _gradients(arguments), arguments["trials"]
    least, exact, most = _bounds(gradients, trials)
    rounding = (1e-5 if dtype_of(list(arguments.values())) == np.float32 else 1e-10) * float(
        (gradients**2).sum(1).max()
    )
    for estimate in result:
        flaw = difference(estimate, exact, "The result", np.float64, math.inf)
        if flaw:
            return flaw
        if not least - rounding <= float(estimate) <= most + rounding:
            return Difference(_sentence(exact, rounding, gradients), estimate, f"about {exact:.6g}")
    if len(gradients) > 6 and trials >= SURELY_DIFFERENT and result[0] == result[1]:
        return same_again(result[0])
    return None


def _sentence(exact: float, rounding: float, gradients: np.ndarray) -> str:
    if exact <= rounding:
        return "Every set of batch_size different rows has the same gradient here: no variance."
    return f"{len(gradients)} sets of rows are equally likely; their variance is {exact:.5g}."


def _summary(result: Any, arguments: Mapping[str, Any]) -> np.ndarray:
    """The estimate where it hardly varies: with gradients that are all as far from their mean; or if it is above 0."""
    gradients = _gradients(arguments)
    distances = np.linalg.norm(gradients - gradients.mean(axis=0), axis=1)
    if arguments["trials"] < SURELY_DIFFERENT or np.ptp(distances) > 1e-9:
        return np.array([float(np.ndim(result[0]))])
    return np.array([result[0] if distances[0] > 1e-9 else float(result[0] > 1e-6)])


def _examples() -> Iterator[Case]:
    def case(w: Any, X: Any, y: Any, batch_size: int, why: str) -> Case:
        numbers = {"w": array(w), "X": array(X), "y": array(y), "batch_size": batch_size, "trials": SURELY_DIFFERENT}
        return Case({**numbers, "rng": np.random.default_rng(8)}, why)

    yield case([0], [[1], [1]], [0, 2], 1, "Two gradients, 0 and −4, equally likely: mean −2, variance 4.")
    yield case([0, 0, 0], [[1, 2, 2], [0, 0, 0]], [1, 0], 1, "Three coordinates: add their variances up.")
    yield case([0], [[1], [1]], [0, 2], 2, "Different rows: a batch of all rows is always the same.")
    yield case([3], [[2], [2], [2]], [1, 1, 1], 2, "Equal rows have equal gradients, far from 0 or not.")
    yield case([1, 0], [[1, 0], [1, 0]], [-9, -11], 1, "Around their mean: the variance, not the mean square.")
    yield case([0] * 5, np.eye(5), [1, 1, 1, 1, 1], 2, "A batch's gradient is the mean over its rows.")
    rows = [[1, 0], [0, 2], [1, 1], [-1, 1], [2, 0]]
    yield case([1, -1], rows, [1, 2, 0, -1, 3], 3, "Larger batches vary less, and the fewer rows are left the less.")


def _draw(rng: np.random.Generator, size: int) -> Case:
    rows, features = int(rng.integers(1, min(size, 6) + 1)), int(rng.integers(1, 4))
    shapes = {"w": (features,), "X": (rows, features), "y": (rows,)}
    drawn: dict[str, Any] = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    drawn |= {"batch_size": int(rng.integers(1, rows + 1)), "trials": 200}
    return Case(
        {**drawn, "rng": np.random.default_rng(int(rng.integers(1000)))},
        "Draw batch_size different rows, take their mean gradient, and see how it varies from trial to trial.",
    )


GRADIENT_VARIANCE = Exercise(
    "ps2.gradient_variance",
    gradient_variance,
    _examples,
    _draw,
    play=_twice,
    judge=_judge,
    summary=_summary,
    builds_on=("ps2.linear_gradient",),
)
