"""Problem set 4, optimizers."""

from __future__ import annotations

from nnlab.grading.exercise import Exercise
from nnlab.grading.exercises.ps4 import directions, scales

EXERCISES: list[Exercise] = [
    directions.SGD_STEP,
    directions.MOMENTUM_STEP,
    directions.NESTEROV_STEP,
    scales.ADAGRAD_STEP,
    scales.RMSPROP_STEP,
    scales.ADAM_STEP,
    scales.ADAMW_STEP,
    directions.LARS_STEP,
]
