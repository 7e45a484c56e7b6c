"""Muon: momentum whose matrix is made orthogonal, so that every direction in it is stepped along equally far."""

from __future__ import annotations

import math

from nnlab.backend import Array, module_of
from nnlab.optimizers.base import Optimizer
from nnlab.optimizers.trust import norm
from nnlab.validation import real

ITERATIONS = 5
COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # Jordan's: steep at 0, so that five iterations also lift small values


def orthogonalize(matrix: Array) -> Array:
    """Nearly UVᵀ for a matrix USVᵀ (rows, columns): the same singular vectors, singular values near 1.

    Newton–Schulz: X ← aX + (bXXᵀ + c(XXᵀ)²)X, five times, from X = matrix/(‖matrix‖ + 1e-7). Every singular value s
    becomes as + bs³ + cs⁵; from 0.002 up they end in [0.68, 1.21], and 0 stays 0. Only matrix products are needed.
    """
    a, b, c = COEFFICIENTS
    rows, columns = matrix.shape
    x = matrix / (norm(matrix) + 1e-7)
    x = x.T if rows > columns else x
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if rows > columns else x


class Muon(Optimizer):
    """v ← momentum · v + g;  w ← (1 − lr · weight_decay) · w − lr · √max(1, fan_out/fan_in) · O(g + momentum · v).

    O is ``orthogonalize``; w is a matrix (fan_in, fan_out). A bias (n,) is the row of weights from a constant input,
    so it is updated as the (1, n) matrix it is: by 0.70 · lr · √n · u/‖u‖ with u = g + momentum · v. Arrays with more
    axes are taken as the matrix (everything else, last axis). One rule and one lr thus serve the whole network, at one
    state array; Jordan hands biases and the first and last layers to AdamW instead, at a learning rate of its own.

    momentum: in [0, 1). weight_decay: at least 0, decoupled and multiplied by lr.
    Source: K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024,
    https://kellerjordan.github.io/posts/muon/.
    """

    slots = ("velocity",)
    tunables = ("lr", "momentum", "weight_decay")
    elementwise = False

    def __init__(self, lr: float, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        super().__init__(lr)
        self.momentum = real("momentum", momentum, low=0, high=1, open_high=True)
        self.weight_decay = real("weight_decay", weight_decay, low=0)

    def update(self, w: Array, g: Array, *state: Array) -> None:
        v, work = state
        v *= self.momentum
        v += g
        module_of(w).multiply(v, self.momentum, out=work)
        work += g
        w *= 1 - self.lr * self.weight_decay
        if w.size:
            fan_out = w.shape[-1] if w.ndim else 1
            fan_in = w.size // fan_out
            step = orthogonalize(work.reshape(fan_in, fan_out))
            step *= self.lr * math.sqrt(max(1, fan_out / fan_in))
            w -= step.reshape(w.shape)
