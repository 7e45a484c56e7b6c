"""Explorers of the chapter on initialization."""

from nnlab.widgets.initialization.signal_depth import signal_depth

__all__ = ["signal_depth"]
