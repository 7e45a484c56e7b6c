"""RMSProp: AdaGrad with a memory that fades, so that learning rates recover."""

from __future__ import annotations

from nnlab.backend import Array, module_of
from nnlab.optimizers.base import Optimizer, epsilon
from nnlab.validation import real


class RMSProp(Optimizer):
    """s ← decay · s + (1 − decay) · g²;  w ← w − lr · g/(√s + eps).

    √s is a running root mean square of the gradient. s starts at 0 and is not corrected for that, so the first steps
    are longer, by up to 1/√(1 − decay). eps is outside the square root, as in PyTorch; TensorFlow has it inside.

    decay: in [0, 1). eps: at least 1e-30.
    Source: T. Tieleman and G. Hinton, "Neural networks for machine learning", lecture 6.5, Coursera, 2012.
    """

    slots = ("squares",)
    tunables = ("lr", "decay", "eps")

    def __init__(self, lr: float, decay: float = 0.99, eps: float = 1e-8) -> None:
        super().__init__(lr)
        self.decay = real("decay", decay, low=0, high=1, open_high=True)
        self.eps = epsilon(eps)

    def update(self, w: Array, g: Array, *state: Array) -> None:
        s, work = state
        xp = module_of(w)
        s *= self.decay
        xp.multiply(g, g, out=work)
        work *= 1 - self.decay
        s += work
        xp.sqrt(s, out=work)
        work += self.eps
        xp.divide(g, work, out=work)
        work *= self.lr
        w -= work
