"""sgd_step, momentum_step, nesterov_step and lars_step: every weight of an array has the same learning rate."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.ps4.playing import case, draw, exercise, play, stepping
from nnlab.optimizers import LARS, SGD, Momentum, Nesterov

MOMENTA = (0.0, 0.5, 0.9)


def _sgd_examples() -> Iterator[Case]:
    yield case([1], [[2]], [0.1], "Step against the gradient: 1 − 0.1 · 2.")
    yield case([1, 2, 3], [[0, -4, 10]], [0.5], "Each weight moves by its own entry of the gradient.")
    yield case(
        [[1, 2], [3, 4]], [[[1, 1], [2, 2]], [[1, 0], [0, -1]]], [0.5, 0.25], "Each step has the lr it is given."
    )


def _draw_sgd(rng: np.random.Generator, size: int) -> Case:
    return draw(rng, size, "w ← w − lr · g, whatever came before.")


SGD_STEP = Exercise("ps4.sgd_step", stepping(SGD), _sgd_examples, _draw_sgd, play=play, results=("path[1]", "path"))


def _momentum_examples() -> Iterator[Case]:
    half = {"momentum": 0.5}
    yield case([1], [[2]], [0.1], "The velocity starts at 0, so the first one is the gradient.", half)
    yield case([0], [[4], [0], [0]], [1, 1, 1], "Without a gradient the velocity goes on, and halves each step.", half)
    yield case(
        [0],
        [[40]] * 4,
        [0.1] * 4,
        "Under a constant gradient the velocity nears g/(1 − momentum) = 10g.",
        {"momentum": 0.9},
    )
    yield case([0], [[4], [0]], [1, 0.1], "A new lr acts on the whole velocity, old gradients included.", half)
    yield case([1, 2], [[1, -1], [-1, -1]], [0.5, 0.5], "A velocity for every weight.", half)


def _draw_momentum(rng: np.random.Generator, size: int) -> Case:
    return draw(rng, size, "v ← momentum · v + g, then w ← w − lr · v.", {"momentum": MOMENTA})


MOMENTUM_STEP = exercise("ps4.momentum_step", Momentum, _momentum_examples, _draw_momentum)


def _nesterov_examples() -> Iterator[Case]:
    half = {"momentum": 0.5}
    yield case([1], [[2]], [0.1], "The first step already looks ahead: it is 1 + momentum times the gradient.", half)
    yield case([0], [[4], [0], [0]], [1, 1, 1], "Update the velocity first, then look ahead along the new one.", half)
    yield case([0], [[4], [0]], [1, 0.1], "A new lr acts on the whole velocity, old gradients included.", half)
    yield case([1, 2], [[1, -1], [-1, -1]], [0.5, 0.5], "A velocity for every weight.", {"momentum": 0.9})


def _draw_nesterov(rng: np.random.Generator, size: int) -> Case:
    return draw(rng, size, "v ← momentum · v + g, then w ← w − lr · (g + momentum · v).", {"momentum": MOMENTA})


NESTEROV_STEP = exercise("ps4.nesterov_step", Nesterov, _nesterov_examples, _draw_nesterov)


def _lars_examples() -> Iterator[Case]:
    plain = {"momentum": 0.0, "weight_decay": 0.0, "trust": 0.1}
    yield case([3, 4], [[0, 2]], [1], "‖w‖ = 5 and ‖g‖ = 2, so the step is a tenth of 5 long.", plain)
    yield case([3, 4], [[0, 200]], [1], "A gradient a hundred times as long makes a step just as long.", plain)
    yield case([0, 0], [[3, 4]], [0.5], "Where ‖w‖ = 0 the local rate is 1, or w could never leave 0.", plain)
    decay = {"momentum": 0.0, "weight_decay": 0.5, "trust": 0.1}
    yield case([3, 4], [[4, -3]], [1], "The decay is part of the direction, and adds weight_decay · ‖w‖ below.", decay)
    yield case([3, 4], [[0, 0]], [1], "Without a gradient the decay is all there is.", decay)
    half = {"momentum": 0.5, "weight_decay": 0.0, "trust": 0.1}
    yield case(
        [3, 4], [[0, 2], [0, 0]], [1, 0.1], "lr is inside the velocity: a new one acts on new gradients only.", half
    )
    yield case([[3, 0], [0, 4]], [[[0, 1], [2, 2]]], [1], "The norm of a matrix is that of all its entries.", plain)


def _draw_lars(rng: np.random.Generator, size: int) -> Case:
    settings = {"momentum": MOMENTA, "weight_decay": (0.0, 0.1, 0.5), "trust": (0.02, 0.1, 0.5)}
    drawn = draw(rng, size, "v ← momentum · v + lr · local · (g + weight_decay · w), then w ← w − v.", settings)
    if rng.random() < 0.2:
        drawn.arguments["w"][...] = 0
    return drawn


LARS_STEP = exercise("ps4.lars_step", LARS, _lars_examples, _draw_lars, builds_on=("ps4.sgd_step", "ps4.momentum_step"))
