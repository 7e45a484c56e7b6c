"""A network whose mini-batches are shared out over the processes of a job."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from nnlab.backend import Array, to_host
from nnlab.network import Network
from nnlab.parallel.communicators import Communicator


class DataParallel(Network):
    """A network that computes its rank's rows of every batch, and has the other ranks' added by one all-reduce.

    With n_r of a batch's n rows on rank r, ∂L/∂θ = Σ_r (n_r/n) · ∂L_r/∂θ, since L is a mean over rows. So uneven
    shares, and ranks without a row, end with the weights of one process that takes the whole batch, up to rounding.
    The loss and the number of right answers travel in the same message as the gradient.

    ``fit`` takes it in place of the network. Call it on every rank with the same arguments and all of the data: equal
    seeds give equal shuffles, and each rank takes its slice of every batch. Layers and weights are the network's own;
    all ranks start from the weights of rank 0.

    What a layer computes from the batch as a whole it computes from the rank's rows: BatchNorm normalizes by the mean
    and variance of n/size rows and each rank keeps running statistics of its own rows; Dropout draws a mask of its own
    on every rank. Networks with these train well, but not to the weights of one process. After training, use and save
    the network of one rank.

    network: a Network. communicator: the processes of the job, such as ``nnlab.parallel.world()``.
    Raises TypeError for other arguments, ValueError when ranks are given different networks, data or batch sizes.
    """

    def __init__(self, network: Network, communicator: Communicator) -> None:
        if not isinstance(network, Network):
            raise TypeError(f"network must be a Network, got {network!r}")
        if not isinstance(communicator, Communicator):
            raise TypeError(f"communicator must be one such as nnlab.parallel.world(), got {communicator!r}")
        self.__dict__.update(network.__dict__)
        self.network, self.communicator = network, communicator
        self._agree("numbers of parameters", self.flat_parameters.size)
        communicator.broadcast(self.flat_parameters)
        if communicator.rank:
            network.reseed(np.random.default_rng([communicator.rank, _checksum(self.flat_parameters)]))
        self._message = self.xp.empty(self.flat_gradients.size + 3, self.dtype)

    def batch(self, x: Any, y: Any, names: tuple[str, str] = ("x", "y")) -> tuple[Array, Array]:
        x, y = self.network.batch(x, y, names)
        for name, array in zip(names, (x, y), strict=True):
            self._agree(f"checksums of {name}", _checksum(array))
        return x, y

    def step_gradients(self, x: Array, y: Array) -> Any:
        """The loss of the whole batch, its gradient in ``gradients``, from this rank's rows and the others'."""
        rows, mine, message = len(x), self._share(len(x)), self._message
        if mine.start < mine.stop:
            share = (mine.stop - mine.start) / rows
            loss = self.network.step_gradients(x[mine], y[mine])
            self.xp.multiply(self.flat_gradients, share, out=message[:-3])
            message[-3] = loss * share
            message[-2] = self.network.correct(self.network.outputs, y[mine])
        else:
            message.fill(0)
        message[-1] = rows
        self.communicator.all_reduce(message)
        if message[-1] != rows * self.communicator.size:
            raise ValueError(f"every rank must train on batches of one size, rank {self.communicator.rank} got {rows}")
        self.flat_gradients[...] = message[:-3]
        self.outputs = None
        return message[-3].copy()

    def correct(self, outputs: Array, y: Array) -> Any:
        """How many rows of the last step's whole batch were predicted right; NaN for a regression."""
        return self._message[-2].copy()

    def evaluate(self, x: Any, y: Any) -> tuple[float, float]:
        """(mean loss, accuracy) on a data set, each rank measuring its share of the rows."""
        x, y = self.network.batch(x, y)
        mine, sums = self._share(len(x)), np.zeros(2)
        if mine.start < mine.stop:
            sums[:] = self.network.evaluate(x[mine], y[mine])
            sums *= mine.stop - mine.start
        loss, accuracy = self._sum(sums) / len(x)
        return float(loss), float(accuracy)

    def _share(self, rows: int) -> slice:
        rank, size = self.communicator.rank, self.communicator.size
        return slice(rows * rank // size, rows * (rank + 1) // size)

    def _sum(self, numbers: np.ndarray) -> np.ndarray:
        """Float64 numbers added over the ranks."""
        numbers = self.xp.asarray(numbers, dtype=np.float64)
        self.communicator.all_reduce(numbers)
        return to_host(numbers)

    def _agree(self, what: str, number: int) -> None:
        """Raise ValueError on every rank unless ``number`` is the same on all of them."""
        numbers = np.zeros(self.communicator.size)
        numbers[self.communicator.rank] = number
        numbers = self._sum(numbers)
        if (numbers != number).any():
            raise ValueError(f"every rank must pass the same network and data; {what} by rank: {numbers.tolist()}")


def _checksum(array: Array) -> int:
    return zlib.crc32(np.ascontiguousarray(to_host(array)).data)
