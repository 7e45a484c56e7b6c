"""adagrad_step, rmsprop_step, adam_step and adamw_step: every weight has a learning rate of its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlab.grading.exercise import Case
from nnlab.grading.exercises.ps4.playing import case, draw, exercise
from nnlab.optimizers import AdaGrad, Adam, AdamW, RMSProp

# Large ones too: with 1e-8 alone nobody could tell inside the root from outside it.
EPSILONS = (1e-8, 0.1, 1.0)
DECAYS = (0.5, 0.9, 0.99)


def _adagrad_examples() -> Iterator[Case]:
    tiny = {"eps": 1e-10}
    yield case([1], [[4]], [0.1], "The first step has the length lr, whatever the gradient's.", tiny)
    yield case(
        [1, 1], [[4, -0.001]], [0.1], "Small and large gradients make equal steps: each has its own scale.", tiny
    )
    yield case([0], [[3], [4]], [1, 1], "The squares add up: after 3 and 4 the root is 5.", tiny)
    yield case([1, 1], [[0, 2], [0, 2]], [0.1, 0.1], "Without a gradient s is 0, and eps keeps 0/0 away.", tiny)
    yield case([0], [[3]], [1], "eps is added to the root: 3/(3 + 1).", {"eps": 1.0})
    yield case([0], [[3], [4]], [1, 0.5], "A new lr acts on the step; s holds squares alone.", tiny)


def _draw_adagrad(rng: np.random.Generator, size: int) -> Case:
    return draw(rng, size, "s ← s + g², then w ← w − lr · g/(√s + eps).", {"eps": EPSILONS})


ADAGRAD_STEP = exercise("ps4.adagrad_step", AdaGrad, _adagrad_examples, _draw_adagrad)


def _rmsprop_examples() -> Iterator[Case]:
    tiny = {"decay": 0.75, "eps": 1e-8}
    yield case([0], [[4]], [1], "s = 0.25 · 16 = 4, so the first step is 4/2: longer than lr.", tiny)
    yield case([0], [[4], [2]], [1, 1], "s = 0.75 · 4 + 0.25 · 4: the old squares fade.", tiny)
    yield case([0, 0], [[4, -0.01]], [1], "Each weight has its own scale.", tiny)
    yield case([0], [[4]], [1], "eps is added to the root: 4/(2 + 1).", {"decay": 0.75, "eps": 1.0})
    yield case([1, 1], [[0, 2], [0, 2]], [0.1, 0.01], "Without a gradient s is 0, and eps keeps 0/0 away.", tiny)


def _draw_rmsprop(rng: np.random.Generator, size: int) -> Case:
    settings = {"decay": DECAYS, "eps": EPSILONS}
    return draw(rng, size, "s ← decay · s + (1 − decay) · g², then w ← w − lr · g/(√s + eps).", settings)


RMSPROP_STEP = exercise("ps4.rmsprop_step", RMSProp, _rmsprop_examples, _draw_rmsprop)


def _adam_examples() -> Iterator[Case]:
    tiny = {"beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
    yield case([1], [[4]], [0.1], "Corrected, m̂ = g and v̂ = g²: the first step has the length lr.", tiny)
    yield case([0], [[2], [2], [2]], [0.1] * 3, "Under a constant gradient every step has the length lr.", tiny)
    yield case([0], [[3], [-1]], [0.1, 0.1], "t counts the steps: the second one is corrected with t = 2.", tiny)
    yield case([0], [[1]], [1], "eps is added to the root of v̂: 1/(1 + 1).", tiny | {"eps": 1.0})
    yield case([0], [[1], [2]], [1, 0.5], "beta1 belongs to m, beta2 to v.", {"beta1": 0.5, "beta2": 0.9, "eps": 0.5})
    yield case([1, 1], [[0, 2], [0, -2]], [0.1, 0.01], "Without a gradient v̂ is 0, and eps keeps 0/0 away.", tiny)


ADAM_SETTINGS = {"beta1": (0.0, 0.5, 0.9), "beta2": (0.8, 0.99, 0.999), "eps": EPSILONS}


def _draw_adam(rng: np.random.Generator, size: int) -> Case:
    return draw(rng, size, "Average g and g², divide by 1 − βᵗ, then step by lr · m̂/(√v̂ + eps).", ADAM_SETTINGS)


ADAM_STEP = exercise("ps4.adam_step", Adam, _adam_examples, _draw_adam)


def _adamw_examples() -> Iterator[Case]:
    plain = {"beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
    yield case([1], [[4]], [0.1], "Without decay it is Adam.", plain | {"weight_decay": 0.0})
    yield case(
        [2], [[0]], [0.5], "Without a gradient only the decay acts: 2 − 0.5 · 0.1 · 2.", plain | {"weight_decay": 0.1}
    )
    yield case([2], [[4]], [0.5], "The decay takes the old w, and stays out of m and v.", plain | {"weight_decay": 0.1})
    yield case(
        [2, -2],
        [[1, 0.01]] * 2,
        [0.5, 0.1],
        "Weights decay alike, however large their gradients.",
        plain | {"weight_decay": 0.5},
    )


def _draw_adamw(rng: np.random.Generator, size: int) -> Case:
    settings = ADAM_SETTINGS | {"weight_decay": (0.0, 0.1, 0.5)}
    return draw(rng, size, "w ← w − lr · weight_decay · w − lr · m̂/(√v̂ + eps), with m and v as in Adam.", settings)


ADAMW_STEP = exercise(
    "ps4.adamw_step", AdamW, _adamw_examples, _draw_adamw, builds_on=("ps4.sgd_step", "ps4.adam_step")
)
