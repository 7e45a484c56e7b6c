"""Communicators: the processes of one job, and the two sums and copies that training needs between them."""

from __future__ import annotations

import sys
import time
import traceback
from types import TracebackType
from typing import Any

from nnlab.backend import DEVICES, Array

FORWARDING = 0.5  # seconds in which mpiexec passes on what was printed; of a job that is aborted it may drop the rest


class Communicator:
    """``size`` processes that run the same program, this one being number ``rank``.

    Every process must call ``all_reduce`` and ``broadcast`` equally often, with arrays of one shape and dtype. As a
    context manager it ends the whole job when its block is left by an exception in any process: the others would wait
    for that process for ever.
    """

    rank: int
    size: int

    def all_reduce(self, array: Array) -> None:
        """Replace ``array``, which must be contiguous, by its sum over all processes."""
        raise NotImplementedError(f"{type(self).__name__} must define all_reduce(array)")

    def broadcast(self, array: Array) -> None:
        """Replace ``array``, which must be contiguous, by that of rank 0."""
        raise NotImplementedError(f"{type(self).__name__} must define broadcast(array)")

    def abort(self) -> None:
        """End every process of the job, this one included."""
        raise NotImplementedError(f"{type(self).__name__} must define abort()")

    def __enter__(self) -> Communicator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or self.size == 1 or (isinstance(error, SystemExit) and not error.code):
            return
        reason = "".join(traceback.format_exception(kind, error, trace))
        sys.stdout.flush()
        sys.stderr.write(f"{reason}nnlab.parallel: rank {self.rank} of {self.size} failed, so the whole job ends\n")
        sys.stderr.flush()
        time.sleep(FORWARDING)
        self.abort()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(rank {self.rank} of {self.size})"


class MPI(Communicator):
    """All processes started by ``mpiexec``; arrays in the computer's main memory.

    communicator: an mpi4py communicator, ``MPI.COMM_WORLD`` by default.
    Raises RuntimeError when mpi4py or an MPI library is missing.
    """

    def __init__(self, communicator: Any = None) -> None:
        self._mpi = _mpi4py()
        self._communicator = self._mpi.COMM_WORLD if communicator is None else communicator
        self.rank, self.size = self._communicator.rank, self._communicator.size

    def all_reduce(self, array: Array) -> None:
        self._communicator.Allreduce(self._mpi.IN_PLACE, array)

    def broadcast(self, array: Array) -> None:
        self._communicator.Bcast(array)

    def abort(self) -> None:
        self._communicator.Abort(1)


class NCCL(Communicator):
    """All processes started by ``mpiexec``, each with a GPU of its own; arrays on the GPU (CuPy).

    MPI starts the job and tells each process its rank; the gradients travel from GPU to GPU by NCCL. The processes of
    one computer take its GPUs in turn.
    Raises RuntimeError when mpi4py, CuPy, NCCL or a GPU is missing, or when there are fewer GPUs than processes.
    """

    def __init__(self) -> None:
        mpi = _mpi4py()
        cupy = DEVICES["cuda"]()
        from cupy.cuda import nccl
        from cupyx import distributed

        if not nccl.available:
            raise RuntimeError(
                'data-parallel training with device="cuda" needs NCCL, and this CuPy has none. Install it with: '
                'pip install "nvidia-nccl-cu13", or use device="cpu".'
            )
        self._job = mpi.COMM_WORLD
        self.rank, self.size = self._job.rank, self._job.size
        beside = self._job.Split_type(mpi.COMM_TYPE_SHARED)
        gpus = cupy.cuda.runtime.getDeviceCount()
        if beside.size > gpus:
            raise RuntimeError(f"NCCL needs a GPU a process: {beside.size} processes run here, and {gpus} GPUs")
        cupy.cuda.Device(beside.rank).use()
        self._nccl = distributed.init_process_group(self.size, self.rank, use_mpi=True)

    def all_reduce(self, array: Array) -> None:
        self._nccl.all_reduce(array, array)

    def broadcast(self, array: Array) -> None:
        self._nccl.broadcast(array, root=0)

    def abort(self) -> None:
        self._job.Abort(1)


def world(device: str = "cpu") -> Communicator:
    """The processes of this job for networks on ``device``: MPI for ``"cpu"``, NCCL for ``"cuda"``.

    Without ``mpiexec`` it is a job of one process. Raises ValueError for another device, RuntimeError for what is not
    installed.
    """
    if device not in _KINDS:
        raise ValueError(f"device must be one of {sorted(_KINDS)}, got {device!r}")
    return _KINDS[device]()


def _mpi4py() -> Any:
    try:
        from mpi4py import MPI as mpi
    except (ImportError, RuntimeError) as error:  # mpi4py raises RuntimeError when it finds no MPI library
        raise RuntimeError(
            "data-parallel training needs mpi4py and an MPI library. Install both with: "
            f'pip install "nnlab[parallel]" ({error})'
        ) from error
    return mpi


_KINDS: dict[str, type[Communicator]] = {"cpu": MPI, "cuda": NCCL}
