"""The layers under test: one row enrols a layer in every property test."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnlab.layers import (
    GELU,
    RNN,
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    LeakyReLU,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)


@dataclass(frozen=True)
class Row:
    """A layer, and the shape of one of its examples."""

    make: Callable[[], Layer]
    example: tuple[int, ...]

    def layer(self, dtype: type = np.float64, seed: int = 0) -> Layer:
        """The layer by itself, its parameters and state moved away from their special starting values."""
        rng = np.random.default_rng(seed)
        layer = self.make().initialize(rng, dtype)
        for array in (*layer.parameters.values(), *layer.state.values()):
            array += rng.uniform(0.1, 0.3, array.shape)
        return layer

    def batch(self, n: int, dtype: type = np.float64, seed: int = 1) -> np.ndarray:
        """n examples, every entry at least 0.05 from 0, where some activations have a kink."""
        rng = np.random.default_rng(seed)
        shape = (n, *self.example)
        return (rng.uniform(0.05, 2, shape) * rng.choice([-1, 1], shape)).astype(dtype)


LAYERS = {
    "Dense": Row(lambda: Dense(3, 4), (3,)),
    "Dense of steps": Row(lambda: Dense(3, 4, bias=[1, 2, 3, 4]), (2, 3)),
    "ReLU": Row(ReLU, (3,)),
    "LeakyReLU": Row(lambda: LeakyReLU(0.2), (3,)),
    "Sigmoid": Row(Sigmoid, (3,)),
    "Tanh": Row(Tanh, (2, 3)),
    "GELU": Row(GELU, (3,)),
    "BatchNorm": Row(lambda: BatchNorm(3), (3,)),
    "BatchNorm of steps": Row(lambda: BatchNorm(3, momentum=0.5, eps=0.1), (2, 3)),
    "LayerNorm": Row(lambda: LayerNorm(4), (4,)),
    "LayerNorm of steps": Row(lambda: LayerNorm(4, eps=0.1), (2, 4)),
    "Dropout": Row(lambda: Dropout(0.4), (3,)),
    "Residual": Row(lambda: Residual([Dense(3, 4), Tanh(), Dense(4, 3)]), (3,)),
    "Residual of all kinds": Row(
        lambda: Residual([BatchNorm(3), Dropout(0.3), Residual([Dense(3, 3), LayerNorm(3), GELU()])]), (3,)
    ),
    "RNN": Row(lambda: RNN(3, 4), (5, 3)),
    "RNN sequences": Row(lambda: RNN(3, 4, sequences=True), (5, 3)),
    "RNN one step": Row(lambda: RNN(3, 4), (1, 3)),
}
