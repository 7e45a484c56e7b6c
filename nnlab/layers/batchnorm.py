"""Batch normalization: every feature gets mean 0 and variance 1 over the batch, then a learned scale and shift."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnlab.backend import Array
from nnlab.layers.base import Layer
from nnlab.validation import integer, real


class BatchNorm(Layer):
    """y = γ x̂ + β with x̂ = (x − μ)/√(σ² + eps), feature by feature; x, y (N, features), γ, β (features,).

    In training μ and σ² (divided by N) are those of the batch, and the running statistics move towards them:
    running ← (1 − momentum) · running + momentum · batch, the variance divided by N − 1, as in PyTorch. In evaluation
    μ and σ² are the running ones, and an example's output does not depend on the others. Axes between the first and
    the last count as further examples. A batch of one row has no variance: its output is β, and the running statistics
    stay as they are.

    Backward, with G = ∂L/∂y: ∂L/∂γ = Σ Gx̂, ∂L/∂β = ΣG, and in training
    ∂L/∂x = γ/√(σ² + eps) · (G − ∂L/∂β/N − x̂ · ∂L/∂γ/N), since μ and σ² depend on x too.

    γ starts at 1, β at 0, running mean and variance at 0 and 1. Source: Ioffe & Szegedy (2015).
    Entries must be small enough for their squares not to overflow, below 10¹⁹ in float32.
    Raises ValueError for an empty training batch, momentum outside [0, 1], eps not above 0.
    """

    settings: ClassVar[tuple[str, ...]] = ("features", "momentum", "eps")
    gamma: Array
    beta: Array
    dgamma: Array
    dbeta: Array
    running_mean: Array
    running_var: Array

    def __init__(self, features: int, momentum: float = 0.1, eps: float = 1e-5) -> None:
        self.features = integer("features", features, low=1)
        self.momentum = real("momentum", momentum, low=0, high=1)
        self.eps = real("eps", eps, low=0, open_low=True)
        self.input_shape = (self.features,)
        self.batch_statistics = True

    def output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        if shape[-1:] != self.input_shape:
            raise ValueError(f"{self!r} takes examples of shape {self.input_shape}, got {shape}")
        return shape

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {"gamma": (self.features,), "beta": (self.features,)}

    def initial_parameters(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {"gamma": np.ones(self.features), "beta": np.zeros(self.features)}

    def initial_state(self) -> dict[str, np.ndarray]:
        return {"running_mean": np.zeros(self.features), "running_var": np.ones(self.features)}

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
        }
        arrays["ones"] = xp.ones(len(arrays["normal"]), x.dtype)
        return arrays | {name: xp.empty(self.features, x.dtype) for name in ("mean", "var", "scale", "vector")}

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        xp, normal, out = self.xp, self.normal, self.out_rows
        rows = x.reshape(-1, self.features)
        self.batch_statistics = training
        mean, var = self._statistics(rows) if training else (self.running_mean, self.running_var)
        xp.sqrt(xp.add(var, self.eps, out=self.scale), out=self.scale)
        xp.divide(1, self.scale, out=self.scale)
        xp.subtract(rows, mean, out=normal)
        normal *= self.scale
        xp.multiply(normal, self.gamma, out=out)
        out += self.beta
        return self.out

    def _statistics(self, rows: Array) -> tuple[Array, Array]:
        """(mean, variance) of the batch; moves the running statistics towards them."""
        xp, n, mean, var, vector = self.xp, len(rows), self.mean, self.var, self.vector
        if not n:
            raise ValueError(f"{self!r}: a training batch must hold at least one example")
        self.ones.dot(rows, out=mean)
        mean *= 1 / n
        centred = xp.subtract(rows, mean, out=self.normal)
        self.ones.dot(xp.multiply(centred, centred, out=self.work), out=var)
        var *= 1 / n
        if n > 1:
            self.running_mean *= 1 - self.momentum
            self.running_mean += xp.multiply(mean, self.momentum, out=vector)
            self.running_var *= 1 - self.momentum
            self.running_var += xp.multiply(var, self.momentum * n / (n - 1), out=vector)
        return mean, var

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        if dout is not self.dout:
            self.accept_gradient(dout)
        xp, normal, work, dx, vector = self.xp, self.normal, self.work, self.dx_rows, self.vector
        dout = dout.reshape(-1, self.features)
        self.ones.dot(dout, out=self.dbeta)
        self.ones.dot(xp.multiply(dout, normal, out=work), out=self.dgamma)
        if not needs_input_gradient:
            return None
        if self.batch_statistics:
            n = len(dout)
            xp.multiply(normal, xp.multiply(self.dgamma, 1 / n, out=vector), out=work)
            xp.subtract(dout, work, out=dx)
            dx -= xp.multiply(self.dbeta, 1 / n, out=vector)
        else:
            xp.copyto(dx, dout)
        dx *= xp.multiply(self.gamma, self.scale, out=vector)
        return self.dx

    def __repr__(self) -> str:
        return f"BatchNorm({self.features}, momentum={self.momentum:g}, eps={self.eps:g})"
