"""Explorers of the chapter on the forward pass."""

from nnlab.widgets.forward_pass.decision_regions import decision_regions
from nnlab.widgets.forward_pass.losses import losses
from nnlab.widgets.forward_pass.neuron_output import neuron_output

__all__ = ["decision_regions", "losses", "neuron_output"]
