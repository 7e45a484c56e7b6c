"""l2_penalty and l1_penalty: what large weights cost, and the gradient of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import array, sides
from nnlab.regularizers import L1, L2, Regularizer


def _penalty(make: Callable[[float], Regularizer]) -> Callable[[np.ndarray, float], tuple[float, np.ndarray]]:
    """(penalty, gradient) by one of nnlab's regularizers."""

    def penalty(w: np.ndarray, lam: float) -> tuple[float, np.ndarray]:
        rule, gradient = make(lam), np.zeros_like(w)
        rule.add_gradient(w, gradient)
        return float(rule.penalty(w)), gradient

    return penalty


def _l2_examples() -> Iterator[Case]:
    yield Case({"w": array([3]), "lam": 0.5}, "The penalty is 0.5 · 9. How fast does it grow with w?")
    yield Case({"w": array([1, -2]), "lam": 0.1}, "The squares add up; the gradient keeps each weight's sign.")
    yield Case({"w": array([[1, 0], [2, -1]]), "lam": 2.0}, "The sum runs over all entries, rows and columns.")
    yield Case({"w": array([5, 6]), "lam": 0.0}, "With lam = 0 weights cost nothing.")


def _l1_examples() -> Iterator[Case]:
    yield Case({"w": array([3]), "lam": 0.5}, "The penalty is 0.5 · 3. How fast does it grow with w?")
    yield Case({"w": array([0.001, -20]), "lam": 0.1}, "The pull is the same for small and for large weights.")
    yield Case({"w": array([0, 2, -0.0]), "lam": 0.5}, "At 0 there is a kink; by convention the subgradient is 0.")
    yield Case({"w": array([[1, 0], [2, -1]]), "lam": 2.0}, "The sum runs over all entries, rows and columns.")
    yield Case({"w": array([5, 6]), "lam": 0.0}, "With lam = 0 weights cost nothing.")


def _draw(rng: np.random.Generator, size: int) -> Case:
    shape = sides(rng, size, int(rng.integers(1, 4)))
    w = rng.normal(size=shape) * rng.choice([0.0, 1.0], shape, p=[0.2, 0.8])
    return Case({"w": w, "lam": float(rng.choice([0.01, 0.1, 0.5, 3.0]))}, "lam multiplies the whole sum.")


L2_PENALTY = Exercise(
    "ps5.l2_penalty",
    _penalty(L2),
    _l2_examples,
    _draw,
    results=("penalty", "gradient"),
    parts={"penalty": ("penalty",), "gradient": ("gradient",)},
)
L1_PENALTY = Exercise(
    "ps5.l1_penalty",
    _penalty(L1),
    _l1_examples,
    _draw,
    results=("penalty", "gradient"),
    parts={"penalty": ("penalty",), "gradient": ("gradient",)},
)
