"""Contestants: each module's ``start(problem)`` returns ``train(steps) -> the loss of each step, or None``.

``train`` goes on where it stopped and takes the batches in turn. Losses are returned as numbers only when asked for:
reading one every step would make the asynchronous libraries wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

Train = Callable[[int, bool], list[float] | None]


@dataclass(frozen=True)
class Contestant:
    """Who takes part: ``title`` in the table, ``variant`` of ``module`` in this folder, whether it learns at all."""

    title: str
    module: str
    variant: str = ""
    learns: bool = True

    def start(self, problem: object) -> Train:
        """Import the library and set up the network; raises whatever the library raises."""
        return import_module(f"benchmarks.contestants.{self.module}").start(problem, self.variant)


CPU = (
    Contestant("matrix products alone", "products", "cpu", learns=False),
    Contestant("nnlab, accelerated", "with_nnlab", "accelerated"),
    Contestant("nnlab, NumPy alone", "with_nnlab", "plain"),
    Contestant("JAX jit + optax", "with_jax"),
    Contestant("PyTorch eager", "with_torch", "cpu"),
    Contestant("PyTorch eager, fused Adam", "with_torch", "cpu fused"),
    Contestant("torch.compile, fused Adam", "with_torch", "cpu fused compiled"),
    Contestant("scikit-learn", "with_sklearn"),
)
GPU = (
    Contestant("matrix products alone, CuPy", "products", "cuda", learns=False),
    Contestant("nnlab, CuPy", "with_nnlab", "cuda"),
    Contestant("PyTorch eager", "with_torch", "cuda"),
    Contestant("PyTorch eager, fused Adam", "with_torch", "cuda fused"),
    Contestant("torch.compile, fused Adam", "with_torch", "cuda fused compiled"),
    Contestant("PyTorch, CUDA graph, fused Adam", "with_torch", "cuda fused graphed"),
)
CONTESTANTS = {
    device: {contestant.title: contestant for contestant in contestants}
    for device, contestants in (("cpu", CPU), ("cuda", GPU))
}
