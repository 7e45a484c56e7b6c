"""graph_gradients by the chain rule, and numerical_gradient by central differences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlab.gradcheck import numerical_gradient
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import Formula, array, sides
from nnlab.graph import Value


def graph_gradients(x: float, y: float, z: float) -> tuple[float, float, float, float]:
    """f = (x + y)z and its derivatives, by nnlab's graph."""
    a, b, c = Value(x), Value(y), Value(z)
    f = (a + b) * c
    f.backward()
    return f.data, a.grad, b.grad, c.grad


def _graph_examples() -> Iterator[Case]:
    yield Case({"x": -2.0, "y": 5.0, "z": -4.0}, "The example of the chapter: q = x + y = 3, then f = qz.")
    yield Case({"x": 1.0, "y": 2.0, "z": 0.0}, "f is 0 here, but it moves with z: ∂f/∂z is q.")
    yield Case({"x": 3.0, "y": -3.0, "z": 7.0}, "q is 0 here, but f moves with x: ∂f/∂x is z.")
    yield Case({"x": 1.0, "y": 1.0, "z": 2.0}, "x and y enter only through their sum.")


def _draw_graph(rng: np.random.Generator, size: int) -> Case:
    x, y, z = (round(float(value), 2) for value in rng.normal(0, size, 3))
    return Case({"x": x, "y": y, "z": z}, "Local gradient times upstream gradient, node by node.")


GRAPH_GRADIENTS = Exercise(
    "ps1.graph_gradients",
    graph_gradients,
    _graph_examples,
    _draw_graph,
    results=("f", "df_dx", "df_dy", "df_dz"),
    parts={"forward": ("f",), "gradients": ("df_dx", "df_dy", "df_dz")},
)


SQUARES = Formula("(x**2).sum()")
PRODUCT = Formula("x.prod()")
CUBES = Formula("(x**3).sum()")
TERMS = ("np.sin(x)", "x**3", "np.exp(x)")


def _numerical_examples() -> Iterator[Case]:
    yield Case({"f": SQUARES, "x": array([3])}, "The derivative of x² at 3 is 6.")
    yield Case({"f": PRODUCT, "x": array([2, 3, 5])}, "Move one entry at a time, and put it back before the next.")
    yield Case({"f": SQUARES, "x": array([[1, 2], [3, 4]])}, "The result has the shape of x.")
    yield Case({"f": CUBES, "x": array([1, 2]), "h": 0.1}, "Central: one step to each side, 2h apart.")
    yield Case({"f": CUBES, "x": array([1, 2])}, "Without an h, the step is 1e-5.")
    yield Case({"f": SQUARES, "x": array(4)}, "An x without axes is one number; np.ndindex(()) visits it once.")


def _draw_numerical(rng: np.random.Generator, size: int) -> Case:
    shape = tuple(sides(rng, min(size, 5), int(rng.integers(1, 4))))  # two calls of f an entry: small ones will do
    term = TERMS[rng.integers(len(TERMS))]
    f = Formula(f"(a * {term}).sum()", "a an array like x", a=rng.normal(size=shape))
    return Case({"f": f, "x": rng.normal(size=shape), "h": float(rng.choice([0.1, 0.25]))}, "Use the h you are given.")


NUMERICAL_GRADIENT = Exercise(
    "ps1.numerical_gradient",
    numerical_gradient,
    _numerical_examples,
    _draw_numerical,
    tolerance=1e-6,
    float32_tolerance=1e-3,
)
