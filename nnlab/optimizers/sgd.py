"""Gradient descent: a step against the gradient."""

from __future__ import annotations

from nnlab.backend import Array, module_of
from nnlab.optimizers.base import Optimizer


class SGD(Optimizer):
    """w ← w − lr · g.

    Gradient descent on the gradient it is given: batch, mini-batch or stochastic is a matter of which examples made
    that gradient (Robbins & Monro 1951).
    """

    def __init__(self, lr: float) -> None:
        super().__init__(lr)

    def update(self, w: Array, g: Array, *state: Array) -> None:
        (work,) = state
        module_of(w).multiply(g, self.lr, out=work)
        w -= work
