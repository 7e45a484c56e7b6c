"""Explorers of the chapter on backpropagation."""

from nnlab.widgets.backpropagation.factor_product import factor_product
from nnlab.widgets.backpropagation.gradient_check import gradient_check
from nnlab.widgets.backpropagation.graph_stepper import graph_stepper
from nnlab.widgets.backpropagation.layer_by_layer import layer_by_layer
from nnlab.widgets.backpropagation.sigmoid_neuron import sigmoid_neuron

__all__ = ["factor_product", "gradient_check", "graph_stepper", "layer_by_layer", "sigmoid_neuron"]
