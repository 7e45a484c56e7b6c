"""nnlab: the reference implementation of a course on how neural networks learn."""

from nnlab import data
from nnlab.network import Network
from nnlab.training import fit

__all__ = ["Network", "data", "fit"]
__version__ = "0.1.0"
