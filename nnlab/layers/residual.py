"""The residual block: layers that learn a change to their input instead of a whole new output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnlab.backend import Array
from nnlab.layers.base import Layer
from nnlab.layers.chain import chained_input_shape, chained_shape, check_layers, numbered, of_layer


class Residual(Layer):
    """y = x + f(x), f being the layers in turn; f must return the shape it takes.

    Backward: ∂L/∂x = ∂L/∂y + (what f passes back), so some of the gradient reaches x whatever f does to it.
    Parameters are named by their layer's place: ``W`` of the first is ``"0.W"``.

    Source: He et al. (2016), "Deep residual learning". Raises TypeError for what is no layer, ValueError when layers
    do not fit each other or f's output does not have the shape of its input.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = check_layers(layers)
        self.input_shape = chained_input_shape(self.layers)
        self.output_shape(self.input_shape)

    def output_shape(self, shape: Any) -> Any:
        out = chained_shape(self.layers, shape)
        if shape is not None and out != shape:
            raise ValueError(f"{self!r} adds f(x) to x, so f must keep the shape: it made {out} of {shape}")
        return shape

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        return numbered([layer.parameter_shapes() for layer in self.layers])

    def initial_parameters(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        return numbered([layer.initial_parameters(rng) for layer in self.layers])

    def initial_state(self) -> dict[str, np.ndarray]:
        return numbered([layer.initial_state() for layer in self.layers])

    def seed(self, rng: np.random.Generator) -> None:
        for layer in self.layers:
            layer.seed(rng)

    def bind(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        xp: Any = np,
        state: Mapping[str, Array] | None = None,
    ) -> None:
        self.forget()
        self.parameters, self.gradients, self.state, self.xp = parameters, gradients, state or {}, xp
        for i, layer in enumerate(self.layers):
            layer.bind(of_layer(i, parameters), of_layer(i, gradients), xp, of_layer(i, self.state))

    def work_arrays(self, x: Array) -> dict[str, Array]:
        return {name: self.xp.empty(x.shape, x.dtype) for name in ("out", "dx")}

    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        change = x
        for layer in self.layers:
            change = layer.forward(change, training)
        return self.xp.add(x, change, out=self.out)

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        if dout is not self.dout:
            self.accept_gradient(dout)
        signal = dout
        for layer in self.layers[:0:-1]:
            signal = layer.backward(signal)
        signal = self.layers[0].backward(signal, needs_input_gradient)
        return self.xp.add(dout, signal, out=self.dx) if needs_input_gradient else None

    def __repr__(self) -> str:
        return f"Residual([{', '.join(map(repr, self.layers))}])"
