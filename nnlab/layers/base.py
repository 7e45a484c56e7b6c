"""What every layer is: a forward pass, its backward pass beside it, and named parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnlab.backend import Array
from nnlab.workspace import Workspace


class Layer(Workspace):
    """A differentiable function of a batch: (N, in) -> (N, out).

    ``forward`` remembers what ``backward`` needs, so each ``backward`` belongs to the ``forward`` just before it.
    ``backward(dout)`` takes ∂L/∂(output), writes ∂L/∂(parameter) into the gradient arrays and returns ∂L/∂(input).
    A layer never writes to the arrays it is handed. It reuses its own output arrays from call to call: copy a result
    to keep it.
    """

    parameters: Mapping[str, Array] = {}
    gradients: Mapping[str, Array] = {}
    input_shape: tuple[int, ...] | None = None  # of one example; None when any will do

    def output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of one example's output for one example's input; raises ValueError when they cannot meet."""
        return shape

    def initial_parameters(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Freshly drawn parameters by name, float64, on the host."""
        return {}

    def bind(self, parameters: Mapping[str, Array], gradients: Mapping[str, Array], xp: Any = np) -> None:
        """Use these arrays as parameters and gradients: ``W`` becomes ``layer.W``, its gradient ``layer.dW``."""
        self.parameters, self.gradients, self.xp = parameters, gradients, xp
        for name in parameters:
            setattr(self, name, parameters[name])
            setattr(self, "d" + name, gradients[name])

    def initialize(self, rng: np.random.Generator, dtype: Any = np.float64) -> Layer:
        """Draw parameters for a layer used by itself, outside a network; returns the layer."""
        parameters = {name: value.astype(dtype) for name, value in self.initial_parameters(rng).items()}
        self.bind(parameters, {name: np.zeros_like(value) for name, value in parameters.items()})
        return self

    def forward(self, x: Array, training: bool = False) -> Array:
        """The layer's output for a batch."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(x, training)")

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        """∂L/∂x from ∂L/∂(output); None when ``needs_input_gradient`` is False and it would be work for nothing."""
        raise NotImplementedError(f"{type(self).__name__} must define backward(dout)")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
