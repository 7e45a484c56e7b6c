"""Data in the form a network takes: standardized columns, labels as probabilities."""

from __future__ import annotations

import numpy as np

from nnlab.validation import finite, float_array, integer


def standardize(train: np.ndarray, *others: np.ndarray) -> tuple[np.ndarray, ...]:
    """Every array with the training set's mean subtracted and divided by its standard deviation, column by column.

    Statistics come from ``train`` alone. A column that is constant in train becomes 0 everywhere, also where rounding
    leaves it a tiny standard deviation. float32 stays float32, every other dtype becomes float64. Raises TypeError for
    what holds no numbers, ValueError for NaN, infinity and arrays with other columns.
    """
    arrays = []
    for name, value in (("train", train), *((f"others[{i}]", other) for i, other in enumerate(others))):
        array = float_array(name, value, np.float32 if getattr(value, "dtype", None) == np.float32 else np.float64)
        finite(name, array)
        arrays.append(array)
    if arrays[0].ndim != 2 or not len(arrays[0]):
        raise ValueError(f"train must have shape (N, features) with N > 0, got {arrays[0].shape}")
    for array in arrays[1:]:
        if array.ndim != 2 or array.shape[1:] != arrays[0].shape[1:]:
            raise ValueError(f"every array must have {arrays[0].shape[1]} columns as train has, got {array.shape}")
    first = arrays[0].astype(np.float64)
    # dividing by the largest entry first keeps squares of huge numbers from overflowing and of tiny ones from vanishing
    largest = np.abs(first).max(axis=0)
    unit = np.where(largest == 0, 1.0, largest)
    mean, std = (first / unit).mean(axis=0), (first / unit).std(axis=0)
    constant = std <= 10 * np.finfo(np.float64).eps
    scale = np.where(constant, 0.0, 1 / np.where(constant, 1.0, std))
    return tuple(((array / unit - mean) * scale).astype(array.dtype) for array in arrays)


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """(N, classes) float64: row i is 1 at labels[i] and 0 elsewhere, all probability on the label.

    Raises TypeError for labels that are no integers, ValueError for labels outside 0 … classes − 1.
    """
    classes, labels = integer("classes", classes, low=1), np.asarray(labels)
    if labels.ndim != 1:
        raise ValueError(f"labels must have shape (N,), got {labels.shape}")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be integers, got dtype {labels.dtype}")
    if labels.size and (labels.min() < 0 or labels.max() >= classes):
        wrong = labels[(labels < 0) | (labels >= classes)][0]
        raise ValueError(f"labels must lie in 0 … {classes - 1}, got {wrong}")
    return np.eye(classes)[labels]
