"""The three networks that every contestant trains, from the same weights on the same batches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

BATCHES = 16
LR = 1e-3


@dataclass(frozen=True)
class Problem:
    """A ReLU network of ``sizes``, trained by Adam on softmax cross-entropy with mini-batches of ``batch``, float32."""

    name: str
    sizes: tuple[int, ...]
    batch: int

    @property
    def title(self) -> str:
        """The problem in a table's head."""
        equal = len(set(self.sizes)) == 1
        shape = f"{len(self.sizes) - 1} layers of {self.sizes[0]}" if equal else "-".join(map(str, self.sizes))
        return f"{shape}, batch {self.batch}"

    @cached_property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Examples (BATCHES, batch, in) and labels (BATCHES, batch): which of some directions is an example's own."""
        rng = np.random.default_rng(1)
        x = rng.normal(size=(BATCHES, self.batch, self.sizes[0])).astype(np.float32)
        return x, (x @ rng.normal(size=(self.sizes[0], self.sizes[-1]))).argmax(axis=-1)

    @cached_property
    def weights(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """He-initialized matrices (in, out) and zero biases, layer by layer."""
        rng = np.random.default_rng(2)
        return [
            (rng.normal(0, math.sqrt(2 / a), (a, b)).astype(np.float32), np.zeros(b, np.float32))
            for a, b in zip(self.sizes, self.sizes[1:], strict=False)
        ]


MNIST = (784, 256, 128, 10)
DEEP = Problem("deep", (64,) * 21, 64)
CPU = (Problem("mnist", MNIST, 128), Problem("tiny", (2, 16, 16, 2), 32), DEEP)
GPU = (Problem("mnist", MNIST, 128), Problem("mnist-8192", MNIST, 8192), DEEP)
PROBLEMS = {
    device: {problem.name: problem for problem in problems} for device, problems in (("cpu", CPU), ("cuda", GPU))
}
