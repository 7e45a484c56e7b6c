"""Explorers of the chapter on optimizers."""

from nnlab.widgets.optimizers.momentum_phase import momentum_phase
from nnlab.widgets.optimizers.optimizer_race import optimizer_race

__all__ = ["momentum_phase", "optimizer_race"]
