"""Layer normalization: every example gets mean 0 and variance 1 over its features, then a learned scale and shift."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnlab.backend import Array
from nnlab.layers.base import Layer
from nnlab.validation import integer, real


class LayerNorm(Layer):
    """y = γ x̂ + β with x̂ = (x − μ)/√(σ² + eps), row by row; x, y (N, features), γ, β (features,).

    μ and σ² (divided by the number of features) are those of one row, so an example's output never depends on the
    batch, and training and evaluation are the same. Axes between the first and the last count as further rows.

    Backward, with G = ∂L/∂y and H = γG: ∂L/∂γ = Σ Gx̂, ∂L/∂β = ΣG over rows, and row by row
    ∂L/∂x = (H − mean H − x̂ · mean(Hx̂))/√(σ² + eps).

    γ starts at 1, β at 0. Source: Ba, Kiros & Hinton (2016). Entries must be small enough for their squares not to
    overflow, below 10¹⁹ in float32. Raises ValueError for eps not above 0.
    """

    settings: ClassVar[tuple[str, ...]] = ("features", "eps")
    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array

    def __init__(self, features: int, eps: float = 1e-5) -> None:
        self.features = integer("features", features, low=1)
        self.eps = real("eps", eps, low=0, open_low=True)
        self.input_shape = (self.features,)

    def output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        if shape[-1:] != self.input_shape:
            raise ValueError(f"{self!r} takes examples of shape {self.input_shape}, got {shape}")
        return shape

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {"gamma": (self.features,), "beta": (self.features,)}

    def initial_parameters(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {"gamma": np.ones(self.features), "beta": np.zeros(self.features)}

    def work_arrays(self, x: Array) -> dict[str, Array]:
        xp = self.xp
        out, dx, normal, work = (xp.empty(x.shape, x.dtype) for _ in range(4))
        arrays = {
            "out": out,
            "dx": dx,
            "out_rows": out.reshape(-1, self.features),
            "dx_rows": dx.reshape(-1, self.features),
            "normal": normal.reshape(-1, self.features),
            "work": work.reshape(-1, self.features),
            "each_feature": xp.full((self.features, 1), 1 / self.features, x.dtype),
        }
        rows = len(arrays["normal"])
        arrays["each_row"] = xp.ones(rows, x.dtype)
        return arrays | {name: xp.empty((rows, 1), x.dtype) for name in ("mean", "scale")}

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        xp, normal, mean, scale, out = self.xp, self.normal, self.mean, self.scale, self.out_rows
        rows = x.reshape(-1, self.features)
        rows.dot(self.each_feature, out=mean)
        xp.subtract(rows, mean, out=normal)
        xp.multiply(normal, normal, out=self.work).dot(self.each_feature, out=scale)
        scale += self.eps
        xp.divide(1, xp.sqrt(scale, out=scale), out=scale)
        normal *= scale
        xp.multiply(normal, self.gamma, out=out)
        out += self.beta
        return self.out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        if dout is not self.dout:
            self.accept_gradient(dout)
        xp, normal, work, dx, mean = self.xp, self.normal, self.work, self.dx_rows, self.mean
        dout = dout.reshape(-1, self.features)
        self.each_row.dot(dout, out=self.dbeta)
        self.each_row.dot(xp.multiply(dout, normal, out=work), out=self.dgamma)
        if not needs_input_gradient:
            return None
        xp.multiply(dout, self.gamma, out=dx)
        xp.multiply(dx, normal, out=work).dot(self.each_feature, out=mean)
        xp.multiply(normal, mean, out=work)
        work += dx.dot(self.each_feature, out=mean)
        dx -= work
        dx *= self.scale
        return self.dx

    def __repr__(self) -> str:
        return f"LayerNorm({self.features}, eps={self.eps:g})"
