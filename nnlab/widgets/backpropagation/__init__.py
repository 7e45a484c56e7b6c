"""Explorers of the chapter on backpropagation."""

from nnlab.widgets.backpropagation.graph_stepper import graph_stepper
from nnlab.widgets.backpropagation.sigmoid_neuron import sigmoid_neuron

__all__ = ["graph_stepper", "sigmoid_neuron"]
