"""nnlab: what ``fit`` does for each mini-batch, with its compiled kernels or with NumPy alone."""

from __future__ import annotations

from typing import Any

from benchmarks.contestants import Train
from benchmarks.problems import LR, Problem
from nnlab import Network
from nnlab.layers import Dense, ReLU
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import Adam


def start(problem: Problem, variant: str) -> Train:
    """``variant``: "plain", "accelerated" or "cuda"."""
    network, optimizer = build(problem, "cuda" if variant == "cuda" else "cpu"), Adam(LR)
    if variant == "accelerated":
        from nnlab.accelerate import accelerate

        accelerate(network, optimizer)
    batches = [network.batch(x, y) for x, y in zip(*problem.data, strict=True)]
    done = 0

    def train(steps: int, losses: bool) -> list[float] | None:
        nonlocal done
        record = []
        for _ in range(steps):
            loss = network.step_gradients(*batches[done % len(batches)])
            optimizer.step(network.parameters, network.gradients)
            done += 1
            if losses:
                record.append(float(loss))
        wait(network.xp)
        return record if losses else None

    return train


def build(problem: Problem, device: str) -> Network:
    """The problem's network with its initial weights."""
    layers = []
    for fan_in, fan_out in zip(problem.sizes, problem.sizes[1:], strict=False):
        layers += [Dense(fan_in, fan_out), ReLU()]
    network = Network(layers[:-1], loss=SoftmaxCrossEntropy(), device=device)
    initial = [array for pair in problem.weights for array in pair]
    for parameter, value in zip(network.parameters, initial, strict=True):
        parameter[...] = network.xp.asarray(value)
    return network


def wait(xp: Any) -> None:
    """Return when the GPU, if there is one, has done what it was given."""
    if hasattr(xp, "cuda"):
        xp.cuda.get_current_stream().synchronize()
