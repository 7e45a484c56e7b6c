"""Explorers of the chapter on initialization."""

from nnlab.widgets.initialization.input_scaling import input_scaling
from nnlab.widgets.initialization.scheme_losses import scheme_losses
from nnlab.widgets.initialization.signal_depth import signal_depth
from nnlab.widgets.initialization.symmetry import symmetry
from nnlab.widgets.initialization.variance_propagation import variance_propagation

__all__ = ["input_scaling", "scheme_losses", "signal_depth", "symmetry", "variance_propagation"]
