"""Problem set 5, regularization."""

from __future__ import annotations

from nnlab.grading.exercise import Exercise
from nnlab.grading.exercises.ps5 import dropout, folds, penalties, selection, shifting

EXERCISES: list[Exercise] = [
    penalties.L2_PENALTY,
    penalties.L1_PENALTY,
    dropout.DROPOUT_FORWARD,
    dropout.DROPOUT_BACKWARD,
    selection.EARLY_STOPPING,
    folds.K_FOLD_INDICES,
    shifting.SHIFT_IMAGES,
    selection.CHOOSE_WIDTH,
]
