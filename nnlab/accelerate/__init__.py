"""Train faster on the CPU: compiled kernels in place of NumPy's passes over the arrays, with the same results::

    from nnlab.accelerate import accelerate

    accelerate(network, optimizer)  # needs Numba: pip install "nnlab[fast]"

Nothing else changes: the plain methods of layers, losses and optimizers stay the reference.
"""

from nnlab.accelerate.methods import accelerate

__all__ = ["accelerate"]
