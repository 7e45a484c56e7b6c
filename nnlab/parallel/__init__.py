"""Data-parallel training: every process takes a share of each mini-batch, and one all-reduce a step adds up gradients::

from nnlab.parallel import DataParallel, world

with world() as communicator:  # run with: mpiexec -n 4 python train.py
    history = fit(DataParallel(network, communicator), Adam(lr=1e-3), x, y, progress=communicator.rank == 0)
"""

from nnlab.parallel.communicators import MPI, NCCL, Communicator, world
from nnlab.parallel.data_parallel import DataParallel

__all__ = ["MPI", "NCCL", "Communicator", "DataParallel", "world"]
