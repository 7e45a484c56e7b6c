"""Problem set 3, initialization and the flow of signals."""

from __future__ import annotations

from nnlab.grading.exercise import Exercise
from nnlab.grading.exercises.ps3 import normalization, signals, weights

EXERCISES: list[Exercise] = [
    weights.XAVIER_UNIFORM,
    weights.HE_NORMAL,
    signals.STANDARDIZE,
    signals.ACTIVATION_STATISTICS,
    signals.RNN_GRADIENT_NORMS,
    normalization.BATCHNORM_FORWARD,
    normalization.BATCHNORM_BACKWARD,
    signals.CLIP_BY_NORM,
]
