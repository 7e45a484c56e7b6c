"""batchnorm_forward, and batchnorm_backward with the cache that the same student's forward has made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlab.grading.comparing import Difference, kind
from nnlab.grading.exercise import Case, Exercise, FlawError
from nnlab.grading.exercises.drawing import array, sides
from nnlab.layers import BatchNorm


def batchnorm_forward(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float) -> tuple[np.ndarray, BatchNorm]:
    """The output of nnlab's BatchNorm in training, and the layer as cache."""
    layer = BatchNorm(x.shape[1], eps=eps)
    parameters = {"gamma": gamma, "beta": beta}
    gradients = {name: np.empty_like(value) for name, value in parameters.items()}
    layer.bind(parameters, gradients, state=layer.initial_state())
    return layer.forward(x, training=True).copy(), layer


def batchnorm_backward(dout: np.ndarray, cache: BatchNorm) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(dx, dgamma, dbeta) by the layer that went forward."""
    dx = cache.backward(dout)
    assert dx is not None
    return dx, cache.dgamma, cache.dbeta


def _forward(function: Any, x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float) -> tuple[Any, Any]:
    result = function(x, gamma, beta, eps)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        sentence = f"batchnorm_forward must return two things, (out, cache); it returned {kind(result)}."
        raise FlawError(Difference(sentence, result, "(out, cache)"))
    return result[0], result[1]


def _output(function: Any, *arguments: Any) -> Any:
    return _forward(function, *arguments)[0]


def _forward_and_back(
    forward: Any, backward: Any, dout: np.ndarray, x: np.ndarray, gamma: np.ndarray, eps: float
) -> Any:
    _, cache = _forward(forward, x, gamma, np.zeros_like(gamma), eps)
    return backward(dout, cache)


def _forward_examples() -> Iterator[Case]:
    def case(x: list, gamma: list, beta: list, eps: float, why: str) -> Case:
        return Case({"x": array(x), "gamma": array(gamma), "beta": array(beta), "eps": eps}, why)

    yield case([[1], [3]], [1], [0], 1e-12, "Mean 2, variance 1: the column becomes −1 and 1.")
    yield case([[0], [4]], [1], [0], 5.0, "eps is added to the variance: √(4 + 5) = 3, so ±2/3.")
    yield case([[1], [3]], [10], [100], 1e-12, "γ stretches, β moves: 90 and 110.")
    yield case([[0, 10], [2, 50]], [1, 2], [0, 5], 1e-9, "Each column has its own statistics, its own γ and β.")
    yield case([[1], [2], [6]], [1], [0], 1e-9, "The variance divides by N: (4 + 1 + 9)/3.")
    yield case([[7], [7]], [3], [1], 1e-5, "No spread: x̂ is 0, and the output is β.")
    yield case([[7, -2]], [3, 4], [1, 2], 1e-3, "One row is its own mean: the output is β.")


def _draw_forward(rng: np.random.Generator, size: int) -> Case:
    return Case(_numbers(rng, size), "Over the rows, column by column: x̂ = (x − μ)/√(σ² + eps), then γx̂ + β.")


def _numbers(rng: np.random.Generator, size: int) -> dict[str, Any]:
    rows, features = (side + 1 for side in sides(rng, size, 2))
    spread = rng.uniform(0.5, 2, features)
    # evenly spaced, so that no column's variance is small by chance; then in random order
    steps = rng.permuted(np.tile(np.linspace(-1.5, 1.5, rows)[:, None], features), axis=0)
    return {
        "x": rng.normal(size=features) + spread * (steps + rng.uniform(-0.1, 0.1, (rows, features))),
        "gamma": rng.normal(size=features),
        "beta": rng.normal(size=features),
        "eps": float(rng.choice([1e-5, 1e-2, 0.5])),
    }


BATCHNORM_FORWARD = Exercise("ps3.batchnorm_forward", batchnorm_forward, _forward_examples, _draw_forward, play=_output)


def _backward_examples() -> Iterator[Case]:
    def case(dout: list, x: list, gamma: list, eps: float, why: str) -> Case:
        numbers = {"dout": array(dout), "x": array(x), "gamma": array(gamma)}
        return Case({**numbers, "eps": eps}, why)

    rows = [[0], [0], [3], [3]]
    yield case([[4], [0], [0], [0]], rows, [1.5], 1e-12, "x̂ is −1, −1, 1, 1; β gets Σ dout and γ gets Σ dout·x̂.")
    yield case([[1], [2]], [[1], [3]], [5], 3.0, "eps counts on the way back, too: the root is √(1 + 3) = 2.")
    yield case([[1], [2], [6]], [[0], [1], [2]], [1], 0.1, "x moves the mean and the variance, too.")
    yield case([[1], [1], [1]], [[0], [1], [5]], [2], 0.1, "A shift of all outputs cannot come from x: dx is 0.")
    yield case([[1, 0], [0, 1], [0, 0]], [[3, 0], [1, 2], [0, 7]], [1, -2], 0.5, "Columns do not mix.")
    yield case([[3]], [[4]], [2], 0.1, "One row is always its own mean: dx is 0.")


def _draw_backward(rng: np.random.Generator, size: int) -> Case:
    arguments = _numbers(rng, size)
    del arguments["beta"]
    dout = rng.normal(size=arguments["x"].shape)
    return Case(
        {"dout": dout, **arguments},
        "x reaches the output in three ways: by itself, through the mean and through the variance.",
    )


BATCHNORM_BACKWARD = Exercise(
    "ps3.batchnorm_backward",
    (batchnorm_forward, batchnorm_backward),
    _backward_examples,
    _draw_backward,
    results=("dx", "dgamma", "dbeta"),
    together=("batchnorm_forward", "batchnorm_backward"),
    play=_forward_and_back,
    parts={"dx": ("dx",), "dgamma": ("dgamma",), "dbeta": ("dbeta",)},
    tolerance=1e-6,
    float32_tolerance=1e-3,
)
