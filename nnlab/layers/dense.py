"""The dense layer: every output is a weighted sum of every input, plus a bias."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nnlab.backend import Array
from nnlab.initializers import Initializer, check_initializer, draw, he_normal
from nnlab.layers.base import Layer
from nnlab.validation import finite, float_array, integer


class Dense(Layer):
    """y = xW + b with x (N, fan_in), W (fan_in, fan_out), b (fan_out,) and y (N, fan_out).

    Backward, with G = ∂L/∂y: ∂L/∂W = xᵀG, ∂L/∂b = the sum of G over the batch, ∂L/∂x = GWᵀ. Axes between the first
    and the last, such as time steps, are treated as further examples.

    ``initializer(rng, fan_in, fan_out)`` draws W (He's normal by default); ``bias`` is what b starts at, a number or
    fan_out numbers. Raises TypeError or ValueError for sizes that are no positive whole numbers, a bias that does not
    fit and, when weights are drawn, for an initializer whose matrix does not.
    """

    settings: ClassVar[tuple[str, ...]] = ("fan_in", "fan_out")
    W: Array
    b: Array
    dW: Array
    db: Array

    def __init__(self, fan_in: int, fan_out: int, initializer: Initializer = he_normal, bias: Any = 0.0) -> None:
        self.fan_in = integer("fan_in", fan_in, low=1)
        self.fan_out = integer("fan_out", fan_out, low=1)
        self.input_shape = (self.fan_in,)
        self.initializer = check_initializer("initializer", initializer)
        self.bias = float_array("bias", bias)
        finite("bias", self.bias)
        if self.bias.shape not in ((), (self.fan_out,)):
            raise ValueError(f"bias must be a number or have shape ({self.fan_out},), got shape {self.bias.shape}")

    def output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        if shape[-1:] != self.input_shape:
            raise ValueError(f"{self!r} takes examples of shape {self.input_shape}, got {shape}")
        return (*shape[:-1], self.fan_out)

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {"W": (self.fan_in, self.fan_out), "b": (self.fan_out,)}

    def initial_parameters(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {"W": draw(self.initializer, rng, self.fan_in, self.fan_out), "b": np.full(self.fan_out, self.bias)}

    def work_arrays(self, x: Array) -> dict[str, Array]:
        out = self.xp.empty((*x.shape[:-1], self.fan_out), x.dtype)
        dx = self.xp.empty(x.shape, x.dtype)
        rows = out.reshape(-1, self.fan_out)
        return {
            "out": out,
            "out_rows": rows,
            "dx": dx,
            "dx_rows": dx.reshape(-1, self.fan_in),
            "ones": self.xp.ones(len(rows), x.dtype),
        }

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        rows = x if x.ndim == 2 else x.reshape(-1, self.fan_in)
        rows.dot(self.W, out=self.out_rows)
        self.xp.add(self.out_rows, self.b, out=self.out_rows)
        return self.out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        if dout is not self.dout:
            self.accept_gradient(dout)
        rows = self.x if self.x.ndim == 2 else self.x.reshape(-1, self.fan_in)
        dout = dout if dout.ndim == 2 else dout.reshape(-1, self.fan_out)
        rows.T.dot(dout, out=self.dW)
        # a product with ones is the same sum over the batch as dout.sum(axis=0), in a third of the time
        self.ones.dot(dout, out=self.db)
        if not needs_input_gradient:
            return None
        dout.dot(self.W.T, out=self.dx_rows)
        return self.dx

    def __repr__(self) -> str:
        return f"Dense({self.fan_in}, {self.fan_out})"
