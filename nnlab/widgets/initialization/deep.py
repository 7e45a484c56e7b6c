"""Deep networks of equal layers on the digits, by initial weights and activation: what this chapter's explorers try."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from nnlab import Network, data
from nnlab.initializers import Initializer, he_normal, normal, orthogonal, xavier_normal
from nnlab.layers import Dense, ReLU, Sigmoid, Tanh
from nnlab.layers.base import Layer
from nnlab.losses import SoftmaxCrossEntropy

SCHEMES: dict[str, tuple[str, Initializer]] = {
    "small": ("N(0, 0.01²)", partial(normal, std=0.01)),
    "large": ("N(0, 1)", partial(normal, std=1.0)),
    "xavier": ("Xavier", xavier_normal),
    "he": ("He", he_normal),
    "orthogonal": ("orthogonal", orthogonal),
}
SCHEME_WORDS = {name: words for name, (words, _) in SCHEMES.items()}
ACTIVATIONS: dict[str, tuple[str, type[Layer]]] = {
    "tanh": ("tanh", Tanh),
    "relu": ("ReLU", ReLU),
    "sigmoid": ("sigmoid", Sigmoid),
}
ACTIVATION_WORDS = {name: words for name, (words, _) in ACTIVATIONS.items()}


@cache
def standardized_digits() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The digits, every pixel with mean 0 and standard deviation 1 over the training images."""
    (x, y), (x_test, y_test) = data.digits()
    x, x_test = data.standardize(x, x_test)
    return (x, y), (x_test, y_test)


def deep_network(
    scheme: str, activation: str, depth: int, width: int, seed: int = 0, dtype: str = "float64"
) -> Network:
    """64 pixels, ``depth`` hidden layers of ``width`` units, 10 classes; all weights drawn by ``scheme``, biases 0."""
    initializer, make = SCHEMES[scheme][1], ACTIVATIONS[activation][1]
    layers: list[Layer] = []
    for fan_in in [64] + [width] * (depth - 1):
        layers += [Dense(fan_in, width, initializer), make()]
    return Network([*layers, Dense(width, 10, initializer)], SoftmaxCrossEntropy(), seed=seed, dtype=dtype)
