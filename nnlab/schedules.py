"""Schedules: the learning rate as a function of the step, for ``fit(..., schedule=...)``.

A schedule is anything that maps a step, 0 first, to a learning rate: one of these objects or a function of your own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from nnlab.validation import integer, real

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class StepDecay:
    """lr · factor^⌊step/every⌋: the rate falls by ``factor`` after every ``every`` steps.

    lr: at least 0. every: at least 1. factor: in (0, 1].
    """

    lr: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        real("lr", self.lr, low=0)
        integer("every", self.every, low=1)
        real("factor", self.factor, low=0, high=1, open_low=True)

    def __call__(self, step: int) -> float:
        return self.lr * self.factor ** (integer("step", step) // self.every)


@dataclass(frozen=True)
class CosineDecay:
    """final + (lr − final) · (1 + cos(π · step/steps))/2, and ``final`` from ``steps`` on.

    It falls slowly at first, fastest half-way and slowly at the end. lr, final: at least 0. steps: at least 1.
    Source: I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017,
    arXiv:1608.03983; without the restarts.
    """

    lr: float
    steps: int
    final: float = 0.0

    def __post_init__(self) -> None:
        real("lr", self.lr, low=0)
        integer("steps", self.steps, low=1)
        real("final", self.final, low=0)

    def __call__(self, step: int) -> float:
        return _cosine(self.lr, self.final, integer("step", step) / self.steps)


@dataclass(frozen=True)
class WarmUp:
    """(step + 1)/steps of the first rate of ``then`` for ``steps`` steps; after them ``then``, from its own step 0.

    The first step already moves: its rate is 1/steps of the full one, not 0.
    steps: at least 1. then: a schedule, or a constant rate.
    Source: P. Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, arXiv:1706.02677,
    section 2.2.
    """

    steps: int
    then: Schedule | float

    def __post_init__(self) -> None:
        integer("steps", self.steps, low=1)
        if not callable(self.then):
            real("then", self.then, low=0)

    def __call__(self, step: int) -> float:
        after = integer("step", step) - self.steps
        rate = self.then(max(after, 0)) if callable(self.then) else self.then
        return rate * (step + 1) / self.steps if after < 0 else rate


@dataclass(frozen=True)
class OneCycle:
    """One rise and one longer fall, both along a half cosine: peak/start_divisor → peak → far below the start.

    The rate starts at peak/start_divisor, reaches ``peak`` at step ``rise · steps − 1``, and ends at step
    ``steps − 1`` at start/end_divisor, where it stays. The same as PyTorch's OneCycleLR.

    peak: at least 0. steps: at least 1. rise: in [0, 1), the share of the steps that rise. Divisors: at least 1.
    Source: L. N. Smith and N. Topin, "Super-convergence: very fast training of neural networks using large learning
    rates", 2018, arXiv:1708.07120.
    """

    peak: float
    steps: int
    rise: float = 0.3
    start_divisor: float = 25.0
    end_divisor: float = 1e4

    def __post_init__(self) -> None:
        real("peak", self.peak, low=0)
        integer("steps", self.steps, low=1)
        real("rise", self.rise, low=0, high=1, open_high=True)
        real("start_divisor", self.start_divisor, low=1)
        real("end_divisor", self.end_divisor, low=1)

    def __call__(self, step: int) -> float:
        integer("step", step)
        start = self.peak / self.start_divisor
        top, last = self.rise * self.steps - 1, self.steps - 1
        if step < top:
            return _cosine(start, self.peak, step / top)
        return _cosine(self.peak, start / self.end_divisor, (step - top) / (last - top))


def _cosine(start: float, end: float, progress: float) -> float:
    """From ``start`` at 0 to ``end`` at 1 and beyond, along half a cosine wave."""
    return end + (start - end) * (1 + math.cos(math.pi * min(progress, 1.0))) / 2
