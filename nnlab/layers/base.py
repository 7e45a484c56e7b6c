"""What every layer is: a forward pass, its backward pass beside it, and named parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from nnlab.backend import Array
from nnlab.validation import floating_dtype, generator
from nnlab.workspace import NOTHING, Workspace


class Layer(Workspace):
    """A differentiable function of a batch: (N, in) -> (N, out).

    ``forward`` remembers what ``backward`` needs, so each ``backward`` belongs to the ``forward`` just before it.
    ``backward(dout)`` takes ∂L/∂(output), writes ∂L/∂(parameter) into the gradient arrays and returns ∂L/∂(input).
    A layer never writes to the arrays it is handed. It reuses its own output arrays from call to call: copy a result
    to keep it.

    ``parameters`` are trained. ``state`` is what a layer learns by other means, such as BatchNorm's running mean. A
    layer that draws random numbers takes its generator from ``seed``. ``settings`` names the constructor's arguments
    that make the layer what it is: they are what is shown, saved and loaded.

    A new layer takes one file: ``forward``, ``backward``, ``work_arrays``, and what of the rest it needs.
    """

    settings: ClassVar[tuple[str, ...]] = ()
    input_shape: tuple[int | None, ...] | None = None  # of one example; None for any length, or any shape
    parameters: Mapping[str, Array] = {}
    gradients: Mapping[str, Array] = {}
    state: Mapping[str, Array] = {}
    in_network: bool = False
    x: Any = NOTHING  # the last batch
    dout: Any = NOTHING  # the last ∂L/∂(output)

    def output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of one example's output for one example's input; raises ValueError when they cannot meet."""
        return shape

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter by name."""
        return {}

    def initial_parameters(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Freshly drawn parameters by name, in the order of ``parameter_shapes``, float64, on the host."""
        return {}

    def initial_state(self) -> dict[str, np.ndarray]:
        """State by name before any training, float64, on the host."""
        return {}

    def seed(self, rng: np.random.Generator) -> None:
        """Take a generator of its own from ``rng``; a layer that draws no random numbers leaves it alone."""

    def bind(
        self,
        parameters: Mapping[str, Array],
        gradients: Mapping[str, Array],
        xp: Any = np,
        state: Mapping[str, Array] | None = None,
    ) -> None:
        """Use these arrays as parameters and gradients: ``W`` becomes ``layer.W``, its gradient ``layer.dW``."""
        self.forget()
        self.parameters, self.gradients, self.state, self.xp = parameters, gradients, state or {}, xp
        for name in parameters:
            setattr(self, name, parameters[name])
            setattr(self, "d" + name, gradients[name])
        for name in self.state:
            setattr(self, name, self.state[name])

    def initialize(self, rng: int | np.random.Generator, dtype: Any = np.float64) -> Layer:
        """Draw parameters for a layer used by itself, outside a network; returns the layer.

        rng: a ``numpy.random.Generator`` or a seed. dtype: float32 or float64. Raises TypeError or ValueError for
        others, RuntimeError for a layer of a network, whose parameters are the network's.
        """
        if self.in_network:
            raise RuntimeError(f"{self!r} belongs to a network, which holds its parameters; make a new layer")
        rng, dtype = generator("rng", rng), floating_dtype("dtype", dtype)
        parameters = {name: value.astype(dtype) for name, value in self.initial_parameters(rng).items()}
        state = {name: value.astype(dtype) for name, value in self.initial_state().items()}
        self.bind(parameters, {name: np.zeros_like(value) for name, value in parameters.items()}, state=state)
        self.seed(rng)
        return self

    def forward(self, x: Array, training: bool = False) -> Array:
        """The layer's output for a batch."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(x, training)")

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        """∂L/∂x from ∂L/∂(output); None when ``needs_input_gradient`` is False and it would be work for nothing."""
        raise NotImplementedError(f"{type(self).__name__} must define backward(dout)")

    def accept(self, x: Array) -> None:
        """Take a new batch: ``forward`` calls this unless ``x`` is the very array of the call before."""
        self.prepare(x)
        self.x = x

    def accept_gradient(self, dout: Array) -> None:
        """Take a new ∂L/∂(output): ``backward`` calls this unless it is the very array of the call before."""
        if self.x is NOTHING:
            raise RuntimeError(f"{self!r}: call forward before backward")
        if getattr(dout, "shape", None) != self.out.shape:
            raise ValueError(
                f"{self!r}: dout must have the output's shape {self.out.shape}, got {getattr(dout, 'shape', dout)}"
            )
        if dout.dtype != self.out.dtype:
            raise TypeError(f"{self!r}: dout must have the output's dtype {self.out.dtype}, got {dout.dtype}")
        self.dout = dout

    def check(self, x: Array) -> None:
        """Raise TypeError or ValueError for a batch this layer cannot take, RuntimeError when it is not initialized."""
        if self.parameter_shapes() and not self.parameters:
            raise RuntimeError(f"{self!r} has no parameters yet: call initialize(rng), or put it in a Network")
        dtype = getattr(x, "dtype", None)
        if not isinstance(x, self.xp.ndarray) or dtype not in (np.float32, np.float64):
            got = f"dtype {dtype}" if isinstance(x, self.xp.ndarray) else f"{type(x).__module__}.{type(x).__name__}"
            raise TypeError(f"{self!r} takes a {self.xp.__name__} array of float32 or float64, got {got}")
        for name, parameter in self.parameters.items():
            if parameter.dtype != dtype:
                raise TypeError(f"{self!r}: x must have the dtype of {name}, {parameter.dtype}, got {dtype}")
        if not x.ndim:
            raise ValueError(f"{self!r} takes a batch of examples, got a single number")
        self.output_shape(x.shape[1:])

    def forget(self) -> None:
        super().forget()
        self.x = self.dout = NOTHING

    def __getstate__(self) -> dict[str, Any]:
        left_out = ("x", "dout", "in_network")
        return {name: value for name, value in super().__getstate__().items() if name not in left_out}

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.settings)
        return f"{type(self).__name__}({settings})"
