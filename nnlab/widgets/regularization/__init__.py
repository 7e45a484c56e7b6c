"""Explorers of the chapter on regularization."""

from nnlab.widgets.regularization.weight_paths import weight_paths

__all__ = ["weight_paths"]
