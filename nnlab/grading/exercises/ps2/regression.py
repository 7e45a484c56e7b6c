"""linear_gradient, and sgd_epoch: judged by all the orders in which rows can be taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any

import numpy as np

from nnlab.data.sampling import minibatches
from nnlab.grading.comparing import Difference, difference
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import array, sides
from nnlab.grading.exercises.judging import dtype_of, wrong_array
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import SGD

FEW = 5  # rows whose orders, at most 120, are all tried
OTHER_SEED = 1000  # of no case


def linear_gradient(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """∂/∂w of the mean of (Xw − y)², through nnlab's MeanSquaredError."""
    _, dpred = MeanSquaredError().value_and_gradient((X @ w).reshape(-1, 1), y.reshape(-1, 1))
    return X.T @ dpred[:, 0]


def sgd_epoch(
    w: np.ndarray, X: np.ndarray, y: np.ndarray, lr: float, batch_size: int, rng: np.random.Generator
) -> np.ndarray:
    """w after one step of nnlab's SGD for each mini-batch of one shuffled pass."""
    w, rule = w.copy(), SGD(lr)
    for batch in minibatches(len(X), batch_size, rng):
        rule.step([w], [linear_gradient(w, X[batch], y[batch])])
    return w


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


def _two_epochs(function: Any, *arguments: Any) -> tuple[Any, Any]:
    *others, _ = arguments
    return function(*arguments), function(*others, np.random.default_rng(OTHER_SEED))


def _judge(result: Any, arguments: Mapping[str, Any]) -> Difference | None:
    w, dtype = arguments["w"], dtype_of(list(arguments.values()))
    possible = _ends(arguments)
    for epoch in result:
        flaw = wrong_array(epoch, "The result", w.shape, dtype)
        flaw = flaw or (_order_flaw(epoch, arguments) if possible is None else _end_flaw(epoch, possible, dtype))
        if flaw:
            return flaw
    if possible is None and np.array_equal(*(_taken_last(epoch, arguments) for epoch in result)):
        return Difference("Two generators lead to the same order. Draw from rng.", result[0], "another order")
    return None


def _ends(arguments: Mapping[str, Any]) -> np.ndarray | None:
    """Every w that some order of the rows leads to, (orders, d) float64; None where there are too many orders."""
    w, X, y = (np.asarray(arguments[name], dtype=np.float64) for name in "wXy")
    rows, batch_size = len(X), arguments["batch_size"]
    if rows > FEW:
        return None
    orders = permutations(range(rows)) if batch_size < rows else [tuple(range(rows))]
    cut = [slice(start, start + batch_size) for start in range(0, rows, batch_size)]
    # the order within a batch makes no difference
    partitions = {tuple(tuple(sorted(order[part])) for part in cut) for order in orders}
    ends = []
    for batches in sorted(partitions):
        end = w
        for batch in map(list, batches):
            end = end - arguments["lr"] * 2 / len(batch) * (X[batch].T @ (X[batch] @ end - y[batch]))
        ends.append(end)
    return np.array(ends)


def _end_flaw(epoch: np.ndarray, possible: np.ndarray, dtype: Any) -> Difference | None:
    nearest = possible[np.abs(possible - epoch.astype(np.float64)).max(axis=1).argmin()]
    found = difference(epoch, nearest, "The result", dtype, 1e-4 if dtype == np.float32 else 1e-7)
    if found is None or np.ptp(possible, axis=0).max() < 1e-12:
        return found
    return Difference("No order of the rows leads to this w; expected is the nearest of them.", epoch, nearest)


# In the one case with many rows each row moves a weight of its own, so the weights tell which rows the short batch had.
def _steps(arguments: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, int]:
    """Where each weight ends if its row is in a full batch, where if it is in the short one, and the latter's size."""
    w, y, lr, batch_size = (arguments[name] for name in ("w", "y", "lr", "batch_size"))
    short = len(y) % batch_size
    return w - lr * 2 / batch_size * (w - y), w - lr * 2 / short * (w - y), short


def _taken_last(epoch: np.ndarray, arguments: Mapping[str, Any]) -> np.ndarray:
    return np.flatnonzero(np.isclose(epoch, _steps(arguments)[1], rtol=1e-6))


def _order_flaw(epoch: np.ndarray, arguments: Mapping[str, Any]) -> Difference | None:
    full, small, short = _steps(arguments)
    last = _taken_last(epoch, arguments)
    neither = ~np.isclose(epoch, full, rtol=1e-6) & ~np.isclose(epoch, small, rtol=1e-6)
    if neither.any():
        at = int(neither.argmax())
        sentence = f"Row {at} alone moves w[{at}], once an epoch, by lr times the mean over its batch."
        return Difference(
            sentence, f"w[{at}] = {epoch[at]:.6g}", f"{full[at]:.6g}, or {small[at]:.6g} in the last batch"
        )
    if last.size != short:
        return Difference(
            "The last batch holds the rows that are left.", f"{last.size} rows in it", f"{short} rows in it"
        )
    if np.ptp(last) == short - 1:
        return Difference("The last batch holds neighbours: shuffle.", f"rows {last[0]} to {last[-1]}", "any rows")
    return None


def _summary(result: Any, arguments: Mapping[str, Any]) -> np.ndarray:
    """The result where the order makes no difference; of many rows, how many were left out and which came last."""
    possible, epoch = _ends(arguments), np.asarray(result[0], dtype=np.float64)
    if possible is None:
        last = _taken_last(epoch, arguments)
        untouched = np.isclose(epoch, arguments["w"])
        return np.array([untouched.any(), last.size, last.size > 0 and np.ptp(last) == last.size - 1], dtype=np.float64)
    return epoch if np.ptp(possible, axis=0).max() < 1e-12 else np.array([float(epoch.ndim)])


def _epoch_examples() -> Iterator[Case]:
    def case(w: Any, X: Any, y: Any, lr: float, batch_size: int, why: str) -> Case:
        numbers = {"w": array(w), "X": array(X), "y": array(y)}
        return Case({**numbers, "lr": lr, "batch_size": batch_size, "rng": np.random.default_rng(5)}, why)

    yield case([0], [[1], [1]], [2, 6], 0.25, 1, "Two steps, one a row: w ends at 3.5 or at 2.5, by which row is last.")
    yield case([0], [[1], [1]], [2, 6], 0.25, 2, "The whole batch: one step, with the mean gradient.")
    yield case([0], [[1]] * 4, [1] * 4, 0.25, 2, "Two steps; the second starts where the first has led.")
    yield case([0], [[1]] * 5, [1] * 5, 0.25, 2, "Two and two and one: the row that is left makes a batch, too.")
    yield case([1, 2], [[1, 0]], [3], 0.5, 4, "One row is one batch, and lr times its gradient one step.")
    yield case([0, 0, 0], np.diag([1, 2, 3]), [3, 2, 1], 0.05, 1, "Each row has its own target.")
    rows = 80
    yield case([0] * rows, np.eye(rows), np.arange(1, rows + 1), 1.0, 34, "Shuffle; each row makes its step once.")


def _draw_epoch(rng: np.random.Generator, size: int) -> Case:
    rows, features = int(rng.integers(1, min(size, FEW) + 1)), int(rng.integers(1, size + 2))
    numbers = {"w": (features,), "X": (rows, features), "y": (rows,)}
    drawn: dict[str, Any] = {name: rng.normal(size=shape) for name, shape in numbers.items()}
    settings = {"lr": 0.1 / features, "batch_size": int(rng.integers(1, rows + 2))}
    return Case(
        {**drawn, **settings, "rng": np.random.default_rng(int(rng.integers(1000)))},
        "For each mini-batch of a shuffled pass: w ← w − lr times the gradient of its mean squared error, at w.",
    )


SGD_EPOCH = Exercise(
    "ps2.sgd_epoch",
    sgd_epoch,
    _epoch_examples,
    _draw_epoch,
    play=_two_epochs,
    judge=_judge,
    summary=_summary,
    builds_on=("ps2.minibatches", "ps2.linear_gradient"),
)
