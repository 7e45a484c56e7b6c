"""Explorers of the chapter on gradient flow."""

from nnlab.widgets.gradient_flow.clipping import clipping
from nnlab.widgets.gradient_flow.depth_repairs import depth_repairs
from nnlab.widgets.gradient_flow.recurrent_norms import recurrent_norms

__all__ = ["clipping", "depth_repairs", "recurrent_norms"]
