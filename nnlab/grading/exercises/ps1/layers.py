"""dense_forward, dense_backward, relu_backward and the network they make, mlp_loss_and_gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import array, labels, sides
from nnlab.grading.exercises.ps1.losses import cross_entropy
from nnlab.layers import Dense, ReLU


def _dense(W: np.ndarray, b: np.ndarray) -> Dense:
    layer = Dense(*W.shape)
    layer.bind({"W": W, "b": b}, {"W": np.empty_like(W), "b": np.empty_like(b)})
    return layer


def dense_forward(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """xW + b, by nnlab's Dense."""
    return _dense(W, b).forward(x)


def dense_backward(dout: np.ndarray, x: np.ndarray, W: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(dx, dW, db) by nnlab's Dense."""
    layer = _dense(W, np.zeros(W.shape[1], W.dtype))
    layer.forward(x)
    dx = layer.backward(dout)
    assert dx is not None
    return dx, layer.dW, layer.db


def relu_backward(dout: np.ndarray, x: np.ndarray) -> np.ndarray:
    """∂L/∂x by nnlab's ReLU."""
    layer = ReLU()
    layer.forward(x)
    return layer.backward(dout)


def mlp_loss_and_gradients(
    params: Mapping[str, np.ndarray], x: np.ndarray, labels: np.ndarray
) -> tuple[float, dict[str, np.ndarray]]:
    """The loss of dense–ReLU–dense–softmax cross-entropy and its gradients, by nnlab's layers."""
    first, relu, second = _dense(params["W1"], params["b1"]), ReLU(), _dense(params["W2"], params["b2"])
    loss, dlogits = cross_entropy(second.forward(relu.forward(first.forward(x))), labels)
    dhidden = second.backward(dlogits)
    assert dhidden is not None
    first.backward(relu.backward(dhidden))
    return loss, {"W1": first.dW, "b1": first.db, "W2": second.dW, "b2": second.db}


def _forward_examples() -> Iterator[Case]:
    yield Case({"x": array([[1, 2]]), "W": array([[3], [4]]), "b": array([5])}, "One unit: 1·3 + 2·4 + 5 = 16.")
    yield Case(
        {"x": array([[1, 0], [0, 1], [1, 1]]), "W": array([[1, 2], [3, 4]]), "b": array([10, 20])},
        "The same weights and the same bias serve every row.",
    )


def _draw_forward(rng: np.random.Generator, size: int) -> Case:
    rows, fan_in, fan_out = sides(rng, size, 3)
    arguments = {"x": (rows, fan_in), "W": (fan_in, fan_out), "b": (fan_out,)}
    return Case(
        {name: rng.normal(size=shape) for name, shape in arguments.items()}, "Shapes: (N, in)(in, out) + (out,)."
    )


DENSE_FORWARD = Exercise("ps1.dense_forward", dense_forward, _forward_examples, _draw_forward)


def _backward_examples() -> Iterator[Case]:
    yield Case(
        {"dout": array([[1]]), "x": array([[2, 3]]), "W": array([[4], [5]])},
        "One unit, one example: y = 2w₁ + 3w₂ + b. What is ∂y/∂w₁? And ∂y/∂b?",
    )
    yield Case(
        {"dout": array([[1], [10]]), "x": array([[1, 0], [0, 1]]), "W": array([[4], [5]])},
        "W and b serve every row, so every row adds to their gradients.",
    )
    yield Case(
        {"dout": array([[1, 2]]), "x": array([[3, 4, 5]]), "W": array([[1, 0], [0, 1], [1, 1]])},
        "A gradient has the shape of what it belongs to.",
    )


def _draw_backward(rng: np.random.Generator, size: int) -> Case:
    rows, fan_in, fan_out = sides(rng, size, 3)
    arguments = {"dout": (rows, fan_out), "x": (rows, fan_in), "W": (fan_in, fan_out)}
    return Case(
        {name: rng.normal(size=shape) for name, shape in arguments.items()},
        "dout already holds what the loss did to the batch: add up its rows, divide by nothing.",
    )


DENSE_BACKWARD = Exercise(
    "ps1.dense_backward",
    dense_backward,
    _backward_examples,
    _draw_backward,
    results=("dx", "dW", "db"),
    parts={"dx": ("dx",), "dW": ("dW",), "db": ("db",)},
)


def _relu_examples() -> Iterator[Case]:
    yield Case({"dout": array([[5, 7]]), "x": array([[2, -3]])}, "Where x < 0 the output does not move with x.")
    yield Case({"dout": array([[3, 4, 6]]), "x": array([[0, 0.5, -0.0]])}, "At 0 the gradient is 0, by convention.")
    yield Case({"dout": array([[-2, -3]]), "x": array([[1, -1]])}, "It is the sign of x that counts, not dout's.")
    yield Case({"dout": array([[1.5]]), "x": array([[1e-30]])}, "However small, a positive x lets all of dout through.")


def _draw_relu(rng: np.random.Generator, size: int) -> Case:
    shape = sides(rng, size, 2)
    x = rng.normal(size=shape) * rng.choice([0.0, 1.0], shape, p=[0.2, 0.8])
    return Case({"dout": rng.normal(size=shape), "x": x}, "Each entry is judged by its own x.")


RELU_BACKWARD = Exercise("ps1.relu_backward", relu_backward, _relu_examples, _draw_relu)


def _mlp_examples() -> Iterator[Case]:
    zero = {"W1": np.zeros((2, 3)), "b1": np.zeros(3), "W2": np.zeros((3, 4)), "b2": np.zeros(4)}
    yield Case(
        {"params": zero, "x": array([[1, 2]]), "labels": labels(3)},
        "With all weights 0 the four classes are equally likely: the loss is log 4.",
    )
    small = {"W1": array([[1, -1]]), "b1": array([0, 0.5]), "W2": array([[1, 0], [0, 1]]), "b2": array([0, 0])}
    yield Case(
        {"params": small, "x": array([[2]]), "labels": labels(1)},
        "The second hidden unit is off: nothing flows back through it.",
    )
    yield Case(
        {"params": small, "x": array([[2], [-1]]), "labels": labels(1, 0)},
        "Each gradient adds up over the rows; the mean is already in dlogits.",
    )


def _draw_mlp(rng: np.random.Generator, size: int) -> Case:
    rows, fan_in, hidden, classes = sides(rng, size, 4)
    shapes = {"W1": (fan_in, hidden), "b1": (hidden,), "W2": (hidden, classes), "b2": (classes,)}
    return Case(
        {
            "params": {name: rng.normal(size=shape) for name, shape in shapes.items()},
            "x": rng.normal(size=(rows, fan_in)),
            "labels": rng.integers(0, classes, rows),
        },
        "Walk back through the layers in reverse order, each with the input it had on the way forward.",
    )


MLP = Exercise(
    "ps1.mlp_loss_and_gradients",
    mlp_loss_and_gradients,
    _mlp_examples,
    _draw_mlp,
    results=("loss", "grads"),
    parts={"loss": ("loss",), "gradients": ("grads",)},
    builds_on=(
        "ps1.softmax",
        "ps1.cross_entropy",
        "ps1.dense_forward",
        "ps1.dense_backward",
        "ps1.relu_backward",
    ),
)
