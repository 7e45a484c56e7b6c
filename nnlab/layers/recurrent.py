"""The simple recurrent layer: a state that is carried from one time step to the next."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnlab.backend import Array
from nnlab.initializers import Initializer, check_initializer, draw, orthogonal, xavier_uniform
from nnlab.layers.base import Layer
from nnlab.validation import integer


class RNN(Layer):
    """h_t = tanh(x_t W_in + h_{t−1} W_rec + b) for t = 1 … T, with h_0 = 0.

    x (N, T, fan_in), W_in (fan_in, hidden), W_rec (hidden, hidden), b (hidden,). The output is the last state h_T,
    (N, hidden), or with ``sequences=True`` all of them, (N, T, hidden). T may change from batch to batch.

    Backward, through time from T to 1: ∂L/∂h_t = (what comes from the output) + G_{t+1} W_recᵀ and
    G_t = ∂L/∂h_t · (1 − h_t²); then ∂L/∂W_in = Σ x_tᵀG_t, ∂L/∂W_rec = Σ h_{t−1}ᵀG_t, ∂L/∂b = ΣG_t, and
    ∂L/∂x_t = G_t W_inᵀ. Each step back multiplies by W_recᵀ once more: with its spectral radius below 1 the gradient
    vanishes, well above 1 it may explode. After ``backward``, ``state_gradients[t − 1]`` is ∂L/∂h_t, (N, hidden), and
    ``states[t]`` is h_t.

    W_rec is drawn by ``recurrent_initializer`` (orthogonal by default: no direction grows or shrinks at first), W_in
    by ``initializer``; b starts at 0. Source: Elman (1990); back-propagation through time: Werbos (1990).
    Raises TypeError or ValueError for sizes that are no positive whole numbers and for sequences without a step.
    """

    settings: ClassVar[tuple[str, ...]] = ("fan_in", "hidden", "sequences")
    W_in: Array
    W_rec: Array
    b: Array
    dW_in: Array
    dW_rec: Array
    db: Array

    def __init__(
        self,
        fan_in: int,
        hidden: int,
        sequences: bool = False,
        initializer: Initializer = xavier_uniform,
        recurrent_initializer: Initializer = orthogonal,
    ) -> None:
        self.fan_in = integer("fan_in", fan_in, low=1)
        self.hidden = integer("hidden", hidden, low=1)
        if not isinstance(sequences, bool):
            raise TypeError(f"sequences must be True (all states) or False (the last one), got {sequences!r}")
        self.sequences = sequences
        self.initializer = check_initializer("initializer", initializer)
        self.recurrent_initializer = check_initializer("recurrent_initializer", recurrent_initializer)
        self.input_shape = (None, self.fan_in)

    def output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        if len(shape) != 2 or shape[1] != self.fan_in or shape[0] == 0:
            raise ValueError(f"{self!r} takes examples of shape (T, {self.fan_in}) with T > 0, got {shape}")
        return (shape[0], self.hidden) if self.sequences else (self.hidden,)

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return {"W_in": (self.fan_in, self.hidden), "W_rec": (self.hidden, self.hidden), "b": (self.hidden,)}

    def initial_parameters(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {
            "W_in": draw(self.initializer, rng, self.fan_in, self.hidden),
            "W_rec": draw(self.recurrent_initializer, rng, self.hidden, self.hidden),
            "b": np.zeros(self.hidden),
        }

    def work_arrays(self, x: Array) -> dict[str, Array]:
        # time comes first in the work arrays, so that each step, and all of them together, are contiguous
        (n, steps, _), empty, dtype = x.shape, self.xp.empty, x.dtype
        return {
            "steps_x": empty((steps, n, self.fan_in), dtype),
            "inner": empty((steps, n, self.hidden), dtype),
            "states": self.xp.zeros((steps + 1, n, self.hidden), dtype),
            "state_gradients": empty((steps, n, self.hidden), dtype),
            "steps_dx": empty((steps, n, self.fan_in), dtype),
            "work": empty((n, self.hidden), dtype),
            "ones": self.xp.ones(steps * n, dtype),
            "out": empty((n, steps, self.hidden) if self.sequences else (n, self.hidden), dtype),
            "dx": empty(x.shape, dtype),
        }

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        xp, states, inner, work = self.xp, self.states, self.inner, self.work
        xp.copyto(self.steps_x, x.transpose(1, 0, 2))
        _rows(self.steps_x).dot(self.W_in, out=_rows(inner))
        inner += self.b
        for t in range(len(inner)):
            states[t].dot(self.W_rec, out=work)
            work += inner[t]
            xp.tanh(work, out=states[t + 1])
        xp.copyto(self.out, states[1:].transpose(1, 0, 2) if self.sequences else states[-1])
        return self.out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        if dout is not self.dout:
            self.accept_gradient(dout)
        xp, states, signals, inner, work = self.xp, self.states, self.state_gradients, self.inner, self.work
        if self.sequences:
            xp.copyto(signals, dout.transpose(1, 0, 2))
        else:
            signals[:-1] = 0
            xp.copyto(signals[-1], dout)
        for t in reversed(range(len(inner))):
            if t + 1 < len(inner):
                signals[t] += inner[t + 1].dot(self.W_rec.T, out=work)
            slope = xp.multiply(states[t + 1], states[t + 1], out=inner[t])
            xp.subtract(1, slope, out=slope)
            slope *= signals[t]
        flat = _rows(inner)
        _rows(self.steps_x).T.dot(flat, out=self.dW_in)
        _rows(states[:-1]).T.dot(flat, out=self.dW_rec)
        self.ones.dot(flat, out=self.db)
        if not needs_input_gradient:
            return None
        flat.dot(self.W_in.T, out=_rows(self.steps_dx))
        xp.copyto(self.dx, self.steps_dx.transpose(1, 0, 2))
        return self.dx

    def __repr__(self) -> str:
        return f"RNN({self.fan_in}, {self.hidden}, sequences={self.sequences})"


def _rows(array: Array) -> Array:
    """Steps and examples as the rows of one matrix."""
    return array.reshape(-1, array.shape[-1])
