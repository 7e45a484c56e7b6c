"""PyTorch on the CPU: eager with the default or the fused Adam, or compiled."""

from __future__ import annotations

import os

import torch

from benchmarks.contestants import Train
from benchmarks.problems import LR, Problem

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def start(problem: Problem, variant: str) -> Train:
    """``variant``: "default", "fused" or "compiled" (with the fused Adam)."""
    modules: list[torch.nn.Module] = []
    for w, b in problem.weights:
        linear = torch.nn.Linear(*w.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w.T))
            linear.bias.copy_(torch.from_numpy(b))
        modules += [linear, torch.nn.ReLU()]
    model = torch.nn.Sequential(*modules[:-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused=variant != "default" or None)

    def loss_of(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(model(x), y)

    measured = torch.compile(loss_of) if variant == "compiled" else loss_of
    batches = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in zip(*problem.data, strict=True)]
    done = 0

    def train(steps: int, losses: bool) -> list[float] | None:
        nonlocal done
        record = []
        for _ in range(steps):
            loss = measured(*batches[done % len(batches)])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            done += 1
            if losses:
                record.append(loss.item())
        return record if losses else None

    return train
