"""linear_gradient: the gradient of linear regression's mean squared error."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import array, sides
from nnlab.losses import MeanSquaredError


def linear_gradient(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """∂/∂w of the mean of (Xw − y)², through nnlab's MeanSquaredError."""
    _, dpred = MeanSquaredError().value_and_gradient((X @ w).reshape(-1, 1), y.reshape(-1, 1))
    return X.T @ dpred[:, 0]


def _gradient_examples() -> Iterator[Case]:
    yield Case(
        {"w": array([3]), "X": array([[1]]), "y": array([1])}, "One row: the error is 2, its square has slope 4."
    )
    yield Case({"w": array([1, 2]), "X": array([[1, 1]]), "y": array([3])}, "No error, no gradient.")
    yield Case({"w": array([0]), "X": array([[1], [1]]), "y": array([1, 5])}, "The mean over the rows: (−2 − 10)/2.")
    yield Case(
        {"w": array([0, 0]), "X": array([[1, 10], [2, 0], [0, 0]]), "y": array([-1, 3, 7])},
        "Each feature weighs the errors by its own column of X.",
    )
    yield Case({"w": array([1, 1, 1]), "X": array([[1, 2, 3]]), "y": array([5])}, "One entry a weight: the shape of w.")


def _draw_gradient(rng: np.random.Generator, size: int) -> Case:
    rows, features = sides(rng, size, 2)
    return Case(
        {"w": rng.normal(size=features), "X": rng.normal(size=(rows, features)), "y": rng.normal(size=rows)},
        "The gradient of a mean over N rows: 2/N, and X turned round.",
    )


LINEAR_GRADIENT = Exercise("ps2.linear_gradient", linear_gradient, _gradient_examples, _draw_gradient)
