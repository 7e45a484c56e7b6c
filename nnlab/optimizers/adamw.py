"""AdamW: Adam, with weights that decay at a rate of their own instead of through the gradient."""

from __future__ import annotations

from nnlab.backend import Array
from nnlab.optimizers.adam import Adam
from nnlab.validation import real


class AdamW(Adam):
    """w ← w − lr · weight_decay · w − lr · m̂/(√v̂ + eps), with m̂ and v̂ as in Adam.

    The decay is decoupled: it stays out of m and v, so that weights with large gradients decay as fast as the others.
    With a penalty in the loss, as ``L2`` has it, they would not. The decay is multiplied by lr, as in PyTorch; in the
    paper it follows the schedule but not lr's initial value.

    weight_decay: at least 0. It acts on every parameter array, biases included.
    Source: I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", 2019, arXiv:1711.05101.
    """

    tunables = (*Adam.tunables, "weight_decay")

    def __init__(
        self, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8, weight_decay: float = 0.01
    ) -> None:
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay = real("weight_decay", weight_decay, low=0)

    def update(self, w: Array, g: Array, *state: Array) -> None:
        m, v, work = state
        self.direction(g, m, v, out=work, scale=self.lr)
        w *= 1 - self.lr * self.weight_decay
        w -= work
