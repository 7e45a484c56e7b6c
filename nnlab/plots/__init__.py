"""The course's figures, in one style: SVG that follows the page's colours, with words for what is seen."""

from nnlab.plots.curves import bars, lines
from nnlab.plots.figure import Figure
from nnlab.plots.graphs import computational_graph, computational_graphs
from nnlab.plots.images import images
from nnlab.plots.loops import training_loop
from nnlab.plots.machines import boltzmann_machine
from nnlab.plots.networks import backward_pass, matrix_products
from nnlab.plots.neurons import layered_network, neuron
from nnlab.plots.normalization import normalization_axes
from nnlab.plots.rings import ring_all_reduce
from nnlab.plots.style import palette, settings
from nnlab.plots.switching import switching_lines
from nnlab.plots.text import scientific
from nnlab.plots.vectors import vectors

__all__ = [
    "Figure",
    "backward_pass",
    "bars",
    "boltzmann_machine",
    "computational_graph",
    "computational_graphs",
    "images",
    "layered_network",
    "lines",
    "matrix_products",
    "neuron",
    "normalization_axes",
    "palette",
    "ring_all_reduce",
    "scientific",
    "settings",
    "switching_lines",
    "training_loop",
    "vectors",
]
