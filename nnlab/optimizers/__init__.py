"""Optimizers: one update rule a file."""

from nnlab.optimizers.adagrad import AdaGrad
from nnlab.optimizers.adam import Adam
from nnlab.optimizers.adamw import AdamW
from nnlab.optimizers.base import Optimizer
from nnlab.optimizers.lamb import LAMB
from nnlab.optimizers.lars import LARS
from nnlab.optimizers.lion import Lion
from nnlab.optimizers.momentum import Momentum
from nnlab.optimizers.muon import Muon
from nnlab.optimizers.nesterov import Nesterov
from nnlab.optimizers.rmsprop import RMSProp
from nnlab.optimizers.sgd import SGD

__all__ = [
    "LAMB",
    "LARS",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Lion",
    "Momentum",
    "Muon",
    "Nesterov",
    "Optimizer",
    "RMSProp",
]
