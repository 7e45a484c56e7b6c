"""The matrix products of a training step and nothing else: what no library on the same BLAS can do without."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contestants import Train
from benchmarks.contestants.with_nnlab import wait
from benchmarks.problems import Problem
from nnlab.backend import array_module


def start(problem: Problem, variant: str) -> Train:
    """One product a layer forward, two a layer backward, one for the first layer; ``variant``: the device."""
    xp: Any = array_module(variant)
    rng = np.random.default_rng(0)
    weights = [xp.asarray(w) for w, _ in problem.weights]
    signals = [xp.asarray(rng.normal(size=(problem.batch, size)), dtype=np.float32) for size in problem.sizes]
    outputs = [xp.empty_like(signal) for signal in signals]
    gradients = [xp.empty_like(w) for w in weights]

    def train(steps: int, losses: bool) -> None:
        for _ in range(steps):
            for i, w in enumerate(weights):
                signals[i].dot(w, out=outputs[i + 1])
            for i in range(len(weights) - 1, -1, -1):
                signals[i].T.dot(signals[i + 1], out=gradients[i])
                if i:
                    signals[i + 1].dot(weights[i].T, out=outputs[i])
        wait(xp)

    return train
