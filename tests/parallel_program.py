"""What test_parallel.py runs on each process of a job: ``mpiexec -n 4 python parallel_program.py CASE FOLDER``."""

import os
import signal
import sys
from pathlib import Path

import numpy as np

from nnlab import Network, fit
from nnlab.layers import Dense, Tanh
from nnlab.losses import MeanSquaredError, SoftmaxCrossEntropy
from nnlab.optimizers import SGD
from nnlab.parallel import DataParallel, world


def classifier(seed=0):
    return Network([Dense(5, 7), Tanh(), Dense(7, 3)], loss=SoftmaxCrossEntropy(), seed=seed, dtype="float64")


def regression():
    return Network([Dense(5, 7), Tanh(), Dense(7, 2)], loss=MeanSquaredError(), seed=0, dtype="float64")


def problem(network, rows=43):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(rows, 5))
    return x, (rng.integers(0, 3, rows) if network.loss.classifies else rng.normal(size=(rows, 2)))


def train(network, **settings):
    """Batches of 10 and a last one of 3: shares of 2 or 3 rows on 4 ranks, then 1 or none."""
    x, y = problem(network)
    settings = {"batch_size": 10, "epochs": 5, "seed": 3, "validation": (x[:9], y[:9])} | settings
    return fit(network, SGD(0.5), x, y, **settings)


def results(network, history):
    return {"weights": network.flat_parameters, **{name: np.array(getattr(history, name)) for name in RECORDED}}


RECORDED = ("loss", "accuracy", "validation_loss", "validation_accuracy", "step_loss")


def main(case, folder):
    with world() as communicator:
        rank = communicator.rank
        if case in ("classifier", "regression"):
            network = classifier(seed=rank) if case == "classifier" else regression()
            network = DataParallel(network, communicator)
            np.savez(Path(folder) / f"{rank}.npz", **results(network, train(network)))
            return
        network = DataParallel(classifier(), communicator)
        last = communicator.size - 1

        def in_the_second_epoch(network, history):
            if rank == last and history.epochs == 2:
                if case == "raises":
                    raise ArithmeticError("the callback went wrong")
                if case == "exits":
                    sys.exit(3)
                os.kill(os.getpid(), signal.SIGKILL)

        if case == "other data":
            x, y = problem(network, rows=43)
            fit(network, SGD(0.5), x + (rank == last), y)
        elif case == "other batches":
            train(network, batch_size=10 + (rank == last))
        else:
            train(network, callbacks=[in_the_second_epoch])


if __name__ == "__main__":
    main(*sys.argv[1:])
