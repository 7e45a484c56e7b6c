"""A network: layers and a loss over one flat vector of parameters."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nnlab.backend import Array, array_module, to_host
from nnlab.flat import FlatArrays
from nnlab.layers.base import Layer
from nnlab.layers.chain import chained_input_shape, chained_shape, check_layers, parts
from nnlab.losses import Loss
from nnlab.regularizers import Regularizer, regularizers
from nnlab.validation import finite, float_array, floating_dtype, generator

EVALUATION_ROWS = 4096  # how many examples ``predict`` and ``evaluate`` take at a time, so that memory stays bounded


class Network:
    """Layers applied in turn, and a loss of the last one's output.

    Parameters and gradients of all layers are views of two flat vectors, ``flat_parameters`` and ``flat_gradients``;
    ``parameters`` and ``gradients`` list them array by array. Initial weights are drawn on the host from ``seed``, so
    a network starts the same on every device. ``state`` holds what layers learn by other means, such as BatchNorm's
    running statistics, by name. ``copy.deepcopy`` makes an independent copy.

    layers: at least one layer, none of another network. loss: what to minimize. seed: an int or a
    ``numpy.random.Generator``. dtype: ``"float32"`` or ``"float64"``. device: ``"cpu"``, or ``"cuda"`` for CuPy.
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
        rng = generator("seed", seed)
        self._arrange(layers, loss, dtype, device, regularizer)
        drawn = [layer.initial_parameters(rng) for layer in self.layers]
        self._adopt(drawn, [layer.initial_state() for layer in self.layers])
        self.reseed(rng)

    @classmethod
    def restored(
        cls,
        layers: Sequence[Layer],
        loss: Loss,
        dtype: Any,
        device: str,
        parameters: Sequence[Mapping[str, np.ndarray]],
        state: Sequence[Mapping[str, np.ndarray]],
    ) -> Network:
        """A network with these values, one mapping a layer, instead of freshly drawn ones."""
        network = cls.__new__(cls)
        network._arrange(layers, loss, dtype, device, None)
        network._adopt(parameters, state)
        network.reseed(0)
        return network

    def _arrange(self, layers: Sequence[Layer], loss: Loss, dtype: Any, device: str, regularizer: Any) -> None:
        """Check what the network is made of."""
        self.layers = check_layers(layers)
        self.regularizers = regularizers(regularizer)
        if not isinstance(loss, Loss):
            raise TypeError(f"loss must be a loss such as SoftmaxCrossEntropy(), got {loss!r}")
        self.loss = copy.deepcopy(loss)
        self.dtype = floating_dtype("dtype", dtype)
        self.device = device
        self.xp = array_module(device)
        self.input_shape = chained_input_shape(self.layers)
        self.output_shape = chained_shape(self.layers, self.input_shape)
        for i, layer in enumerate(self.layers):
            if any(part.in_network for part in parts(layer)):
                raise ValueError(f"layers[{i}] {layer!r} belongs to another network; make a new one")

    def _adopt(self, parameters: Sequence[Mapping[str, np.ndarray]], state: Sequence[Mapping[str, np.ndarray]]) -> None:
        """Lay these values, one mapping a layer, out as this network's arrays."""
        values = [value for named in parameters for value in named.values()]
        shapes = [value.shape for value in values]
        flat = np.concatenate([np.ravel(value) for value in values] or [np.empty(0)])
        self.parameters = FlatArrays(self.xp.array(flat, dtype=self.dtype), shapes)
        self.gradients = FlatArrays(self.xp.zeros_like(self.parameters.flat), shapes)
        self.names = [list(named) for named in parameters]
        self.state = {
            f"{i}.{name}": self.xp.array(value, dtype=self.dtype)
            for i, named in enumerate(state)
            for name, value in named.items()
        }
        self._bind()

    def _bind(self) -> None:
        """Hand every layer its views of the network's arrays."""
        self.loss.xp = self.xp
        start = 0
        for i, (layer, names) in enumerate(zip(self.layers, self.names, strict=True)):
            stop = start + len(names)
            layer.bind(
                dict(zip(names, self.parameters[start:stop], strict=True)),
                dict(zip(names, self.gradients[start:stop], strict=True)),
                self.xp,
                {name: self.state[f"{i}.{name}"] for name in layer.initial_state()},
            )
            for part in parts(layer):
                part.in_network = True
            start = stop
        self._first = next((i for i, names in enumerate(self.names) if names), len(self.layers))

    def reseed(self, seed: int | np.random.Generator) -> None:
        """Start the generators of layers that draw random numbers, such as Dropout, anew; weights stay as they are."""
        rng = generator("seed", seed)
        for layer in self.layers:
            layer.seed(rng)

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
        _, signal = self.loss.compute(self._forward(x, training=True), y)
        signals = []
        for layer in reversed(self.layers):
            signals.append(signal.copy())
            signal = layer.backward(signal)
        self._add_penalties()
        return signals[::-1]

    def predict(self, x: Any) -> np.ndarray:
        """Labels (N,) from a classifier, outputs (N, out) from a regression, on the host."""
        x = self.inputs(x)
        pieces = (self._forward(x[rows], training=False) for rows in _pieces(len(x)))
        return np.concatenate([to_host(self.loss.predict(outputs).copy()) for outputs in pieces])

    def evaluate(self, x: Any, y: Any) -> tuple[float, float]:
        """(mean loss without penalties, accuracy) of a data set in evaluation mode; a regression has accuracy NaN."""
        x, y = self.batch(x, y)
        loss = correct = 0.0
        for rows in _pieces(len(x)):
            outputs = self._forward(x[rows], training=False)
            loss = loss + self.loss.compute(outputs, y[rows])[0] * len(outputs)
            correct = correct + self.correct(outputs, y[rows])
        return float(loss) / len(x), float(correct) / len(x)

    def step_gradients(self, x: Array, y: Array) -> Any:
        """``loss_and_gradients`` for a batch that ``batch`` has checked; the loss stays on the device."""
        layers = self.layers
        self.outputs = self._forward(x, training=True)
        loss, signal = self.loss.compute(self.outputs, y)
        # layers below the first one with parameters have nothing to learn from the signal
        for i in range(len(layers) - 1, self._first - 1, -1):
            signal = layers[i].backward(signal, i > self._first)
        return (loss + self._add_penalties()) if self.regularizers else loss

    def constrain(self) -> None:
        """Restore the regularizers' constraints, such as ``MaxNorm``; ``fit`` does this after every step."""
        for regularizer in self.regularizers:
            for w, _ in self.weights:
                regularizer.constrain(w)

    def correct(self, outputs: Array, y: Array) -> Any:
        """How many outputs predict the checked target ``y``; NaN for a regression."""
        return self.loss.correct(outputs, y)

    def inputs(self, x: Any, name: str = "x") -> Array:
        """``x`` as this network's array; raises TypeError or ValueError unless it holds examples that fit."""
        array = float_array(name, x, self.dtype, self.xp)
        wanted = self.input_shape
        fits = wanted is None or (
            array.ndim == len(wanted) + 1 and all(b in (None, a) for a, b in zip(array.shape[1:], wanted, strict=True))
        )
        if array.ndim < 2 or not fits:
            lengths = ", ".join(["N", *("T" if length is None else str(length) for length in wanted or ("in",))])
            raise ValueError(f"{name} must have shape ({lengths}), got {array.shape}")
        if not array.size:
            raise ValueError(f"{name} must hold at least one example, got shape {array.shape}")
        finite(name, array, self.xp)
        return array

    def batch(self, x: Any, y: Any, names: tuple[str, str] = ("x", "y")) -> tuple[Array, Array]:
        """(x, y) checked and on the device; raises TypeError or ValueError that names the argument."""
        array = self.inputs(x, names[0])
        shape = chained_shape(self.layers, array.shape[1:]) or ()
        return array, self.loss.target(y, (len(array), *shape), self.dtype, names[1])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write layers, loss, parameters and state to a file that ``Network.load`` reads; see ``nnlab.saving``."""
        from nnlab.saving import save

        save(self, path)

    @staticmethod
    def load(path: str | os.PathLike[str], device: str = "cpu") -> Network:
        """The network that ``save`` wrote to ``path``; raises ValueError for any other file; see ``nnlab.saving``."""
        from nnlab.saving import load

        return load(path, device)

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

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("xp", "outputs")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # the copied layers hold copies of the views: bind them to the copied vectors again
        self.__dict__.update(state)
        self.xp = array_module(self.device)
        self._bind()

    def __repr__(self) -> str:
        layers = ", ".join(map(repr, self.layers))
        return f"Network([{layers}], loss={self.loss!r}, dtype={self.dtype}): {self.flat_parameters.size} parameters"


def _pieces(rows: int) -> Iterator[slice]:
    for start in range(0, rows, EVALUATION_ROWS):
        yield slice(start, start + EVALUATION_ROWS)
