"""sgd_epoch: judged by all the orders in which a few rows can be taken, and by what many rows leave behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any

import numpy as np

from nnlab.data.sampling import minibatches
from nnlab.grading.comparing import Difference, difference
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import array
from nnlab.grading.exercises.judging import dtype_of, wrong_array
from nnlab.grading.exercises.ps2.regression import linear_gradient
from nnlab.optimizers import SGD

FEW = 5  # rows whose orders, at most 120, are all tried
OTHER_SEED = 1000  # of no case


def sgd_epoch(
    w: np.ndarray, X: np.ndarray, y: np.ndarray, lr: float, batch_size: int, rng: np.random.Generator
) -> np.ndarray:
    """w after one step of nnlab's SGD for each mini-batch of one shuffled pass."""
    w, rule = w.copy(), SGD(lr)
    for batch in minibatches(len(X), batch_size, rng):
        rule.step([w], [linear_gradient(w, X[batch], y[batch])])
    return w


def _two_epochs(function: Any, *arguments: Any) -> tuple[Any, Any]:
    *others, _ = arguments
    return function(*arguments), function(*others, np.random.default_rng(OTHER_SEED))


def _judge(result: Any, arguments: Mapping[str, Any]) -> Difference | None:
    w, dtype = arguments["w"], dtype_of(list(arguments.values()))
    possible = _ends(arguments)
    for epoch in result:
        flaw = wrong_array(epoch, "The result", w.shape, dtype)
        if flaw is None and possible is not None:
            flaw = _end_flaw(epoch, possible, dtype)
        elif flaw is None:
            flaw = _last_pair_flaw(epoch, arguments) if len(w) == 1 else _short_batch_flaw(epoch, arguments)
        if flaw:
            return flaw
    if possible is None and len(w) > 1 and np.array_equal(*result):
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
    return Difference("No order of the rows leads here; expected is the nearest.", epoch, nearest)


# Many rows, each with a weight of its own: the weights tell which rows the short batch had.
def _steps(arguments: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, int]:
    """Where each weight ends if its row is in a full batch, where if it is in the short one, and the latter's size."""
    w, y, lr, batch_size = (arguments[name] for name in ("w", "y", "lr", "batch_size"))
    short = len(y) % batch_size
    return w - lr * 2 / batch_size * (w - y), w - lr * 2 / short * (w - y), short


def _taken_last(epoch: np.ndarray, arguments: Mapping[str, Any]) -> np.ndarray:
    return np.flatnonzero(np.isclose(epoch, _steps(arguments)[1], rtol=1e-6))


def _short_batch_flaw(epoch: np.ndarray, arguments: Mapping[str, Any]) -> Difference | None:
    full, small, short = _steps(arguments)
    last = _taken_last(epoch, arguments)
    neither = ~np.isclose(epoch, full, rtol=1e-6) & ~np.isclose(epoch, small, rtol=1e-6)
    if neither.any():
        at = int(neither.argmax())
        sentence = f"Row {at} alone moves w[{at}], once an epoch, by its batch's mean."
        wanted = f"{full[at]:.6g}, or {small[at]:.6g} in the last batch"
        return Difference(sentence, f"w[{at}] = {epoch[at]:.6g}", wanted)
    if last.size != short:
        return Difference("The last batch holds the rows that are left.", f"{last.size} rows", f"{short} rows")
    if np.ptp(last) == short - 1:
        return Difference("The last batch holds neighbours: shuffle.", f"rows {last[0]} to {last[-1]}", "any rows")
    return None


# Many rows for one weight, which each batch of two takes to its own mean target: w tells which batch was the last.
def _last_pair(epoch: np.ndarray, y: np.ndarray) -> tuple[int, int] | None:
    first, second = np.triu_indices(len(y), 1)
    means = (y[first] + y[second]) / 2
    at = int(np.abs(means - epoch[0]).argmin())
    return (int(first[at]), int(second[at])) if abs(means[at] - epoch[0]) < 1e-9 else None


def _last_pair_flaw(epoch: np.ndarray, arguments: Mapping[str, Any]) -> Difference | None:
    if _last_pair(epoch, arguments["y"]):
        return None
    return Difference("Each step ends at its batch's mean target.", epoch, "the mean target of two rows")


def _summary(result: Any, arguments: Mapping[str, Any]) -> np.ndarray:
    """The result where the order makes no difference; of many rows, how many were left out and which came last."""
    possible, epochs = _ends(arguments), [np.asarray(epoch, dtype=np.float64) for epoch in result]
    if possible is not None:
        return epochs[0] if np.ptp(possible, axis=0).max() < 1e-12 else np.array([float(epochs[0].ndim)])
    if len(epochs[0]) == 1:
        rows = len(arguments["y"])
        pairs = [_last_pair(epoch, arguments["y"]) for epoch in epochs]
        return np.array([None not in pairs, pairs == [(rows - 2, rows - 1)] * 2], dtype=np.float64)
    last = _taken_last(epochs[0], arguments)
    untouched = np.isclose(epochs[0], arguments["w"])
    return np.array([untouched.any(), last.size, last.size > 0 and np.ptp(last) == last.size - 1], dtype=np.float64)


def _examples() -> Iterator[Case]:
    def case(w: Any, X: Any, y: Any, lr: float, batch_size: int, why: str) -> Case:
        numbers = {"w": array(w), "X": array(X), "y": array(y)}
        return Case({**numbers, "lr": lr, "batch_size": batch_size, "rng": np.random.default_rng(5)}, why)

    yield case([0], [[1], [1]], [2, 6], 0.25, 1, "Two steps, one a row: w ends at 3.5 or at 2.5, by which row is last.")
    yield case([0], [[1], [1]], [2, 6], 0.25, 2, "The whole batch: one step, with the mean gradient.")
    yield case([0], [[1]] * 4, [1] * 4, 0.25, 2, "Two steps; the second starts where the first has led.")
    yield case([0], [[1]] * 5, [1] * 5, 0.25, 2, "Two and two and one: the row that is left makes a batch, too.")
    yield case([1, 2], [[1, 0]], [3], 0.5, 4, "One row is one batch, and lr times its gradient one step.")
    yield case([0, 0, 0], np.diag([1, 2, 3]), [3, 2, 1], 0.05, 1, "Each row has its own target.")
    # the means of any two of these targets differ
    yield case([0], [[1]] * 60, np.arange(60) ** 1.5, 0.5, 2, "Here a step goes all the way: the last batch decides.")
    yield case([0] * 80, np.eye(80), np.arange(1, 81), 1.0, 34, "Shuffle; each row makes its step once.")


def _draw(rng: np.random.Generator, size: int) -> Case:
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
    _examples,
    _draw,
    play=_two_epochs,
    judge=_judge,
    summary=_summary,
    builds_on=("ps2.minibatches", "ps2.linear_gradient"),
)
