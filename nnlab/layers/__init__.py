"""Layers: one concept a file, forward and backward side by side."""

from nnlab.layers.activations import ReLU, Sigmoid, Tanh
from nnlab.layers.base import Layer
from nnlab.layers.dense import Dense

__all__ = ["Dense", "Layer", "ReLU", "Sigmoid", "Tanh"]
