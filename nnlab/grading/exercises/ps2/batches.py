"""minibatches: random partitions, judged by what they are and by how two of them in a row compare."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nnlab.data.sampling import minibatches
from nnlab.grading.comparing import Difference, kind
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.judging import same_again

MANY = 200  # rows from which on the order itself is judged


def _two_epochs(function: Any, n: int, batch_size: int, rng: np.random.Generator) -> tuple[Any, Any]:
    return function(n, batch_size, rng), function(n, batch_size, rng)


def _judge(result: Any, arguments: Mapping[str, Any]) -> Difference | None:
    n, batch_size = arguments["n"], arguments["batch_size"]
    for epoch in result:
        flaw = _form_flaw(epoch) or _partition_flaw(epoch, n, batch_size)
        if flaw:
            return flaw
    if n < MANY or batch_size >= n / 2:
        return None
    for epoch in result:
        flaw = _order_flaw(epoch, n, batch_size)
        if flaw:
            return flaw
    return same_again(_head(result[0])) if _share_too_much(result[0], result[1], n, batch_size) else None


def _share_too_much(first: Any, second: Any, n: int, batch_size: int) -> bool:
    """Whether far more pairs of rows share a batch in both epochs than in two independent partitions."""
    batch_of = _batch_of_each_row(second, n)
    counts = (np.bincount(batch_of[batch]) for batch in first)
    pairs = sum(int((count * (count - 1)).sum()) for count in counts) / 2
    chance = n * (batch_size - 1) ** 2 / (2 * (n - 1))
    return pairs > chance + 10 * math.sqrt(chance) + 20


def _form_flaw(epoch: Any) -> Difference | None:
    wanted = "a list of arrays of row numbers"
    if not isinstance(epoch, (list, tuple)):
        return Difference(f"It must return {wanted}; it returned {kind(epoch)}.", epoch, wanted)
    for index, batch in enumerate(epoch):
        if type(batch) is not np.ndarray or batch.ndim != 1 or batch.dtype.kind not in "iu":
            sentence = f"Batch {index} must be an array of integers with one axis; it is {kind(batch)}."
            return Difference(sentence, batch, wanted)
    return None


def _partition_flaw(epoch: Any, n: int, batch_size: int) -> Difference | None:
    sizes = [len(batch) for batch in epoch]
    wanted = [min(batch_size, n - start) for start in range(0, n, batch_size)]
    rows = np.concatenate([np.zeros(0, np.int64), *epoch])
    shown = list(epoch) if n <= 12 else f"{len(epoch)} batches"
    if rows.size and (rows.min() < 0 or rows.max() >= n):
        wrong = rows.min() if rows.min() < 0 else rows.max()
        return Difference(f"There is no row {wrong}: the rows are 0 to {n - 1}.", shown, f"0 to {n - 1}")
    if sizes != wanted:
        sentence = "Every batch has batch_size rows; only the last may have fewer, and none is empty."
        return Difference(sentence, f"batches of {_listed(sizes)} rows", f"batches of {_listed(wanted)} rows")
    counts = np.bincount(rows, minlength=n)
    if (counts != 1).any():
        row = int(np.flatnonzero(counts != 1)[0])
        sentence = f"Row {row} comes {counts[row]} times in one epoch."
        return Difference(sentence, shown, "each row exactly once")
    return None


def _listed(sizes: list[int]) -> str:
    shown = [str(size) for size in sizes]
    return ", ".join(shown if len(shown) <= 8 else [*shown[:3], "…", *shown[-2:]])


def _batch_of_each_row(epoch: Any, n: int) -> np.ndarray:
    batch_of = np.empty(n, np.int64)
    for index, batch in enumerate(epoch):
        batch_of[batch] = index
    return batch_of


def _order_flaw(epoch: Any, n: int, batch_size: int) -> Difference | None:
    """Whether the batches follow the rows' own order, or keep neighbours together; the order within a batch is free."""
    batch_of = _batch_of_each_row(epoch, n)
    what = "rows from everywhere in each batch"
    correlation = float(np.corrcoef(batch_of, np.arange(n))[0, 1])
    if abs(correlation) * math.sqrt(n - 1) > 7:
        return Difference("The batches follow the order of the rows. Shuffle with rng.", _head(epoch), what)
    neighbours = int((batch_of[1:] == batch_of[:-1]).sum())
    if neighbours > batch_size + 10 * math.sqrt(batch_size) + 20:
        return Difference("Neighbouring rows stay together. Shuffle the rows, then cut.", _head(epoch), what)
    return None


def _head(epoch: Any) -> str:
    return f"a first batch of {', '.join(str(int(row)) for row in epoch[0][:6])}, …"


def _summary(result: Any, arguments: Mapping[str, Any]) -> np.ndarray:
    """Of many rows: sizes of the batches, and which properties of a shuffled partition they have."""
    n, batch_size, (epoch, again) = arguments["n"], arguments["batch_size"], result
    if _form_flaw(epoch):
        raise TypeError("no list of arrays of row numbers")
    sizes = [len(batch) for batch in epoch]
    if n < MANY or batch_size >= n / 2:
        return np.array([0.0])
    rows = np.concatenate(epoch)
    counts = np.bincount(rows[(rows >= 0) & (rows < n)], minlength=n)
    shares = [np.unique(batch).size == len(batch) for batch in epoch]
    steps = np.abs(np.diff(rows))
    same = len(epoch) == len(again) and all(map(np.array_equal, epoch, again))
    span = np.mean([np.ptp(batch) < 2 * batch_size for batch in epoch if len(batch)])
    marks = [counts.min() == 0, counts.max() > 1, all(shares), (steps == 1).all(), span > 0.5, rows.max() >= n, same]
    ordered = float(np.corrcoef(rows, np.arange(rows.size))[0, 1]) > 0.5
    return np.array([*sizes, *marks, ordered], dtype=np.float64)


def _examples() -> Iterator[Case]:
    def case(n: int, batch_size: int, why: str) -> Case:
        return Case({"n": n, "batch_size": batch_size, "rng": np.random.default_rng(n)}, why)

    yield case(10, 4, "Ten rows in fours: 4, 4 and the 2 that are left. Each row once.")
    yield case(6, 3, "It comes out even: two batches, and no empty one after them.")
    yield case(3, 5, "Fewer rows than batch_size: one short batch.")
    yield case(4, 1, "Batches of one row are arrays with one entry.")
    yield case(1000, 30, "Every epoch shuffles all rows anew, then cuts the shuffled order into pieces.")
    yield case(300, 20, "Neighbours in the data must not stay neighbours: files are often sorted by class.")


def _draw(rng: np.random.Generator, size: int) -> Case:
    n, batch_size = int(rng.integers(1, 5 * size)), int(rng.integers(1, 2 * size))
    arguments = {"n": n, "batch_size": batch_size, "rng": np.random.default_rng(int(rng.integers(1000)))}
    return Case(arguments, "The batches are a partition: together they hold each row once.")


MINIBATCHES = Exercise(
    "ps2.minibatches",
    minibatches,
    _examples,
    _draw,
    play=_two_epochs,
    judge=_judge,
    summary=_summary,
    float32_tolerance=None,
)
