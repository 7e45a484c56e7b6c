"""Trust ratios: how far a layer may move, in proportion to how large its weights are."""

from __future__ import annotations

from nnlab.backend import Array, module_of


def norm(array: Array) -> Array:
    """‖array‖ = √Σ entry², over all entries, as a number on the array's device."""
    xp, flat = module_of(array), array.reshape(-1)
    return xp.sqrt(xp.dot(flat, flat))


def trust_ratio(numerator: Array, denominator: Array) -> Array:
    """numerator/denominator for numbers that are at least 0, and 1 where either of them is 0.

    It is computed without a branch, so that on a GPU nothing waits for the numbers to arrive.
    """
    xp = module_of(numerator)
    usable = (numerator > 0) & (denominator > 0)
    return xp.where(usable, numerator / xp.where(usable, denominator, 1), 1)
