"""Problem set 2, gradient descent."""

from __future__ import annotations

from nnlab.grading.exercise import Exercise
from nnlab.grading.exercises.ps2 import batches, descent, epochs, regression, variance

EXERCISES: list[Exercise] = [
    descent.GRADIENT_DESCENT,
    descent.LARGEST_STABLE_LR,
    batches.MINIBATCHES,
    regression.LINEAR_GRADIENT,
    epochs.SGD_EPOCH,
    variance.GRADIENT_VARIANCE,
    descent.AVERAGE_GRADIENTS,
]
