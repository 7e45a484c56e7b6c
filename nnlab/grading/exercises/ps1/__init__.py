"""Problem set 1, backpropagation."""

from __future__ import annotations

from nnlab.grading.exercise import Exercise
from nnlab.grading.exercises.ps1 import gradients, layers, losses

EXERCISES: list[Exercise] = [
    gradients.GRAPH_GRADIENTS,
    losses.SOFTMAX,
    losses.CROSS_ENTROPY,
    losses.MEAN_SQUARED_ERROR,
    layers.DENSE_FORWARD,
    layers.DENSE_BACKWARD,
    layers.RELU_BACKWARD,
    layers.MLP,
    gradients.NUMERICAL_GRADIENT,
]
