"""Activations: functions applied to every entry, each beside its derivative."""

from __future__ import annotations

from nnlab.backend import Array
from nnlab.layers.base import Layer


class ReLU(Layer):
    """max(0, x); its derivative is 1 where x > 0 and 0 elsewhere, 0 at 0 included."""

    def forward(self, x: Array, training: bool = False) -> Array:
        self.out = self.xp.maximum(x, 0, out=self.buffer("out", x.shape, x.dtype))
        return self.out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        on = self.xp.greater(self.out, 0, out=self.buffer("on", dout.shape, bool))
        return self.xp.multiply(dout, on, out=self.buffer("dx", dout.shape, dout.dtype))


class Sigmoid(Layer):
    """σ(x) = 1/(1 + e⁻ˣ); σ′ = σ(1 − σ).

    Computed as e^min(x, 0) / (1 + e^−|x|): no exponential overflows, and tiny values keep their relative precision.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        xp = self.xp
        out = self.buffer("out", x.shape, x.dtype)
        denominator = self.buffer("work", x.shape, x.dtype)
        xp.exp(xp.negative(xp.abs(x, out=denominator), out=denominator), out=denominator)
        xp.add(denominator, 1, out=denominator)
        xp.exp(xp.minimum(x, 0, out=out), out=out)
        self.out = xp.divide(out, denominator, out=out)
        return self.out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        xp = self.xp
        slope = self.buffer("work", dout.shape, dout.dtype)
        xp.multiply(xp.subtract(1, self.out, out=slope), self.out, out=slope)
        return xp.multiply(dout, slope, out=slope)


class Tanh(Layer):
    """tanh(x); its derivative is 1 − tanh²(x)."""

    def forward(self, x: Array, training: bool = False) -> Array:
        self.out = self.xp.tanh(x, out=self.buffer("out", x.shape, x.dtype))
        return self.out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        xp = self.xp
        slope = self.buffer("dx", dout.shape, dout.dtype)
        xp.subtract(1, xp.multiply(self.out, self.out, out=slope), out=slope)
        return xp.multiply(dout, slope, out=slope)
