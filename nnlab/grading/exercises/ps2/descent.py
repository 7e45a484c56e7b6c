"""gradient_descent, the largest learning rate it stands, and the average of shards' gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import Formula, array, sides
from nnlab.optimizers import SGD


def gradient_descent(grad: Callable[[np.ndarray], np.ndarray], w0: np.ndarray, lr: float, steps: int) -> np.ndarray:
    """The points w₀, w₁, … that nnlab's SGD visits, (steps + 1, d)."""
    rule, w = SGD(lr), w0.copy()
    path = [w0.copy()]
    for _ in range(steps):
        rule.step([w], [np.asarray(grad(w), w.dtype)])
        path.append(w.copy())
    return np.stack(path)


def largest_stable_lr(A: np.ndarray) -> float:
    """2/λ_max: above it the error along the steepest direction grows with every step."""
    return 2 / float(np.linalg.eigvalsh(A)[-1])


def average_gradients(gradients: Sequence[np.ndarray], sizes: Sequence[int]) -> np.ndarray:
    """Σ nₖgₖ / Σ nₖ."""
    return np.average(np.stack(gradients), axis=0, weights=np.asarray(sizes, dtype=np.float64))


BOWL = Formula("2 * x")
RAVINE = Formula("c * x", "c = [1, 10]", c=array([1, 10]))
CUBIC = Formula("3 * x**2 - 3")
TERMS = ("A @ x - b", "A @ np.tanh(x) - b", "A @ np.sin(x) + b * x")


def _descent_examples() -> Iterator[Case]:
    yield Case({"grad": BOWL, "w0": array([1]), "lr": 0.25, "steps": 2}, "Each step halves w: 1, 0.5, 0.25.")
    yield Case({"grad": BOWL, "w0": array([3, -2]), "lr": 0.1, "steps": 0}, "Without a step the path is w0 alone.")
    yield Case({"grad": BOWL, "w0": array([3, -2]), "lr": 0.1, "steps": 1}, "A step goes against the gradient.")
    yield Case(
        {"grad": RAVINE, "w0": array([10, 1]), "lr": 0.19, "steps": 3}, "Steep directions swing, flat ones crawl."
    )
    yield Case({"grad": CUBIC, "w0": array([0.5]), "lr": 0.1, "steps": 3}, "Ask for the gradient anew at each point.")
    yield Case(
        {"grad": BOWL, "w0": array([4e-9]), "lr": 0.25, "steps": 2}, "However small the slope, every step counts."
    )
    yield Case(
        {"grad": BOWL, "w0": array([1]), "lr": 1.5, "steps": 10}, "Too large a step diverges; that is a result, too."
    )


def _draw_descent(rng: np.random.Generator, size: int) -> Case:
    (d,) = sides(rng, size, 1)
    A, b = rng.normal(size=(d, d)) / np.sqrt(d), rng.normal(size=d)
    grad = Formula(TERMS[rng.integers(len(TERMS))], "A and b arrays", A=A, b=b)
    return Case(
        {"grad": grad, "w0": rng.normal(size=d), "lr": float(rng.choice([0.05, 0.1, 0.3])), "steps": size},
        "Row t of the path is the point after t steps.",
    )


GRADIENT_DESCENT = Exercise("ps2.gradient_descent", gradient_descent, _descent_examples, _draw_descent)


def _stable_examples() -> Iterator[Case]:
    yield Case({"A": array([[4]])}, "One number: w ← w − lr·4w = (1 − 4 lr)w shrinks for lr < 2/4.")
    yield Case({"A": array([[1, 0], [0, 10]])}, "Each axis has its own bound; the smallest of them decides.")
    yield Case({"A": array([[10, 0], [0, 1]])}, "The order of the axes makes no difference.")
    yield Case({"A": array([[2, 1], [1, 2]])}, "Off the axes: the curvatures are the eigenvalues, here 1 and 3.")
    yield Case({"A": array([[2, -1], [-1, 2]])}, "The steepest direction may be any; here it is (1, −1).")
    yield Case({"A": array([[3, 0], [0, 3]])}, "A round bowl: every direction has the same curvature.")
    yield Case({"A": array([[2, 1, 0], [1, 2, 1], [0, 1, 2]])}, "The eigenvalues are 2 − √2, 2 and 2 + √2.")
    yield Case({"A": array([[1e-3, 0], [0, 1e3]])}, "A long ravine: the steep wall sets the bound.")


def _draw_stable(rng: np.random.Generator, size: int) -> Case:
    (d,) = sides(rng, size, 1)
    directions = np.linalg.qr(rng.normal(size=(d, d)))[0]
    # the largest stands apart, so that a power iteration of a few hundred steps is a right answer, too
    curvatures = rng.uniform(0.2, 1.0, d)
    curvatures[0] = rng.uniform(1.5, 5.0)
    A = (directions * curvatures) @ directions.T
    return Case({"A": (A + A.T) / 2}, "The largest eigenvalue of A is the curvature of the steepest direction.")


LARGEST_STABLE_LR = Exercise("ps2.largest_stable_lr", largest_stable_lr, _stable_examples, _draw_stable, tolerance=1e-6)


def _average_examples() -> Iterator[Case]:
    yield Case({"gradients": [array([2]), array([4])], "sizes": [5, 5]}, "Equal shards: the plain mean, 3.")
    yield Case({"gradients": [array([0]), array([4])], "sizes": [3, 1]}, "Four rows in all; only one of them says 4.")
    yield Case({"gradients": [array([1, 2])], "sizes": [7]}, "One shard is the whole batch.")
    yield Case(
        {"gradients": [array([[1, 0]]), array([[0, 1]]), array([[4, 4]])], "sizes": [1, 2, 5]},
        "Each shard's gradient is a mean over its rows, so it counts once for each row.",
    )
    yield Case({"gradients": [array([6]), array([9])], "sizes": [4, 0]}, "A shard without rows has no say.")


def _draw_average(rng: np.random.Generator, size: int) -> Case:
    shards, *shape = sides(rng, size, int(rng.integers(2, 4)))
    sizes = [int(rows) for rows in rng.integers(1, 10, shards)]
    return Case(
        {"gradients": [rng.normal(size=shape) for _ in sizes], "sizes": sizes},
        "Times the rows of the shard, added up, over the rows of all shards.",
    )


AVERAGE_GRADIENTS = Exercise("ps2.average_gradients", average_gradients, _average_examples, _draw_average)
