"""Nesterov's momentum: the step looks ahead to where the velocity is about to carry the weights."""

from __future__ import annotations

from nnlab.backend import Array, module_of
from nnlab.optimizers.base import Optimizer
from nnlab.validation import real


class Nesterov(Optimizer):
    """v ← momentum · v + g;  w ← w − lr · (g + momentum · v).

    Nesterov takes the gradient at the point ahead, w − lr · momentum · v. This form keeps that point itself as w, so
    that the gradient is taken where the weights are; lr is outside the velocity, as in PyTorch.

    momentum: in [0, 1); 0 is plain gradient descent.
    Source: Y. Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k²)", 1983;
    in this form I. Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013, and
    Y. Bengio et al., "Advances in optimizing recurrent networks", 2012, arXiv:1212.0901.
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
        module_of(w).multiply(v, self.momentum, out=work)
        work += g
        work *= self.lr
        w -= work
