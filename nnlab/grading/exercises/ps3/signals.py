"""standardize, activation_statistics, rnn_gradient_norms and clip_by_norm: what keeps signals in range."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from nnlab.clipping import clip_by_global_norm
from nnlab.data.scaling import standardize
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import Formula, array, sides


def activation_statistics(
    x: np.ndarray, weights: Sequence[np.ndarray], activation: Callable[[np.ndarray], np.ndarray]
) -> list[tuple[float, float]]:
    """(mean, standard deviation) of all entries of each layer's output."""
    statistics = []
    for W in weights:
        x = activation(x @ W)
        statistics.append((float(x.mean()), float(x.std())))
    return statistics


def rnn_gradient_norms(W_rec: np.ndarray, steps: int) -> np.ndarray:
    """‖W‖₂, ‖W²‖₂, …, ‖W^steps‖₂."""
    return np.array([np.linalg.norm(np.linalg.matrix_power(W_rec, t), 2) for t in range(1, steps + 1)])


def clip_by_norm(grads: Sequence[np.ndarray], max_norm: float) -> list[np.ndarray]:
    """Copies of the gradients, clipped by nnlab's clip_by_global_norm."""
    clipped = [np.array(gradient) for gradient in grads]
    clip_by_global_norm(clipped, max_norm)
    return clipped


def _standardize_examples() -> Iterator[Case]:
    def case(train: list, test: list, why: str) -> Case:
        return Case({"train": array(train), "test": array(test)}, why)

    yield case([[1], [3]], [[2], [7]], "Mean 2, standard deviation 1: 1 and 3 become −1 and 1, and 7 becomes 5.")
    yield case([[0, 10], [2, 50]], [[4, 30]], "Each column has its own mean and its own standard deviation.")
    yield case([[1], [2], [6]], [[1], [2]], "np.std divides by N, not by N − 1.")
    yield case([[0], [4]], [[100], [104]], "The test set is moved by what the training set says, and lands far away.")
    yield case([[5, 1], [5, 3]], [[5, 2], [9, 2]], "A column without spread in train becomes 0, in test as well.")
    yield case([[0.1]] * 10, [[0.1], [0.2]], "Ten times 0.1: rounding leaves a standard deviation of 1e-17, not 0.")
    yield case([[1234567.1]] * 7, [[1.0]], "How large rounding is depends on the numbers; look for equal entries.")
    yield case([[1e-9], [3e-9]], [[2e-9]], "A small spread is a spread.")
    yield case([[10000], [10001]], [[10002]], "A spread far from 0 is a spread, too: −1, 1 and 3.")
    yield case([[2, 3]], [[2, 4]], "One row has no spread.")


def _draw_standardize(rng: np.random.Generator, size: int) -> Case:
    rows, others, features = sides(rng, size, 3)
    rows += 1
    spread, middle = rng.uniform(0.3, 3, features), rng.uniform(-3, 3, features)
    # evenly spaced, so that no column's spread is small by chance; then in random order
    steps = rng.permuted(np.tile(np.linspace(-1.5, 1.5, rows)[:, None], features), axis=0)
    train = middle + spread * (steps + rng.uniform(-0.1, 0.1, (rows, features)))
    test = middle + 1 + spread * rng.normal(size=(others, features))
    if size % 2:
        train[:, 0] = middle[0]
    return Case({"train": train, "test": test}, "Mean and standard deviation of each column, from train alone.")


STANDARDIZE = Exercise(
    "ps3.standardize",
    standardize,
    _standardize_examples,
    _draw_standardize,
    results=("train", "test"),
    parts={"train": ("train",), "test": ("test",)},
    tolerance=1e-6,
)

IDENTITY = Formula("x")
RELU = Formula("np.maximum(x, 0)")
TANH = Formula("np.tanh(x)")
SIGMOID = Formula("1 / (1 + np.exp(-x))")


def _statistics_examples() -> Iterator[Case]:
    def case(x: list, weights: list, activation: Formula, why: str) -> Case:
        matrices = [array(W) for W in weights]
        return Case({"x": array(x), "weights": matrices, "activation": activation}, why)

    yield case([[1], [3]], [[[2]]], IDENTITY, "The layer gives 2 and 6: mean 4, standard deviation 2.")
    yield case([[1], [-3]], [[[2]]], RELU, "Measured after the activation: 2 and 0.")
    yield case([[1], [3]], [[[2]], [[-1]]], IDENTITY, "The second layer takes what the first one gives.")
    yield case([[1], [-1]], [[[2]], [[3]]], TANH, "The activation comes after every layer, the last one included.")
    yield case([[1, 0]], [[[1, 5], [0, 1]]], IDENTITY, "One mean over all rows and all units, here of 1 and 5.")
    yield case([[1, 2]], [[[1, 0], [0, 3]], [[1], [1]], [[2, -2, 0]]], RELU, "Layers may widen and narrow.")
    yield case([[4]], [], RELU, "Without layers there is nothing to report.")


def _draw_statistics(rng: np.random.Generator, size: int) -> Case:
    layers = int(rng.integers(1, 5))
    rows, *widths = sides(rng, size, layers + 2)
    weights = [rng.normal(size=(i, o)) * np.sqrt(2 / i) for i, o in pairwise(widths)]
    activation = (RELU, TANH, SIGMOID, IDENTITY)[rng.integers(4)]
    return Case(
        {"x": rng.normal(size=(rows, widths[0])), "weights": weights, "activation": activation},
        "For each layer: x ← activation(xW), then the mean and the standard deviation of all its entries.",
    )


ACTIVATION_STATISTICS = Exercise(
    "ps3.activation_statistics",
    activation_statistics,
    _statistics_examples,
    _draw_statistics,
    float32_tolerance=1e-3,
)


def _norms_examples() -> Iterator[Case]:
    def case(W_rec: list, steps: int, why: str) -> Case:
        return Case({"W_rec": array(W_rec), "steps": steps}, why)

    yield case([[0.5]], 3, "One unit: the gradient halves with every step, 0.5, 0.25, 0.125.")
    yield case([[0, -1], [1, 0]], 3, "A rotation keeps all lengths: 1, 1, 1.")
    yield case([[2, 0], [0, 0.5]], 3, "The largest stretch of each power.")
    yield case([[0, 3], [0, 0]], 2, "Its only eigenvalue is 0, and yet it stretches by 3; its square is 0.")
    yield case([[0.9, 5], [0, 0.9]], 4, "Grows before it shrinks: the norms of the powers, not powers of a norm.")
    yield case([[1, 2], [3, 4]], 1, "The spectral norm is the largest singular value, 5.465.")


def _draw_norms(rng: np.random.Generator, size: int) -> Case:
    (units,) = sides(rng, size, 1)
    W = rng.normal(size=(units, units)) * rng.uniform(0.7, 1.2) / np.sqrt(units)
    return Case({"W_rec": W, "steps": int(rng.integers(1, 7))}, "Matrix powers, each with its own spectral norm.")


RNN_GRADIENT_NORMS = Exercise(
    "ps3.rnn_gradient_norms", rnn_gradient_norms, _norms_examples, _draw_norms, tolerance=1e-4
)


def _clip_examples() -> Iterator[Case]:
    def case(grads: list, max_norm: float, why: str) -> Case:
        return Case({"grads": [array(gradient) for gradient in grads], "max_norm": max_norm}, why)

    yield case([[3, 4]], 1.0, "The norm is 5: a fifth of it has norm 1.")
    yield case([[3, 4]], 10.0, "Short enough: it stays as it is, and is not stretched.")
    yield case([[3], [4]], 1.0, "One norm for the whole list, √(9 + 16) = 5.")
    yield case([[1, 2], [0, 2]], 3.0, "Exactly max_norm is short enough.")
    yield case([[0, 0], [0]], 1.0, "No gradient, nothing to clip, and nothing to divide by.")
    yield case([[[6, 0], [0, 0]], [8]], 5.0, "Matrices count with all their entries.")
    yield case([[0.5, -12], [0.1]], 6.0, "The direction stays: all entries shrink by the same factor.")


def _draw_clip(rng: np.random.Generator, size: int) -> Case:
    shapes = [tuple(sides(rng, size, int(rng.integers(1, 3)))) for _ in range(int(rng.integers(1, 4)))]
    grads = [rng.normal(size=shape) for shape in shapes]
    norm = np.sqrt(sum((gradient**2).sum() for gradient in grads))
    factor = rng.uniform(1, 3) / norm
    return Case(
        {"grads": [factor * gradient for gradient in grads], "max_norm": float(rng.choice([0.5, 1.5, 2.5, 5]))},
        "The whole list as one long vector: if it is longer than max_norm, shrink it to that length.",
    )


# A millionth in the denominator, as other libraries add, is right as well.
CLIP_BY_NORM = Exercise("ps3.clip_by_norm", clip_by_norm, _clip_examples, _draw_clip, tolerance=1e-5)
