"""k_fold_indices, judged by what folds are and by how two splits in a row compare."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from nnlab.data import k_fold
from nnlab.grading.comparing import Difference, kind
from nnlab.grading.exercise import Case, Exercise

MANY = 200  # examples from which on the order itself is judged
WANTED = "a list of pairs (train, validation) of index arrays"


def _two_splits(function: Callable[..., Any], n: int, k: int, rng: np.random.Generator) -> tuple[Any, Any]:
    return function(n, k, rng), function(n, k, rng)


def _judge(result: tuple[Any, Any], arguments: Mapping[str, Any]) -> Difference | None:
    n, k = arguments["n"], arguments["k"]
    for split in result:
        flaw = _form_flaw(split, n, k) or _fold_flaw(split, n, k)
        if flaw:
            return flaw
    if n < MANY or k > n / 10:
        return None
    first, second = (_fold_of_each(split, n) for split in result)
    flaw = _order_flaw(first, k) or _order_flaw(second, k)
    if flaw:
        return flaw
    # pairs that share a fold in both splits; about n(n/k − 1)²/2(n − 1) when the two are independent
    table = np.zeros((k, k))
    np.add.at(table, (first, second), 1)
    pairs, chance = float((table * (table - 1)).sum()) / 2, n * (n / k - 1) ** 2 / (2 * (n - 1))
    if pairs > chance + 10 * math.sqrt(chance) + 20:
        return Difference(
            "Two splits, one after the other, are the same. Draw from rng.", _head(first), "another split"
        )
    return None


def _form_flaw(split: Any, n: int, k: int) -> Difference | None:
    if not isinstance(split, (list, tuple)):
        return Difference(f"It must return {WANTED}; it returned {kind(split)}.", split, WANTED)
    if len(split) != k:
        return Difference(
            f"It must return k = {k} pairs; it returned {len(split)}.", f"{len(split)} pairs", f"{k} pairs"
        )
    for index, pair in enumerate(split):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            return Difference(f"Entry {index} must be a pair (train, validation); it is {kind(pair)}.", pair, WANTED)
        for name, indices in zip(("train", "validation"), pair, strict=True):
            if (values := _indices(indices)) is None:
                sentence = f"The {name} part of fold {index} must be an array of indices; it is {kind(indices)}."
                return Difference(sentence, indices, "integers, one axis")
            if values.size and (values.min() < 0 or values.max() >= n):
                sentence = f"The {name} part of fold {index} has an index that is none of 0 to {n - 1}."
                return Difference(sentence, values, f"0 to {n - 1}")
    return None


def _indices(value: Any) -> np.ndarray | None:
    """Indices as an array, whether they came as an array, a list, a tuple or a range; None for anything else."""
    if isinstance(value, (list, tuple, range)):
        if any(isinstance(item, bool) or not isinstance(item, (int, np.integer)) for item in value):
            return None
        return np.array(value, dtype=np.int64)
    return value if type(value) is np.ndarray and value.ndim == 1 and value.dtype.kind in "iu" else None


def _fold_flaw(split: Any, n: int, k: int) -> Difference | None:
    """What keeps valid pairs from being the k folds of a partition."""
    folds = [(_counts(train, n), _counts(validation, n)) for train, validation in split]
    together = np.sum([validation for _, validation in folds], axis=0)
    if (together != 1).any():
        index = int(np.flatnonzero(together != 1)[0])
        sentence = f"Example {index} is in {together[index]} validation parts; each example belongs to exactly one."
        return Difference(sentence, _parts(split), "every example in one validation part")
    for number, (train, validation) in enumerate(folds):
        if (train != 1 - validation).any():
            index = int(np.flatnonzero(train != 1 - validation)[0])
            where = f"{train[index]} times in the training part"
            if train[index] == 0:
                where = "in neither part"
            elif validation[index]:
                where = "in both parts"
            sentence = f"In fold {number} example {index} is {where}."
            return Difference(sentence, _parts(split), "train: all that is not in validation, once each")
    sizes = sorted(int(validation.sum()) for _, validation in folds)
    if sizes[-1] - sizes[0] > 1:
        sentence = "The sizes of the validation parts may differ by one at most."
        wanted = sorted(len(part) for part in np.array_split(np.arange(n), k))
        return Difference(sentence, f"sizes {_listed(sizes)}", f"sizes {_listed(wanted)}")
    return None


def _counts(indices: Any, n: int) -> np.ndarray:
    return np.bincount(np.asarray(_indices(indices), dtype=np.int64), minlength=n)


def _parts(split: Any) -> str:
    parts = [f"fold {number}: {_listed(pair[1])}" for number, pair in enumerate(split)]
    return "validation parts " + "; ".join(parts if len(parts) <= 6 else [*parts[:3], "…"])


def _listed(numbers: Any) -> str:
    shown = [str(int(number)) for number in numbers]
    return ", ".join(shown if len(shown) <= 8 else [*shown[:6], "…"])


def _fold_of_each(split: Any, n: int) -> np.ndarray:
    fold_of = np.zeros(n, np.int64)
    for number, (_, validation) in enumerate(split):
        fold_of[_indices(validation)] = number
    return fold_of


def _order_flaw(fold_of: np.ndarray, k: int) -> Difference | None:
    """Whether the folds follow the examples' own order, or keep neighbours together."""
    n, wanted = fold_of.size, "examples from everywhere in each fold"
    correlation = float(np.corrcoef(fold_of, np.arange(n))[0, 1])
    neighbours = int((fold_of[1:] == fold_of[:-1]).sum())
    if abs(correlation) * math.sqrt(n - 1) > 7 or neighbours > n / k + 10 * math.sqrt(n / k) + 20:
        return Difference("The folds follow the order of the examples. Shuffle with rng first.", _head(fold_of), wanted)
    return None


def _head(fold_of: np.ndarray) -> str:
    return f"a first validation part of {_listed(np.flatnonzero(fold_of == 0))}"


def _summary(result: tuple[Any, Any], arguments: Mapping[str, Any]) -> np.ndarray:
    """Of many examples: which properties of k shuffled folds two splits have."""
    n, k = arguments["n"], arguments["k"]
    if n < MANY:
        return np.zeros(0)
    (split, again), folds = result, []
    for train, validation in split:
        folds.append((_counts(train, n), _counts(validation, n)))
    sizes = [int(validation.sum()) for _, validation in folds]
    together = np.sum([validation for _, validation in folds], axis=0)
    overlap = sum(float(train @ validation) for train, validation in folds) / n
    fold_of = _fold_of_each(split, n)
    marks = [
        together.min() == 0,
        together.max() > 1,
        together.max() == k,
        any(train.max() > 1 for train, _ in folds),
        all(np.array_equal(np.sort(a), np.sort(b)) for a, b in zip(_flat(split), _flat(again), strict=True)),
        abs(np.corrcoef(fold_of, np.arange(n))[0, 1]) > 0.5,
    ]
    train_share = np.mean([train.sum() for train, _ in folds]) / n
    return np.array([len(split), max(sizes) - min(sizes), overlap, train_share, *marks], dtype=np.float64)


def _flat(split: Any) -> list[np.ndarray]:
    return [np.asarray(validation) for _, validation in split]


def _fold_examples() -> Iterator[Case]:
    def case(n: int, k: int, why: str) -> Case:
        return Case({"n": n, "k": k, "rng": np.random.default_rng(n)}, why)

    yield case(6, 3, "Three folds of two: each example is in one validation part, and in two training parts.")
    yield case(7, 3, "Seven in three: sizes 3, 2 and 2, in any order.")
    yield case(11, 4, "Eleven in four: 3, 3, 3 and 2. Spread the rest over the folds.")
    yield case(4, 4, "As many folds as examples: each validates once, alone.")
    yield case(5, 2, "Two folds: what validates in one trains in the other.")
    yield case(1003, 5, "Shuffle before you cut: files are often sorted by class.")


def _draw_folds(rng: np.random.Generator, size: int) -> Case:
    n = int(rng.integers(2, 5 * size))
    k, own = int(rng.integers(2, min(n, size + 2) + 1)), np.random.default_rng(int(rng.integers(1000)))
    return Case({"n": n, "k": k, "rng": own}, "The k validation parts are a partition; train is all the rest.")


K_FOLD_INDICES = Exercise(
    "ps5.k_fold_indices",
    k_fold,
    _fold_examples,
    _draw_folds,
    play=_two_splits,
    judge=_judge,
    summary=_summary,
    float32_tolerance=None,
)
