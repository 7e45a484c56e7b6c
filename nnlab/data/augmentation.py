"""Augmentation: new training examples made of old ones, in ways that keep their labels true."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.validation import finite, float_array, generator, integer, real


def shift_images(images: np.ndarray, dx: int, dy: int) -> np.ndarray:
    """Images (N, H, W) moved by dx pixels to the right and dy down, zeros moving in; a copy of the same dtype.

    Raises TypeError for shifts that are no whole numbers, ValueError for another number of axes.
    """
    images, dx, dy = np.asarray(images), _whole("dx", dx), _whole("dy", dy)
    if images.ndim != 3:
        raise ValueError(f"images must have shape (N, H, W), got {images.shape}")
    shifted = np.zeros_like(images)
    (to_rows, from_rows), (to_columns, from_columns) = _overlap(dy, images.shape[1]), _overlap(dx, images.shape[2])
    shifted[:, to_rows, to_columns] = images[:, from_rows, from_columns]
    return shifted


def random_shifts(images: np.ndarray, rng: np.random.Generator, most: int = 1) -> np.ndarray:
    """Every image (N, H, W) moved by its own dx and dy, both uniform in −most … most.

    Raises TypeError or ValueError unless most ≥ 0 is a whole number.
    """
    images, most, rng = np.asarray(images), integer("most", most, low=0), generator("rng", rng)
    if images.ndim != 3:
        raise ValueError(f"images must have shape (N, H, W), got {images.shape}")
    moves = rng.integers(-most, most, (len(images), 2), endpoint=True)
    shifted = np.zeros_like(images)
    for dx, dy in np.unique(moves, axis=0):
        these = (moves == (dx, dy)).all(axis=1)
        shifted[these] = shift_images(images[these], int(dx), int(dy))
    return shifted


def add_noise(x: np.ndarray, rng: np.random.Generator, std: float = 0.1) -> np.ndarray:
    """x + N(0, std²), drawn for every entry; float32 stays float32, every other dtype becomes float64.

    In linear regression it acts like L2 on the weights (Bishop 1995). Raises ValueError unless std ≥ 0.
    """
    x, std, rng = _floats("x", x), real("std", std, low=0), generator("rng", rng)
    noise = rng.standard_normal(x.shape, dtype=x.dtype)
    noise *= std
    return noise + x


def mixup(x: np.ndarray, y: np.ndarray, rng: np.random.Generator, alpha: float = 0.2) -> tuple[np.ndarray, np.ndarray]:
    """Every example mixed with a random partner: λx + (1 − λ)x′, λy + (1 − λ)y′ with its own λ from Beta(alpha, alpha).

    x (N, …). y: numbers to regress (N, …) or class probabilities (N, classes), see ``one_hot``; ``SoftmaxCrossEntropy``
    takes these. float32 stays float32, every other dtype becomes float64. Source: Zhang et al. (2018).
    Raises TypeError for integer labels, whose mixture means nothing; ValueError unless alpha > 0 and x and y have as
    many rows.
    """
    if np.asarray(y).dtype.kind in "iub":
        raise TypeError("y must hold probabilities or numbers to mix, got integer labels; use data.one_hot(y, classes)")
    x, y, rng = _floats("x", x), _floats("y", y), generator("rng", rng)
    alpha = real("alpha", alpha, low=0, open_low=True)
    if not x.ndim or not y.ndim or len(x) != len(y):
        raise ValueError(f"x and y must have as many rows, got shapes {x.shape} and {y.shape}")
    share, partner = rng.beta(alpha, alpha, len(x)), rng.permutation(len(x))

    def mixed(array: np.ndarray) -> np.ndarray:
        weight = share.astype(array.dtype).reshape(-1, *[1] * (array.ndim - 1))
        return weight * array + (1 - weight) * array[partner]

    return mixed(x), mixed(y)


def _overlap(shift: int, length: int) -> tuple[slice, slice]:
    """Where entries of an axis go to, and where they come from."""
    shift = max(-length, min(length, shift))
    return slice(max(shift, 0), length + min(shift, 0)), slice(max(-shift, 0), length - max(shift, 0))


def _whole(name: str, value: Any) -> int:
    return integer(name, value, low=-(2**31))


def _floats(name: str, value: Any) -> np.ndarray:
    dtype = np.float32 if getattr(value, "dtype", None) == np.float32 else np.float64
    array = float_array(name, value, dtype)
    finite(name, array)
    return array
