"""Lion: every weight moves by the same amount, in the sign of a running mean of its gradient."""

from __future__ import annotations

from nnlab.backend import Array, module_of
from nnlab.optimizers.base import Optimizer
from nnlab.validation import real


class Lion(Optimizer):
    """c = β1 · m + (1 − β1) · g;  w ← w − lr · (sign(c) + weight_decay · w);  m ← β2 · m + (1 − β2) · g.

    Every weight moves by lr, so lr is about a third to a tenth of Adam's. sign(0) = 0. The decay is decoupled and
    multiplied by lr.

    beta1, beta2: in [0, 1). weight_decay: at least 0.
    Source: X. Chen et al., "Symbolic discovery of optimization algorithms", 2023, arXiv:2302.06675, Program 1.
    """

    slots = ("m",)
    tunables = ("lr", "beta1", "beta2", "weight_decay")
    work_arrays = 2

    def __init__(self, lr: float, beta1: float = 0.9, beta2: float = 0.99, weight_decay: float = 0.0) -> None:
        super().__init__(lr)
        self.beta1 = real("beta1", beta1, low=0, high=1, open_high=True)
        self.beta2 = real("beta2", beta2, low=0, high=1, open_high=True)
        self.weight_decay = real("weight_decay", weight_decay, low=0)

    def update(self, w: Array, g: Array, *state: Array) -> None:
        m, c, work = state
        xp = module_of(w)
        xp.multiply(m, self.beta1, out=c)
        c += xp.multiply(g, 1 - self.beta1, out=work)
        m *= self.beta2
        m += xp.multiply(g, 1 - self.beta2, out=work)
        step = xp.sign(c, out=work)  # NumPy's sign takes ten times as long in place
        step *= self.lr
        w *= 1 - self.lr * self.weight_decay
        w -= step
