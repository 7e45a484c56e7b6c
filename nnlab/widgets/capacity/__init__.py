"""Explorers of the chapter on capacity."""

from nnlab.widgets.capacity.cross_validation import cross_validation
from nnlab.widgets.capacity.shrink_to_linear import shrink_to_linear
from nnlab.widgets.capacity.target_curve import target_curve

__all__ = ["cross_validation", "shrink_to_linear", "target_curve"]
