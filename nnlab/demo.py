"""``python -m nnlab.demo``: train a small network on handwritten digits and report its test accuracy."""

from __future__ import annotations

import argparse
import time
from contextlib import nullcontext

from nnlab import Network, data, fit
from nnlab.layers import Dense, ReLU
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import SGD
from nnlab.parallel import Communicator, DataParallel, world


def main() -> None:
    """Train 64-256-10 for ``--epochs`` passes over 1,437 digits, then test it on 360 it has not seen."""
    parser = argparse.ArgumentParser(prog="python -m nnlab.demo", description=main.__doc__)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--lr", type=float, default=0.3, help="the learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument(
        "--parallel",
        action="store_true",
        help="share every mini-batch out over the processes of: mpiexec -n 4 python -m nnlab.demo --parallel",
    )
    options = parser.parse_args()
    try:
        with world(options.device) if options.parallel else nullcontext() as communicator:
            train(options, communicator)
    except (ValueError, RuntimeError) as error:
        parser.error(str(error))


def train(options: argparse.Namespace, communicator: Communicator | None) -> None:
    """Train by ``options``, alone or together with the other processes of ``communicator``; rank 0 reports."""
    (x, y), (x_test, y_test) = data.digits()
    layers = [Dense(64, 256), ReLU(), Dense(256, 10)]
    network = Network(layers, loss=SoftmaxCrossEntropy(), seed=options.seed, device=options.device)
    if communicator is not None:
        network = DataParallel(network, communicator)
    reports = communicator is None or communicator.rank == 0
    start = time.perf_counter()
    fit(network, SGD(options.lr), x, y, batch_size=32, epochs=options.epochs, seed=options.seed, progress=reports)
    seconds = time.perf_counter() - start
    _, accuracy = network.evaluate(x_test, y_test)
    if reports:
        shared = "" if communicator is None else f", {communicator.size} processes"
        print(f"{len(x):,} digits, {options.epochs} epochs in {seconds:.1f} s{shared}")
        print(f"accuracy on {len(x_test)} digits it has not seen: {accuracy:.3f}")


if __name__ == "__main__":
    main()
