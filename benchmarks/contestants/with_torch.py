"""PyTorch on the CPU or a GPU: eager, compiled, or as one CUDA graph; with the default or the fused Adam."""

from __future__ import annotations

import os
from collections.abc import Callable

import torch

from benchmarks.contestants import Train
from benchmarks.problems import LR, Problem

Step = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def start(problem: Problem, variant: str) -> Train:
    """``variant``: "cpu" or "cuda", then any of "fused", "compiled" and "graphed"."""
    device, *ways = variant.split()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    model = _model(problem).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=LR, fused="fused" in ways or None, capturable="graphed" in ways)

    def loss_of(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(model(x), y)

    measured = torch.compile(loss_of) if "compiled" in ways else loss_of

    def eager(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        optimizer.zero_grad()
        loss = measured(x, y)
        loss.backward()
        optimizer.step()
        return loss

    pairs = zip(*problem.data, strict=True)
    batches = [(torch.from_numpy(x).to(device), torch.from_numpy(y).to(device)) for x, y in pairs]
    step: Step = _graphed(eager, *batches[0], model, optimizer) if "graphed" in ways else eager
    done = 0

    def train(steps: int, losses: bool) -> list[float] | None:
        nonlocal done
        record = []
        for _ in range(steps):
            loss = step(*batches[done % len(batches)])
            done += 1
            if losses:
                record.append(loss.item())
        if device == "cuda":
            torch.cuda.synchronize()
        return record if losses else None

    return train


def _model(problem: Problem) -> torch.nn.Module:
    modules: list[torch.nn.Module] = []
    for w, b in problem.weights:
        linear = torch.nn.Linear(*w.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(w.T))
            linear.bias.copy_(torch.from_numpy(b))
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])


def _graphed(
    step: Step, x: torch.Tensor, y: torch.Tensor, model: torch.nn.Module, optimizer: torch.optim.Optimizer
) -> Step:
    """``step`` captured as a CUDA graph over fixed inputs, with weights and optimizer as they were."""
    fixed_x, fixed_y = x.clone(), y.clone()
    initial = [parameter.detach().clone() for parameter in model.parameters()]
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):  # a graph must be captured after the allocations of some ordinary steps
        for _ in range(3):
            step(fixed_x, fixed_y)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step(fixed_x, fixed_y)
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), initial, strict=True):
            parameter.copy_(value)
        for state in optimizer.state.values():
            for tensor in state.values():
                tensor.zero_()

    def replay(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        fixed_x.copy_(x)
        fixed_y.copy_(y)
        graph.replay()
        return loss

    return replay
