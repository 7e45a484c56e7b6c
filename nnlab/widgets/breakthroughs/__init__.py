"""Explorers of the chapter on breakthroughs."""

from nnlab.widgets.breakthroughs.early_failures import early_failures
from nnlab.widgets.breakthroughs.pretraining import pretraining
from nnlab.widgets.breakthroughs.rbm_learning import rbm_learning

__all__ = ["early_failures", "pretraining", "rbm_learning"]
