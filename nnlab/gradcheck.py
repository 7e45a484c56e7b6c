"""Gradient checks: derivatives by central differences, compared with the ones a backward pass gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlab.backend import Array, to_host
from nnlab.layers.base import Layer
from nnlab.network import Network
from nnlab.validation import real


def numerical_gradient(f: Callable[[np.ndarray], float], x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """∂f/∂x by central differences: (f(x + h eᵢ) − f(x − h eᵢ)) / 2h for every entry i.

    f maps an array like x to a number. x is changed while f runs and is as before when this returns, also when f
    raises. The error of the formula falls like h² and that of rounding grows like 1/h; near h = 1e-5 both are small
    in float64. Raises TypeError when x is no float array, ValueError unless h > 0.
    """
    h = real("h", h, low=0, open_low=True)
    if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
        raise TypeError(f"x must be a NumPy array of floats, got {getattr(x, 'dtype', type(x).__name__)}")
    gradient = np.empty_like(x)
    for place in np.ndindex(x.shape):
        before = x[place]
        try:
            x[place] = before + h
            above = float(f(x))
            x[place] = before - h
            below = float(f(x))
        finally:
            x[place] = before
        gradient[place] = (above - below) / (2 * h)
    return gradient


def relative_error(analytic: np.ndarray, numerical: np.ndarray, least: float = 0.0) -> float:
    """max|a − n| / max(max|a|, max|n|, least): 0 for equal arrays, near 1 or 2 for unrelated ones."""
    scale = max(float(np.abs(analytic).max(initial=0)), float(np.abs(numerical).max(initial=0)), least)
    difference = float(np.abs(analytic - numerical).max(initial=0))
    return difference / scale if scale else difference


@dataclass(frozen=True)
class GradientCheck:
    """The outcome of a gradient check: the relative error of each array, and whether all are below the tolerance."""

    by_parameter: dict[str, float]
    tolerance: float

    @property
    def relative_error(self) -> float:
        """The largest of the relative errors."""
        return max(self.by_parameter.values(), default=0.0)

    @property
    def passed(self) -> bool:
        """Whether every relative error is a number at most the tolerance."""
        return all(error <= self.tolerance for error in self.by_parameter.values())

    def __str__(self) -> str:
        rows = [
            f"{'ok   ' if error <= self.tolerance else 'WRONG'} {name}: relative error {error:.1e}"
            for name, error in self.by_parameter.items()
        ]
        return "\n".join(rows)


def gradient_check(network: Network, x: Any, y: Any, h: float = 1e-5, tolerance: float = 1e-6) -> GradientCheck:
    """Compare ``network.loss_and_gradients`` with central differences, parameter array by parameter array.

    Every entry costs two forward passes: use a small network, a few examples and dtype float64. In float32 the
    differences drown in rounding, and at a kink of ReLU they mean little; both show as large errors.

    Every pass draws the same dropout masks, and running statistics are put back. An array whose gradients are less
    than a thousandth of the network's largest is judged on that thousandth: a bias in front of BatchNorm has gradient
    0, and nothing but rounding to compare.
    """
    state = {name: array.copy() for name, array in network.state.items()}
    names = [f"{i}.{name}" for i, layer in enumerate(network.layers) for name in layer.parameters]
    try:
        _loss(network, x, y)
        analytic = [to_host(gradient).copy() for gradient in network.gradients]
        numerical = [_numerical(network, parameter, x, y, h) for parameter in network.parameters]
    finally:
        for name, array in state.items():
            network.state[name][...] = array
    least = 1e-3 * max((float(np.abs(gradient).max(initial=0)) for gradient in analytic), default=0.0)
    pairs = zip(names, analytic, numerical, strict=True)
    return GradientCheck({name: relative_error(a, n, least) for name, a, n in pairs}, tolerance)


def _loss(network: Network, x: Any, y: Any) -> float:
    network.reseed(0)
    return network.loss_and_gradients(x, y)


def _numerical(network: Network, parameter: Array, x: Any, y: Any, h: float) -> np.ndarray:
    """∂L/∂(one parameter array) by central differences, on whatever device the array is."""
    values = to_host(parameter).copy()

    def loss(values: np.ndarray) -> float:
        parameter[...] = network.xp.asarray(values)
        return _loss(network, x, y)

    try:
        return numerical_gradient(loss, values, h)
    finally:
        parameter[...] = network.xp.asarray(values)


def layer_gradient_check(
    layer: Layer, x: np.ndarray, rng: np.random.Generator, h: float = 1e-5, tolerance: float = 1e-6
) -> GradientCheck:
    """Check one initialized layer by itself: ∂/∂x and ∂/∂(each parameter) of Σ probe · layer(x), for a random probe."""
    probe = rng.normal(size=layer.forward(x, training=True).shape)

    def projection(_: np.ndarray) -> float:
        return float((layer.forward(x, training=True) * probe).sum())

    projection(x)
    dx = layer.backward(probe)
    analytic = {"x": np.array(dx), **{name: np.array(gradient) for name, gradient in layer.gradients.items()}}
    arrays = {"x": x, **layer.parameters}
    errors = {
        name: relative_error(analytic[name], numerical_gradient(projection, array, h)) for name, array in arrays.items()
    }
    return GradientCheck(errors, tolerance)
