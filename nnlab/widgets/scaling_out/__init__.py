"""Explorers of the chapter on scaling out."""

from nnlab.widgets.scaling_out.large_batch import large_batch
from nnlab.widgets.scaling_out.shards import shards
from nnlab.widgets.scaling_out.speed_up import speed_up

__all__ = ["large_batch", "shards", "speed_up"]
