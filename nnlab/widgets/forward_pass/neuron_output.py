"""One neuron: two inputs, weighted and summed, through an activation; and the line it draws in the plane."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import numpy as np

from nnlab.layers import Dense, ReLU, Sigmoid, Tanh
from nnlab.layers.base import Layer
from nnlab.widgets import (
    Area,
    Arrow,
    Axis,
    Choice,
    Edge,
    Goal,
    Graph,
    Label,
    Line,
    Node,
    Plot,
    Points,
    Predict,
    Slider,
    explorer,
)

REACH = 2.5
INPUTS = np.arange(-4, 5) / 2
WEIGHTS = INPUTS
CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
GATES = {"AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "XOR": (0, 1, 1, 0)}
ACTIVATIONS: dict[str, tuple[str, Layer | None]] = {
    "step": ("step: 1 if z > 0", None),
    "sigmoid": ("sigmoid", Sigmoid()),
    "tanh": ("tanh", Tanh()),
    "relu": ("ReLU", ReLU()),
}
CURVE = np.linspace(-10, 10, 161)


def activate(name: str, z: np.ndarray) -> np.ndarray:
    """The activation of every entry; the step of McCulloch and Pitts is no layer, for nothing learns through it."""
    layer = ACTIVATIONS[name][1]
    return (z > 0).astype(float) if layer is None else np.array(layer.forward(z.reshape(1, -1))).reshape(z.shape)


def net_input(w1: float, w2: float, b: float, x: np.ndarray) -> np.ndarray:
    """z = w₁x₁ + w₂x₂ + b for inputs in the last axis of x, by a dense layer of one unit."""
    dense = Dense(2, 1, bias=b, initializer=lambda rng, fan_in, fan_out: np.array([[w1], [w2]]))
    dense.initialize(np.random.default_rng(0), dtype="float64")
    return np.array(dense.forward(x.reshape(-1, 2))).reshape(x.shape[:-1])


@cache
def how_many(gate: str) -> int:
    """For how many of the sliders' weights and biases z is positive just where the gate says 1."""
    z = np.array([CORNERS @ (w1, w2) + b for w1, w2, b in product(WEIGHTS, WEIGHTS, WEIGHTS)])
    return int(((z > 0) == np.array(GATES[gate])).all(axis=1).sum())


def border(w1: float, w2: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    """Two places on the line w₁x₁ + w₂x₂ + b = 0, far outside the plot; NaN where no input changes z."""
    w = np.array([w1, w2])
    size = w @ w
    if size == 0:
        return np.full(2, np.nan), np.full(2, np.nan)
    foot, along = -b * w / size, np.array([-w2, w1]) / np.sqrt(size)
    return foot[0] + along[0] * np.array([-9, 9]), foot[1] + along[1] * np.array([-9, 9])


def positive_side(w1: float, w2: float, b: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The half-plane z > 0 within the plot as a band: x, low, high."""
    edges = np.array([-REACH, REACH])
    if w2 == 0:
        if w1 == 0:
            return edges, edges * 0 - REACH, np.full(2, REACH if b > 0 else -REACH)
        start = np.clip(-b / w1, -REACH, REACH)
        return np.array([start, REACH * np.sign(w1)]), np.full(2, -REACH), np.full(2, REACH)
    line = -(w1 * edges + b) / w2
    return (edges, line, np.full(2, 9.0)) if w2 > 0 else (edges, np.full(2, -9.0), line)


def place_of_name(w: np.ndarray, foot: np.ndarray, b: float) -> np.ndarray:
    """Where the half-plane z > 0 is named: beside its border, away from the arrow; NaN where there is none."""
    if not w.any():
        return np.array([0, 1.5]) if b > 0 else np.full(2, np.nan)
    ahead = w / np.linalg.norm(w)
    return np.clip(foot + 0.4 * ahead + 1.4 * np.array([-ahead[1], ahead[0]]), -2.1, 2.2)


def _verdict(w1: float, w2: float, fires: np.ndarray) -> str:
    gate = next((name for name, table in GATES.items() if (fires == table).all()), None)
    said = f"On inputs 0 and 1 it is {'an' if gate in ('AND', 'OR') else 'a'} {gate} gate. " if gate else ""
    if w1 == w2 == 0:
        return said + "With both weights 0 no input changes z."
    return said + "The weights point straight to the side where z is positive."


@explorer(
    name="neuron-output",
    title="What one neuron computes",
    controls={
        "w1": Slider("Weight w₁", -2.0, 2.0, step=0.5, initial=1.0, format=".1f"),
        "w2": Slider("Weight w₂", -2.0, 2.0, step=0.5, initial=1.5, format=".1f"),
        "b": Slider("Bias b", -2.0, 2.0, step=0.5, initial=-1.0, format=".1f"),
        "activation": Choice(
            "Activation φ", {name: label for name, (label, _) in ACTIVATIONS.items()}, initial="sigmoid"
        ),
        "x1": Slider("Input x₁", -2.0, 2.0, step=0.5, initial=1.5, format=".1f"),
        "x2": Slider("Input x₂", -2.0, 2.0, step=0.5, initial=0.5, format=".1f"),
    },
    panels=[
        Graph(
            height=190,
            narrow_height=400,
            nodes=[
                Node("x1", (0, 0), "x₁"),
                Node("x2", (0, 1), "x₂"),
                Node("one", (0, 2), "1"),
                Node("sum", (1, 1), "Σ"),
                Node("phi", (2, 1), "φ"),
                Node("out", (3, 1), "", shape="none"),
            ],
            edges=[
                Edge(source="x1", target="sum", above="{x1} · {w1}", label_at=0.4),
                Edge(source="x2", target="sum", above="{x2} · {w2}", label_at=0.4),
                Edge(source="one", target="sum", above="1 · {b}", label_at=0.4),
                Edge(source="sum", target="phi", above="net input z = {z[x1, x2]:.2f}"),
                Edge(source="phi", target="out", above="output a = {a[x1, x2]:.3f}"),
            ],
        ),
        [
            Plot(
                title="The line z = 0 in the plane of inputs",
                height=310,
                narrow_height=370,
                equal=True,
                x=Axis(label="x₁", domain=(-REACH, REACH), ticks=(-2, -1, 0, 1, 2)),
                y=Axis(label="x₂", domain=(-REACH, REACH), ticks=(-2, -1, 0, 1, 2)),
                marks=[
                    Area("side", "low", "high", color="c1"),
                    Line("line1", "line2", color="c1", width=2.5),
                    Label("inside1", "inside2", "z > 0", color="c1"),
                    Arrow("foot1", "foot2", "tip1", "tip2", color="c2", label="w"),
                    Points("corner1", "corner2", color="muted", size=4, hollow=True),
                    Points("x1", "x2", color="ink", size=6.5, label="x", label_dx=9, label_dy=0),
                ],
            ),
            Plot(
                title="The activation a = φ(z)",
                height=310,
                x=Axis(label="net input z", domain=(-6, 6), ticks=(-6, -3, 0, 3, 6)),
                y=Axis(label="output a", domain=(-1.2, 3), ticks=(-1, 0, 1, 2, 3)),
                marks=[
                    Line("curve_z", "curve_a", color="c1"),
                    Line("drop_z[x1, x2]", "drop_a[x1, x2]", color="muted", width=1.25, dash=True),
                    Points("z[x1, x2]", "a[x1, x2]", color="ink", size=6.5, label="a", label_dy=-14),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"Weights {s.w1:.1f} and {s.w2:.1f}, bias {s.b:.1f}, {ACTIVATIONS[s.activation][0].split(':')[0]}. "
        "Inputs {x1} and {x2} give the net input z = {z[x1, x2]:.2f} and the output a = {a[x1, x2]:.3f}. "
        + s.verdict
    ),
    goals=[
        Goal("an AND gate: z > 0 for the input (1, 1), not for (0, 0), (0, 1), (1, 0)", met="is_and"),
        Goal("an OR gate: z > 0 for (0, 1), (1, 0) and (1, 1), not for (0, 0)", met="is_or"),
    ],
    predict=Predict(
        question="An exclusive or is 1 for (0, 1) and (1, 0), and 0 for (0, 0) and (1, 1). Can these sliders make one?",
        choices=("yes, with weights of opposite sign", "yes, with a negative bias", "no"),
        answer="xor_answer",
        reveal={"w1": 1.0, "w2": 1.0, "b": -0.5, "x1": 1.0, "x2": 1.0},
        outcome="Of {tried} settings of the sliders {and_count} make an AND, {or_count} an OR and {xor_count} an "
        "exclusive or: its ones and zeros lie on no two sides of a line.",
        holds=("w1", "w2", "b"),
    ),
)  # fmt: skip
def neuron_output(w1: float, w2: float, b: float, activation: str) -> dict[str, Any]:
    """z = w₁x₁ + w₂x₂ + b and a = φ(z) for every input on the sliders, and where z = 0."""
    x = np.stack(np.meshgrid(INPUTS, INPUTS, indexing="ij"), axis=-1)
    z = net_input(w1, w2, b, x)
    a = activate(activation, z)
    fires = net_input(w1, w2, b, CORNERS) > 0
    line1, line2 = border(w1, w2, b)
    side, low, high = positive_side(w1, w2, b)
    w = np.array([w1, w2])
    foot = -b * w / (w @ w) if w.any() else np.full(2, np.nan)
    inside = place_of_name(w, foot, b)
    zero, none = np.zeros_like(z), np.full_like(z, -1.2)
    return {
        "z": z, "a": a, "drop_z": np.stack([z, z, zero - 6], axis=-1), "drop_a": np.stack([none, a, a], axis=-1),
        "curve_z": CURVE, "curve_a": activate(activation, CURVE),
        "line1": line1, "line2": line2, "side": side, "low": low, "high": high,
        "foot1": foot[0], "foot2": foot[1], "tip1": foot[0] + w1 / 2, "tip2": foot[1] + w2 / 2,
        "inside1": inside[0], "inside2": inside[1],
        "corner1": CORNERS[:, 0], "corner2": CORNERS[:, 1],
        "is_and": (fires == GATES["AND"]).all(), "is_or": (fires == GATES["OR"]).all(),
        "verdict": _verdict(w1, w2, fires),
        "tried": len(WEIGHTS) ** 3, "and_count": how_many("AND"), "or_count": how_many("OR"),
        "xor_count": how_many("XOR"), "xor_answer": 2 if how_many("XOR") == 0 else 0,
    }  # fmt: skip
