"""Judge random results by what every right answer shares: form, distribution, and new numbers at every call."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.grading.arguments import floats
from nnlab.grading.comparing import Difference, wrong_form

CHANCE = 1e-11  # that a right answer fails one of these tests; a check makes fewer than a hundred


def dtype_of(arguments: Any) -> Any:
    """The dtype that float results must have: float32 where every float array of the arguments is, else float64."""
    inside = floats(arguments)
    return np.float32 if inside and all(array.dtype == np.float32 for array in inside) else np.float64


def wrong_array(got: Any, name: str, shape: tuple[int, ...], dtype: Any) -> Difference | None:
    """What keeps ``got`` from being a plain array of that shape and float dtype, or None."""
    flaw = wrong_form(got, name, shape)
    if flaw is None and got.dtype != dtype:
        word = np.dtype(dtype).name
        return Difference(f"{name} has the dtype {got.dtype}; it must be {word}.", got, word)
    return flaw


def wrong_distribution(sample: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray], law: str) -> Difference | None:
    """Where the sample and the distribution part by more than chance explains, or None.

    The Kolmogorov–Smirnov distance D of n independent numbers has P(D > d) ≤ 2 exp(−2nd²) for every n
    (Massart 1990, "The tight constant in the Dvoretzky–Kiefer–Wolfowitz inequality").
    """
    ordered = np.sort(sample, axis=None)
    n, right = ordered.size, cdf(ordered)
    below = np.arange(n) / n
    gap = np.maximum(right - below, below + 1 / n - right)
    if gap.max() <= math.sqrt(math.log(2 / CHANCE) / (2 * n)):
        return None
    at = int(gap.argmax())
    share, wanted = np.mean(ordered <= ordered[at]), right[at]
    sentence = f"{share:.0%} of the entries are {ordered[at]:.3g} or less; it should be about {wanted:.0%}."
    return Difference(sentence, spread(sample), law)


def repeated(sample: np.ndarray) -> Difference | None:
    """Entries that occur again and again, which independent draws of real numbers do not."""
    different = np.unique(sample).size
    if different > 0.99 * sample.size - 1:
        return None
    sentence = "Many entries are equal. Draw each by itself, and cut none off."
    return Difference(sentence, f"{different:,} different numbers", f"{sample.size:,} different numbers")


def spread(sample: np.ndarray) -> str:
    """A sample in words."""
    low, high = sample.min(), sample.max()
    return f"mean {sample.mean():.3g}, standard deviation {sample.std():.3g}, from {low:.3g} to {high:.3g}"


def same_again(first: Any) -> Difference:
    """The flaw of a function that gives the same random result twice, from one generator that has moved on."""
    return Difference("Two calls, one after the other, draw the same. Draw from rng.", first, "another result")


def normal_cdf(values: np.ndarray) -> np.ndarray:
    """Φ(v) = (1 + erf(v/√2))/2."""
    return np.array([0.5 * (1 + math.erf(value / math.sqrt(2))) for value in values.ravel()])
