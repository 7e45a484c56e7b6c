"""Dropout: in training, every entry is 0 by chance, so that no unit can rely on another."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nnlab.backend import Array
from nnlab.layers.base import Layer
from nnlab.validation import real


class Dropout(Layer):
    """y = m · x with m = 0 with probability p and 1/(1 − p) otherwise, drawn anew for every entry of every batch.

    The scale 1/(1 − p) keeps E(y) = x, so nothing changes in evaluation: there y is x itself ("inverted" dropout).
    Backward: ∂L/∂x = m · ∂L/∂y with the mask m of the forward pass.

    The generator of the masks is seeded by the network's seed, after all weights are drawn, so a network starts from
    the same weights with and without dropout. Masks are drawn on the device, where they are used: one seed repeats
    the same masks on the same kind of device, and other ones on another.

    Source: Srivastava et al. (2014). Raises TypeError or ValueError unless p is a number from 0 up to, not including,
    1; RuntimeError for a training pass of a layer that was never seeded.
    """

    settings: ClassVar[tuple[str, ...]] = ("p",)
    rng: Any = None

    def __init__(self, p: float = 0.5) -> None:
        self.p = real("p", p, low=0, high=1, open_high=True)
        self.training = False

    def seed(self, rng: np.random.Generator) -> None:
        self.rng = self.xp.random.default_rng(int(rng.integers(2**63)))

    def work_arrays(self, x: Array) -> dict[str, Array]:
        return {name: self.xp.empty(x.shape, x.dtype) for name in ("dropped", "mask", "dx")}

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        self.training = training
        if not training:
            self.out = x
            return x
        if self.rng is None:
            raise RuntimeError(f"{self!r} has no generator yet: call initialize(rng), or put it in a Network")
        mask = self.rng.random(size=x.shape, dtype=x.dtype, out=self.mask)
        self.xp.greater_equal(mask, self.p, out=mask)
        mask *= 1 / (1 - self.p)
        self.out = self.xp.multiply(x, mask, out=self.dropped)
        return self.out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        if dout is not self.dout:
            self.accept_gradient(dout)
        return self.xp.multiply(dout, self.mask, out=self.dx) if self.training else dout
