"""Activations: functions applied to every entry, each beside its derivative."""

from __future__ import annotations

import math
from typing import ClassVar

from nnlab.backend import Array
from nnlab.layers.base import Layer
from nnlab.validation import real


class Activation(Layer):
    """A function of every entry: any shape in, the same shape out. Raises TypeError for what is no float array."""

    def work_arrays(self, x: Array) -> dict[str, Array]:
        return {name: self.xp.empty(x.shape, x.dtype) for name in ("out", "dx", "work")}


class ReLU(Activation):
    """max(0, x); its derivative is 1 where x > 0 and 0 elsewhere, 0 at 0 included."""

    def work_arrays(self, x: Array) -> dict[str, Array]:
        # an array of zeros, because NumPy's maximum of two arrays takes half the time of that with a number
        return {
            "out": self.xp.empty(x.shape, x.dtype),
            "dx": self.xp.empty(x.shape, x.dtype),
            "zeros": self.xp.zeros(x.shape, x.dtype),
        }

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        return self.xp.maximum(x, self.zeros, out=self.out)

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        if dout is not self.dout:
            self.accept_gradient(dout)
        # the output is never negative, so its sign is the derivative, 0 or 1
        derivative = self.xp.sign(self.out, out=self.dx)
        return self.xp.multiply(dout, derivative, out=self.dx)


class LeakyReLU(Activation):
    """max(x, slope · x): x where x > 0, slope · x elsewhere; its derivative is 1 where x > 0 and slope elsewhere.

    A unit that is off still passes some gradient back, so that it can come on again (Maas et al. 2013).
    Raises TypeError or ValueError unless slope is a number from 0 up to, not including, 1.
    """

    settings: ClassVar[tuple[str, ...]] = ("slope",)

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = real("slope", slope, low=0, high=1, open_high=True)

    def work_arrays(self, x: Array) -> dict[str, Array]:
        return super().work_arrays(x) | {"on": self.xp.empty(x.shape, bool)}

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        self.xp.multiply(x, self.slope, out=self.out)
        return self.xp.maximum(x, self.out, out=self.out)

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        if dout is not self.dout:
            self.accept_gradient(dout)
        self.xp.greater(self.out, 0, out=self.on)
        self.xp.multiply(dout, self.slope, out=self.dx)
        self.xp.copyto(self.dx, dout, where=self.on)
        return self.dx


class Sigmoid(Activation):
    """σ(x) = 1/(1 + e⁻ˣ); σ′ = σ(1 − σ).

    Computed as e^min(x, 0) / (1 + e^−|x|): no exponential overflows, and tiny values keep their relative precision.
    """

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        xp, out, denominator = self.xp, self.out, self.work
        xp.exp(xp.negative(xp.abs(x, out=denominator), out=denominator), out=denominator)
        denominator += 1
        xp.exp(xp.minimum(x, 0, out=out), out=out)
        out /= denominator
        return out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        if dout is not self.dout:
            self.accept_gradient(dout)
        slope = self.xp.subtract(1, self.out, out=self.dx)
        slope *= self.out
        return self.xp.multiply(dout, slope, out=self.dx)


class Tanh(Activation):
    """tanh(x); its derivative is 1 − tanh²(x)."""

    def work_arrays(self, x: Array) -> dict[str, Array]:
        return {name: self.xp.empty(x.shape, x.dtype) for name in ("out", "dx")}

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        return self.xp.tanh(x, out=self.out)

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        if dout is not self.dout:
            self.accept_gradient(dout)
        slope = self.xp.multiply(self.out, self.out, out=self.dx)
        self.xp.subtract(1, slope, out=slope)
        return self.xp.multiply(dout, slope, out=self.dx)


class GELU(Activation):
    """½x(1 + t) with t = tanh(u) and u = √(2/π)(x + 0.044715x³).

    Its derivative is ½(1 + t) + ½x(1 − t²)u′ with u′ = √(2/π)(1 + 0.134145x²). This is the tanh form of Hendrycks &
    Gimpel (2016), the one of GPT-2; it stays within 5·10⁻⁴ of x·Φ(x), which needs an error function NumPy lacks.
    """

    def work_arrays(self, x: Array) -> dict[str, Array]:
        return {name: self.xp.empty(x.shape, x.dtype) for name in ("out", "dx", "work", "t", "near")}

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        xp, near, t, out = self.xp, self.near, self.t, self.out
        # beyond ±10 t is ±1 to the last bit: the limits change nothing and keep powers of huge x from overflowing
        xp.minimum(xp.maximum(x, -10, out=near), 10, out=near)
        xp.multiply(near, near, out=t)
        t *= math.sqrt(2 / math.pi) * 0.044715
        t += math.sqrt(2 / math.pi)
        t *= near
        xp.tanh(t, out=t)
        xp.multiply(x, 0.5, out=out)
        xp.add(t, 1, out=self.work)
        out *= self.work
        return out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        if dout is not self.dout:
            self.accept_gradient(dout)
        xp, near, t, slope, work = self.xp, self.near, self.t, self.dx, self.work
        xp.multiply(near, near, out=slope)
        slope *= math.sqrt(2 / math.pi) * 0.134145
        slope += math.sqrt(2 / math.pi)
        slope *= near
        xp.multiply(t, t, out=work)
        xp.subtract(1, work, out=work)
        slope *= work
        slope += t
        slope += 1
        slope *= 0.5
        return xp.multiply(dout, slope, out=slope)
