"""Explorers of the chapter on initialization."""

from nnlab.widgets.initialization.signal_depth import signal_depth
from nnlab.widgets.initialization.symmetry import symmetry

__all__ = ["signal_depth", "symmetry"]
