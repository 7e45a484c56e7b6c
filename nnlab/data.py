"""Data sets, and what is done to data before and during training."""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from nnlab.validation import integer

Split = tuple[np.ndarray, np.ndarray]


def digits() -> tuple[Split, Split]:
    """1,797 handwritten digits of 8 × 8 pixels, as ``(x_train, y_train), (x_test, y_test)``.

    x: (1437, 64) and (360, 64), float32 in [0, 1], a row an image, top row first. y: int64 labels 0 to 9. The split is
    fixed, shuffled and stratified by label. Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten
    Digits", UCI Machine Learning Repository, 1998, doi:10.24432/C50P49, CC BY 4.0.
    """
    with (files("nnlab") / "datasets" / "digits.npz").open("rb") as file, np.load(file) as stored:
        pixels, labels, train = stored["pixels"], stored["labels"], int(stored["train"])
    x, y = pixels.astype(np.float32) / np.float32(16), labels.astype(np.int64)
    return (x[:train], y[:train]), (x[train:], y[train:])


def minibatches(n: int, batch_size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """A shuffled partition of the indices 0 … n − 1 into arrays of ``batch_size``; the last may be short."""
    n, batch_size = integer("n", n, low=0), integer("batch_size", batch_size, low=1)
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def standardize(train: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, ...]:
    """Every array with the training set's mean subtracted and divided by its standard deviation, column by column.

    Statistics come from ``train`` alone. A column that is constant in train becomes 0 everywhere, also where rounding
    leaves it a tiny standard deviation. float32 stays float32. Raises ValueError for arrays with other columns.
    """
    arrays = [np.asarray(array) for array in (train, *others)]
    arrays = [array if array.dtype == np.float32 else array.astype(np.float64) for array in arrays]
    if arrays[0].ndim != 2 or not len(arrays[0]):
        raise ValueError(f"train must have shape (N, features) with N > 0, got {arrays[0].shape}")
    for array in arrays[1:]:
        if array.shape[1:] != arrays[0].shape[1:]:
            raise ValueError(f"every array must have {arrays[0].shape[1]} columns as train has, got {array.shape}")
    first = arrays[0].astype(np.float64)
    mean, std = first.mean(axis=0), first.std(axis=0)
    constant = std <= 10 * np.finfo(np.float64).eps * np.abs(first).max(axis=0)
    scale = np.where(constant, 0.0, 1 / np.where(constant, 1.0, std))
    return tuple(((array - mean) * scale).astype(array.dtype) for array in arrays)
