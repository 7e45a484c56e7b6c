"""Adam: momentum for the direction, a running mean of squares for every weight's own scale."""

from __future__ import annotations

import math
from typing import ClassVar

from nnlab.backend import Array, module_of
from nnlab.optimizers.base import Optimizer, epsilon
from nnlab.validation import real


class Adam(Optimizer):
    """m ← β1 · m + (1 − β1) · g,  v ← β2 · v + (1 − β2) · g²;  w ← w − lr · m̂/(√v̂ + eps).

    m̂ = m/(1 − β1ᵗ) and v̂ = v/(1 − β2ᵗ) at step t make up for m and v starting at 0. eps is outside the square root
    of v̂, as in the paper's Algorithm 1.

    beta1, beta2: in [0, 1). eps: at least 1e-30.
    Source: D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", 2015, arXiv:1412.6980.

    The state arrays hold m/(1 − β1) and v/(1 − β2): the constant factors then meet in one number a step instead of
    costing two more passes over the weights.
    """

    slots = ("m", "v")
    tunables: ClassVar[tuple[str, ...]] = ("lr", "beta1", "beta2", "eps")

    def __init__(self, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> None:
        super().__init__(lr)
        self.beta1 = real("beta1", beta1, low=0, high=1, open_high=True)
        self.beta2 = real("beta2", beta2, low=0, high=1, open_high=True)
        self.eps = epsilon(eps)

    def begin_step(self) -> None:
        # m̂ = (m's factor) · (the array m), √v̂ = (the root of v's factor) · √(the array v)
        self._m_factor = (1 - self.beta1) / (1 - self.beta1**self.steps)
        self._root_v_factor = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.steps))

    def direction(self, g: Array, m: Array, v: Array, out: Array, scale: float) -> Array:
        """Take the gradient into m and v, and write scale · m̂/(√v̂ + eps) to ``out``."""
        xp = module_of(g)
        m *= self.beta1
        m += g
        v *= self.beta2
        v += xp.multiply(g, g, out=out)
        xp.sqrt(v, out=out)
        out += self.eps / self._root_v_factor
        xp.divide(m, out, out=out)
        out *= scale * self._m_factor / self._root_v_factor
        return out

    def update(self, w: Array, g: Array, *state: Array) -> None:
        m, v, work = state
        w -= self.direction(g, m, v, out=work, scale=self.lr)
