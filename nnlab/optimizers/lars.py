"""LARS: momentum with a learning rate for every layer, in proportion to its weights, for very large batches."""

from __future__ import annotations

from nnlab.backend import Array, module_of
from nnlab.optimizers.base import Optimizer
from nnlab.optimizers.trust import norm, trust_ratio
from nnlab.validation import real


class LARS(Optimizer):
    """v ← momentum · v + lr · local · (g + weight_decay · w);  w ← w − v.

    local = trust · ‖w‖/(‖g‖ + weight_decay · ‖w‖) makes the step a fixed share of the weights' own size. The norms run
    over one parameter array, so every array has a ratio of its own; it is 1 where ‖w‖ = 0 or ‖g‖ + weight_decay · ‖w‖
    = 0. lr is inside the velocity, as in the paper: a new lr acts on gradients still to come. Many programs leave
    biases and normalization gains out; here every array is treated alike, as in the paper.

    momentum: in [0, 1). weight_decay: at least 0. trust: greater than 0.
    Source: Y. You, I. Gitman and B. Ginsburg, "Large batch training of convolutional networks", 2017,
    arXiv:1708.03888, Algorithm 1.
    """

    slots = ("velocity",)
    tunables = ("lr", "momentum", "weight_decay", "trust")
    elementwise = False

    def __init__(self, lr: float, momentum: float = 0.9, weight_decay: float = 0.0, trust: float = 0.001) -> None:
        super().__init__(lr)
        self.momentum = real("momentum", momentum, low=0, high=1, open_high=True)
        self.weight_decay = real("weight_decay", weight_decay, low=0)
        self.trust = real("trust", trust, low=0, open_low=True)

    def update(self, w: Array, g: Array, *state: Array) -> None:
        v, work = state
        w_norm = norm(w)
        local = trust_ratio(self.trust * w_norm, norm(g) + self.weight_decay * w_norm)
        module_of(w).multiply(w, self.weight_decay, out=work)
        work += g
        work *= self.lr * local
        v *= self.momentum
        v += work
        w -= v
