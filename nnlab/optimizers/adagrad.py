"""AdaGrad: every weight has a learning rate of its own, which shrinks as its gradients add up."""

from __future__ import annotations

from nnlab.backend import Array, module_of
from nnlab.optimizers.base import Optimizer, epsilon


class AdaGrad(Optimizer):
    """s ← s + g²;  w ← w − lr · g/(√s + eps).

    A weight whose gradient is seldom other than 0 keeps a large rate: what sparse features need. s never shrinks, so
    every rate falls towards 0. s starts at 0 and eps is outside the square root, as in PyTorch.

    eps: at least 1e-30; it keeps a weight without gradients from 0/0.
    Source: J. Duchi, E. Hazan and Y. Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", 2011, https://jmlr.org/papers/v12/duchi11a.html.
    """

    slots = ("squares",)
    tunables = ("lr", "eps")

    def __init__(self, lr: float, eps: float = 1e-10) -> None:
        super().__init__(lr)
        self.eps = epsilon(eps)

    def update(self, w: Array, g: Array, *state: Array) -> None:
        s, work = state
        xp = module_of(w)
        s += xp.multiply(g, g, out=work)
        xp.sqrt(s, out=work)
        work += self.eps
        xp.divide(g, work, out=work)
        work *= self.lr
        w -= work
