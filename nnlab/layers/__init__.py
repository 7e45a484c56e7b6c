"""Layers: one concept a file, forward and backward side by side."""

from nnlab.layers.activations import GELU, LeakyReLU, ReLU, Sigmoid, Tanh
from nnlab.layers.base import Layer
from nnlab.layers.batchnorm import BatchNorm
from nnlab.layers.dense import Dense
from nnlab.layers.dropout import Dropout
from nnlab.layers.layernorm import LayerNorm
from nnlab.layers.recurrent import RNN
from nnlab.layers.residual import Residual

__all__ = [
    "GELU",
    "RNN",
    "BatchNorm",
    "Dense",
    "Dropout",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "ReLU",
    "Residual",
    "Sigmoid",
    "Tanh",
]
