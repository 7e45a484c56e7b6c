"""Explorers of the chapter on optimizers."""

from nnlab.widgets.optimizers.adagrad_sparse import adagrad_sparse
from nnlab.widgets.optimizers.adam_adamw_decay import adam_adamw_decay
from nnlab.widgets.optimizers.bias_correction import bias_correction
from nnlab.widgets.optimizers.lars_batch import lars_batch
from nnlab.widgets.optimizers.momentum_phase import momentum_phase
from nnlab.widgets.optimizers.optimizer_race import optimizer_race
from nnlab.widgets.optimizers.schedules import schedules

__all__ = [
    "adagrad_sparse", "adam_adamw_decay", "bias_correction", "lars_batch", "momentum_phase", "optimizer_race",
    "schedules",
]  # fmt: skip
