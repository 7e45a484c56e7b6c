"""Which examples are seen when: mini-batches and cross-validation folds."""

from __future__ import annotations

import numpy as np

from nnlab.validation import generator, integer


def minibatches(n: int, batch_size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """A shuffled partition of the indices 0 … n − 1 into arrays of ``batch_size``; the last may be short.

    Raises TypeError or ValueError unless n ≥ 0 and batch_size ≥ 1 are whole numbers.
    """
    n, batch_size = integer("n", n, low=0), integer("batch_size", batch_size, low=1)
    order = generator("rng", rng).permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def k_fold(n: int, k: int, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """k pairs (training indices, validation indices): every one of 0 … n − 1 is in one validation fold, shuffled.

    Fold sizes differ by at most one. Averaging a measure over the folds estimates how it generalizes, and the spread
    of the k values how sure that is (Stone 1974). Raises TypeError or ValueError unless 2 ≤ k ≤ n.
    """
    n, k = integer("n", n, low=2), integer("k", k, low=2)
    if k > n:
        raise ValueError(f"k must be at most n = {n}, so that no fold is empty, got {k}")
    folds = np.array_split(generator("rng", rng).permutation(n), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), fold) for i, fold in enumerate(folds)]
