"""LAMB: Adam's direction, with a step for every layer in proportion to its weights, for very large batches."""

from __future__ import annotations

from nnlab.backend import Array, module_of
from nnlab.optimizers.adam import Adam
from nnlab.optimizers.trust import norm, trust_ratio
from nnlab.validation import real


class LAMB(Adam):
    """u = m̂/(√v̂ + eps) + weight_decay · w;  w ← w − lr · (‖w‖/‖u‖) · u, with m̂ and v̂ as in Adam.

    The norms run over one parameter array, so every array has a ratio of its own; where ‖w‖ = 0 or ‖u‖ = 0 it is 1.
    The paper's φ is the identity, and m and v are corrected for starting at 0, both as in its Algorithm 2.

    weight_decay: at least 0; the other arguments are Adam's.
    Source: Y. You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2020,
    arXiv:1904.00962.
    """

    tunables = (*Adam.tunables, "weight_decay")
    elementwise = False
    work_arrays = 2

    def __init__(
        self, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-6, weight_decay: float = 0.01
    ) -> None:
        super().__init__(lr, beta1, beta2, eps)
        self.weight_decay = real("weight_decay", weight_decay, low=0)

    def update(self, w: Array, g: Array, *state: Array) -> None:
        m, v, u, decay = state
        self.direction(g, m, v, out=u, scale=1.0)
        u += module_of(w).multiply(w, self.weight_decay, out=decay)
        u *= self.lr * trust_ratio(norm(w), norm(u))
        w -= u
