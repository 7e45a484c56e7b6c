"""Momentum: a velocity that remembers past gradients, so that steps add up along a valley and cancel across it."""

from __future__ import annotations

from nnlab.backend import Array, module_of
from nnlab.optimizers.base import Optimizer
from nnlab.validation import real


class Momentum(Optimizer):
    """v ← momentum · v + g;  w ← w − lr · v.

    lr is outside the velocity, as in PyTorch: a new lr acts at once on all of v. In Polyak's and Sutskever's form,
    v ← momentum · v − lr · g, it acts only on gradients still to come; for a constant lr the two are the same.

    momentum: in [0, 1); 0 is plain gradient descent.
    Source: B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964,
    doi:10.1016/0041-5553(64)90137-5.
    """

    slots = ("velocity",)
    tunables = ("lr", "momentum")

    def __init__(self, lr: float, momentum: float = 0.9) -> None:
        super().__init__(lr)
        self.momentum = real("momentum", momentum, low=0, high=1, open_high=True)

    def update(self, w: Array, g: Array, *state: Array) -> None:
        v, work = state
        v *= self.momentum
        v += g
        w -= module_of(w).multiply(v, self.lr, out=work)
