"""``python -m nnlab.demo``: train a small network on handwritten digits and report its test accuracy."""

from __future__ import annotations

import argparse
import time

from nnlab import Network, data, fit
from nnlab.layers import Dense, ReLU
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import SGD


def main() -> None:
    """Train 64-256-10 for ``--epochs`` passes over 1,437 digits, then test it on 360 it has not seen."""
    parser = argparse.ArgumentParser(prog="python -m nnlab.demo", description=main.__doc__)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--lr", type=float, default=0.3, help="the learning rate")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    (x, y), (x_test, y_test) = data.digits()
    network = Network([Dense(64, 256), ReLU(), Dense(256, 10)], loss=SoftmaxCrossEntropy(), seed=options.seed)
    start = time.perf_counter()
    fit(network, SGD(options.lr), x, y, batch_size=32, epochs=options.epochs, seed=options.seed, progress=True)
    seconds = time.perf_counter() - start
    _, accuracy = network.evaluate(x_test, y_test)
    print(f"{len(x):,} digits, {options.epochs} epochs in {seconds:.1f} s")
    print(f"accuracy on {len(x_test)} digits it has not seen: {accuracy:.3f}")


if __name__ == "__main__":
    main()
