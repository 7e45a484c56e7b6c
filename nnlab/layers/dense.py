"""The dense layer: every output is a weighted sum of every input, plus a bias."""

from __future__ import annotations

import numpy as np

from nnlab.backend import Array
from nnlab.initializers import Initializer, he_normal
from nnlab.layers.base import Layer
from nnlab.validation import integer


class Dense(Layer):
    """y = xW + b with x (N, fan_in), W (fan_in, fan_out), b (fan_out,) and y (N, fan_out).

    Backward, with G = ∂L/∂y: ∂L/∂W = xᵀG, ∂L/∂b = the sum of G over the batch, ∂L/∂x = GWᵀ.

    ``initializer(rng, fan_in, fan_out)`` draws W (He's normal by default); b starts at 0.
    Raises TypeError or ValueError for sizes that are no positive whole numbers.
    """

    W: Array
    b: Array
    dW: Array
    db: Array

    def __init__(self, fan_in: int, fan_out: int, initializer: Initializer = he_normal) -> None:
        self.fan_in = integer("fan_in", fan_in, low=1)
        self.fan_out = integer("fan_out", fan_out, low=1)
        self.input_shape = (self.fan_in,)
        self.initializer = initializer

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        if shape != self.input_shape:
            raise ValueError(f"{self!r} takes examples of shape {self.input_shape}, got {shape}")
        return (self.fan_out,)

    def initial_parameters(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {"W": self.initializer(rng, self.fan_in, self.fan_out), "b": np.zeros(self.fan_out)}

    def forward(self, x: Array, training: bool = False) -> Array:
        self.x = x
        out = self.buffer("out", (x.shape[0], self.fan_out), x.dtype)
        self.xp.matmul(x, self.W, out=out)
        self.xp.add(out, self.b, out=out)
        return out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        self.xp.matmul(self.x.T, dout, out=self.dW)
        self.xp.sum(dout, axis=0, out=self.db)
        if not needs_input_gradient:
            return None
        dx = self.buffer("dx", self.x.shape, dout.dtype)
        return self.xp.matmul(dout, self.W.T, out=dx)

    def __repr__(self) -> str:
        return f"Dense({self.fan_in}, {self.fan_out})"
