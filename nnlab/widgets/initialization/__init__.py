"""Explorers of the chapter on initialization."""

from nnlab.widgets.initialization.input_scaling import input_scaling
from nnlab.widgets.initialization.signal_depth import signal_depth
from nnlab.widgets.initialization.symmetry import symmetry

__all__ = ["input_scaling", "signal_depth", "symmetry"]
