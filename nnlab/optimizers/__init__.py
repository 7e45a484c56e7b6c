"""Optimizers: one update rule a file."""

from nnlab.optimizers.base import Optimizer
from nnlab.optimizers.sgd import SGD

__all__ = ["SGD", "Optimizer"]
