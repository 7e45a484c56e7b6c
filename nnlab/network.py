"""A network: layers and a loss over one flat vector of parameters."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlab.backend import Array, array_module, to_host
from nnlab.flat import FlatArrays
from nnlab.layers.base import Layer
from nnlab.losses import Loss
from nnlab.regularizers import Regularizer, regularizers
from nnlab.validation import finite, floating_dtype


class Network:
    """Layers applied in turn, and a loss of the last one's output.

    Parameters and gradients of all layers are views of two flat vectors, ``flat_parameters`` and ``flat_gradients``;
    ``parameters`` and ``gradients`` list them array by array. Initial weights are drawn on the host from ``seed``, so
    a network starts the same on every device.

    layers: at least one layer. loss: what to minimize. seed: an int or a ``numpy.random.Generator``.
    dtype: ``"float32"`` or ``"float64"``. device: ``"cpu"``, or ``"cuda"`` for CuPy.
    regularizer: one, such as ``L2(1e-4)``, or a list of them; they act on ``weights`` and leave biases alone.
    Raises ValueError when neighbouring layers do not fit, TypeError for what is no layer or loss.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        loss: Loss,
        seed: int | np.random.Generator = 0,
        dtype: Any = "float32",
        device: str = "cpu",
        regularizer: Regularizer | Sequence[Regularizer] | None = None,
    ) -> None:
        self.layers = list(layers)
        self.regularizers = regularizers(regularizer)
        if not isinstance(loss, Loss):
            raise TypeError(f"loss must be a loss such as SoftmaxCrossEntropy(), got {loss!r}")
        self.loss = copy.deepcopy(loss)
        self.dtype = floating_dtype("dtype", dtype)
        self.device = device
        self.loss.xp = self.xp = array_module(device)
        self.input_shape, self.output_shape = _chain(self.layers)
        self._bind(np.random.default_rng(seed))

    def _bind(self, rng: np.random.Generator) -> None:
        drawn = [layer.initial_parameters(rng) for layer in self.layers]
        values = [value for named in drawn for value in named.values()]
        shapes = [value.shape for value in values]
        flat = np.concatenate([np.ravel(value) for value in values] or [np.empty(0)])
        self.parameters = FlatArrays(self.xp.asarray(flat, dtype=self.dtype), shapes)
        self.gradients = FlatArrays(self.xp.zeros_like(self.parameters.flat), shapes)
        start = 0
        for layer, named in zip(self.layers, drawn, strict=True):
            stop = start + len(named)
            layer.bind(
                dict(zip(named, self.parameters[start:stop], strict=True)),
                dict(zip(named, self.gradients[start:stop], strict=True)),
                self.xp,
            )
            start = stop

    @property
    def weights(self) -> list[tuple[Array, Array]]:
        """(w, ∂L/∂w) of every parameter array with two axes or more: weight matrices, without biases and gains."""
        return [(w, dw) for w, dw in zip(self.parameters, self.gradients, strict=True) if w.ndim > 1]

    @property
    def flat_parameters(self) -> Array:
        """All parameters as one vector; writing to it changes the layers."""
        return self.parameters.flat

    @property
    def flat_gradients(self) -> Array:
        """All gradients as one vector, as the last ``loss_and_gradients`` left them."""
        return self.gradients.flat

    def forward(self, x: Any, training: bool = False) -> Array:
        """The outputs (N, out) for a batch (N, in), in an array of their own."""
        return self._forward(self.inputs(x), training).copy()

    def activations(self, x: Any, training: bool = False) -> list[Array]:
        """The output of every layer for a batch, first layer first."""
        signal, outputs = self.inputs(x), []
        for layer in self.layers:
            signal = layer.forward(signal, training)
            outputs.append(signal.copy())
        return outputs

    def loss_and_gradients(self, x: Any, y: Any) -> float:
        """The loss of a batch, in training mode, and penalties; its gradient replaces what ``gradients`` held."""
        x, y = self.batch(x, y)
        return float(self.step_gradients(x, y))

    def backward_signals(self, x: Any, y: Any) -> list[Array]:
        """∂L/∂(output) of every layer, first layer first; fills ``gradients`` as ``loss_and_gradients`` does."""
        x, y = self.batch(x, y)
        _, signal = self.loss.value_and_gradient(self._forward(x, training=True), y)
        signals = []
        for layer in reversed(self.layers):
            signals.append(signal.copy())
            signal = layer.backward(signal)
        self._add_penalties()
        return signals[::-1]

    def predict(self, x: Any) -> np.ndarray:
        """Labels (N,) from a classifier, outputs (N, out) from a regression, on the host."""
        return to_host(self.loss.predict(self.forward(x)))

    def evaluate(self, x: Any, y: Any) -> tuple[float, float]:
        """(mean loss without penalties, accuracy) of a data set in evaluation mode; a regression has accuracy NaN."""
        x, y = self.batch(x, y)
        outputs = self._forward(x, training=False)
        loss, _ = self.loss.value_and_gradient(outputs, y)
        return float(loss), float(self.correct(outputs, y)) / len(x)

    def step_gradients(self, x: Array, y: Array) -> Any:
        """``loss_and_gradients`` for a batch that ``batch`` has checked; the loss stays on the device."""
        self.outputs = self._forward(x, training=True)
        loss, signal = self.loss.value_and_gradient(self.outputs, y)
        for layer in self.layers[:0:-1]:
            signal = layer.backward(signal)
        self.layers[0].backward(signal, needs_input_gradient=False)
        return (loss + self._add_penalties()) if self.regularizers else loss

    def constrain(self) -> None:
        """Restore the regularizers' constraints, such as ``MaxNorm``; ``fit`` does this after every step."""
        for regularizer in self.regularizers:
            for w, _ in self.weights:
                regularizer.constrain(w)

    def correct(self, outputs: Array, y: Array) -> Any:
        """How many outputs predict the checked target ``y``; NaN for a regression."""
        if not self.loss.classifies:
            return float("nan")
        return (self.loss.predict(outputs) == y.reshape(len(y))).sum()

    def inputs(self, x: Any, name: str = "x") -> Array:
        """``x`` as this network's array; raises ValueError for a shape that does not fit, or no examples."""
        array = self.xp.asarray(x, dtype=self.dtype)
        if array.ndim < 2 or (self.input_shape is not None and array.shape[1:] != self.input_shape):
            wanted = ", ".join(["N", *map(str, self.input_shape or ("in",))])
            raise ValueError(f"{name} must have shape ({wanted}), got {array.shape}")
        if not len(array):
            raise ValueError(f"{name} must hold at least one example, got shape {array.shape}")
        return array

    def batch(self, x: Any, y: Any, names: tuple[str, str] = ("x", "y")) -> tuple[Array, Array]:
        """(x, y) checked and on the device; raises TypeError or ValueError that names the argument."""
        array = self.inputs(x, names[0])
        finite(names[0], array, self.xp)
        outputs_shape = self.output_shape if self.output_shape is not None else array.shape[1:]
        return array, self.loss.target(y, (len(array), *outputs_shape), self.dtype, names[1])

    def _add_penalties(self) -> Any:
        penalty = 0.0
        for regularizer in self.regularizers:
            for w, dw in self.weights:
                penalty = penalty + regularizer.penalty(w)
                regularizer.add_gradient(w, dw)
        return penalty

    def _forward(self, signal: Array, training: bool) -> Array:
        for layer in self.layers:
            signal = layer.forward(signal, training)
        return signal

    def __repr__(self) -> str:
        layers = ", ".join(map(repr, self.layers))
        return f"Network([{layers}], loss={self.loss!r}, dtype={self.dtype}): {self.flat_parameters.size} parameters"


def _chain(layers: Sequence[Layer]) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
    """(input shape, output shape) of one example; None where any shape will do."""
    if not layers:
        raise ValueError("layers must hold at least one layer, got none")
    first = shape = None
    for i, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise TypeError(f"layers[{i}] must be a layer such as Dense(2, 3), got {layer!r}")
        if layer in layers[:i]:
            raise ValueError(f"layers[{i}] {layer!r} is the same object as an earlier layer; make a new one")
        if shape is None:
            shape = layer.input_shape
            first = shape if first is None else first
        if shape is not None:
            try:
                shape = layer.output_shape(shape)
            except ValueError as error:
                raise ValueError(f"layers[{i}] does not fit the layer before it: {error}") from None
    return first, shape
