"""The matrix products of a training step and nothing else: what no library on the same BLAS can do without."""

from __future__ import annotations

import numpy as np

from benchmarks.contestants import Train
from benchmarks.problems import Problem


def start(problem: Problem, variant: str) -> Train:
    """One product a layer forward, two a layer backward, one for the first layer."""
    rng = np.random.default_rng(0)
    weights = [w for w, _ in problem.weights]
    signals = [rng.normal(size=(problem.batch, size)).astype(np.float32) for size in problem.sizes]
    outputs = [np.empty_like(signal) for signal in signals]
    gradients = [np.empty_like(w) for w in weights]

    def train(steps: int, losses: bool) -> None:
        for _ in range(steps):
            for i, w in enumerate(weights):
                np.matmul(signals[i], w, out=outputs[i + 1])
            for i in range(len(weights) - 1, -1, -1):
                np.matmul(signals[i].T, signals[i + 1], out=gradients[i])
                if i:
                    np.matmul(signals[i + 1], weights[i].T, out=outputs[i])

    return train
