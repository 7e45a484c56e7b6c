"""softmax, cross_entropy and mean_squared_error."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import array, labels, sides
from nnlab.losses import MeanSquaredError, SoftmaxCrossEntropy


def softmax(logits: np.ndarray) -> np.ndarray:
    """exp(zᵢ) / Σ exp(zⱼ) for each row, with the row's maximum subtracted first."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """(mean loss, ∂loss/∂logits) of nnlab's SoftmaxCrossEntropy."""
    loss, gradient = SoftmaxCrossEntropy().value_and_gradient(logits, labels)
    return float(loss), gradient


def mean_squared_error(pred: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
    """(mean loss, ∂loss/∂pred) of nnlab's MeanSquaredError."""
    loss, gradient = MeanSquaredError().value_and_gradient(pred.reshape(-1, 1), target.reshape(-1, 1))
    return float(loss), gradient.reshape(pred.shape)


def _softmax_examples() -> Iterator[Case]:
    yield Case({"logits": array([[0, 0]])}, "Equal logits have equal probabilities.")
    yield Case({"logits": array([[0, 1, 3]])}, "Each probability is positive and they sum to 1.")
    yield Case({"logits": array([[1, 2], [3, 3], [0, 5]])}, "Each row is one example: it sums to 1 by itself.")
    yield Case({"logits": array([[-4], [9]])}, "With a single class its probability is 1.")
    yield Case({"logits": array([[1e4, 1e4 - 1], [0, 1]])}, "exp(10000) overflows. Which shift changes nothing?")
    yield Case({"logits": array([[-1e4, -1e4 - 2]])}, "exp(-10000) is 0, and 0/0 is not a number. Shift each row.")
    yield Case({"logits": array([[0, 1], [1e4, 0]])}, "Shift each row by its own maximum, not by the batch's.")
    yield Case({"logits": array([[1e4, 0], [0, 1e4]])}, "Far apart logits give probabilities 1 and 0.")


def _draw_softmax(rng: np.random.Generator, size: int) -> Case:
    return Case({"logits": rng.normal(0, 3, sides(rng, size, 2))}, "Rows are examples, columns are classes.")


SOFTMAX = Exercise("ps1.softmax", softmax, _softmax_examples, _draw_softmax)


def _cross_entropy_examples() -> Iterator[Case]:
    yield Case({"logits": array([[0, 0]]), "labels": labels(0)}, "An undecided guess between two classes costs log 2.")
    yield Case({"logits": array([[1, 3, 0]]), "labels": labels(1)}, "Only the probability of the label counts.")
    yield Case({"logits": array([[1, 2], [0, 4], [3, 3]]), "labels": labels(1, 0, 1)}, "The loss is the batch's mean.")
    yield Case({"logits": array([[5, 1], [2, 2]]), "labels": labels(0, 0)}, "A label may occur more than once.")
    yield Case({"logits": array([[1e4, 0]]), "labels": labels(1)}, "log(0) is infinite; log(exp(z)) is just z.")
    yield Case({"logits": array([[-1e4, 1e4, 0], [0, 1, 2]]), "labels": labels(0, 2)}, "Work with log-probabilities.")
    yield Case({"logits": array([[1e4, 0]]), "labels": labels(0)}, "A sure and right guess costs nothing.")


def _draw_cross_entropy(rng: np.random.Generator, size: int) -> Case:
    rows, classes = sides(rng, size, 2)
    chosen = rng.integers(0, classes, rows, dtype=np.int32 if size % 2 else np.int64)
    return Case(
        {"logits": rng.normal(0, 3, (rows, classes)), "labels": chosen},
        "The loss is a mean over the rows, and so is its gradient.",
    )


CROSS_ENTROPY = Exercise(
    "ps1.cross_entropy",
    cross_entropy,
    _cross_entropy_examples,
    _draw_cross_entropy,
    results=("loss", "dlogits"),
    parts={"loss": ("loss",), "gradient": ("dlogits",)},
    builds_on=("ps1.softmax",),
)


def _squared_examples() -> Iterator[Case]:
    yield Case({"pred": array([[3]]), "target": array([[1]])}, "One entry: the error is 2, its square 4.")
    yield Case({"pred": array([[1, 2]]), "target": array([[1, 2]])}, "No error, no loss, no gradient.")
    yield Case({"pred": array([[1, 2], [0, 0]]), "target": array([[0, 0], [3, 0]])}, "The mean is over all entries.")
    yield Case({"pred": array([1, 2, 4]), "target": array([0, 2, 8])}, "Arrays may have one axis.")


def _draw_squared(rng: np.random.Generator, size: int) -> Case:
    shape = sides(rng, size, 2)
    return Case(
        {"pred": rng.normal(size=shape), "target": rng.normal(size=shape)},
        "Both the loss and its gradient are divided by the number of entries, rows times columns.",
    )


MEAN_SQUARED_ERROR = Exercise(
    "ps1.mean_squared_error",
    mean_squared_error,
    _squared_examples,
    _draw_squared,
    results=("loss", "dpred"),
    parts={"loss": ("loss",), "gradient": ("dpred",)},
)
