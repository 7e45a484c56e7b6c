"""The scale of the weights: tanh is nearly linear for small ones and steps for large ones; ReLUs that are all on."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network
from nnlab.layers import Dense, ReLU, Tanh
from nnlab.losses import MeanSquaredError
from nnlab.widgets import Axis, Choice, Goal, Line, LogSlider, Plot, Points, Predict, explorer

UNITS = 12
X = np.linspace(-1, 1, 201)
SCALES = LogSlider("All weights times", 0.01, 100.0, per_decade=6, initial=0.1)
SEEN = slice(0, None, 25)
REACH = 4.0
ACTIVATIONS = {"tanh": Tanh, "relu": ReLU}


@cache
def drawn(activation: str, depth: int) -> Network:
    """1-12-…-12-1 with random weights and biases."""
    rng = np.random.default_rng(2)
    layers: list[Any] = []
    for i in range(depth):
        layers += [Dense(UNITS if i else 1, UNITS, bias=rng.uniform(-1, 1, UNITS)), ACTIVATIONS[activation]()]
    return Network([*layers, Dense(UNITS, 1)], loss=MeanSquaredError(), seed=2, dtype="float64")


def scaled(activation: str, depth: int, added: float, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """The curve (201,) with weights and biases times ``scale`` and ``added`` to the hidden biases.

    And what comes into the hidden units, (201, 12·depth).
    """
    net = drawn(activation, depth)
    before = net.flat_parameters.copy()
    net.flat_parameters[:] *= scale
    for layer in net.layers[:-1:2]:
        assert isinstance(layer, Dense)
        layer.b += added
    outputs = net.activations(X[:, None])
    net.flat_parameters[:] = before
    return outputs[-1][:, 0], np.hstack(outputs[:-1:2])


def straight(curve: np.ndarray) -> np.ndarray:
    """The line of least squares through a curve over X, whose mean is 0."""
    return curve.mean() + (X @ curve) / (X @ X) * X


def bend(curve: np.ndarray) -> float:
    """What no line can follow, as a share of the curve's own variation (standard deviations); 0 for a constant."""
    spread = curve.std()
    return float((curve - straight(curve)).std() / spread) if spread > 1e-12 * np.abs(curve).max() else 0.0


@cache
def bends(activation: str, depth: int, added: float) -> np.ndarray:
    """``bend`` at every scale of the slider."""
    return np.array([bend(scaled(activation, depth, added, scale)[0]) for scale in SCALES.values])


def words(s: Any) -> str:
    """What the units do at this scale, and what that makes of the curve."""
    name = "ReLU" if s.activation == "relu" else "tanh"
    start = f"{name}, {s.depth} hidden layer{'s' * (s.depth > 1)}, weights times {s.scale:.2g}, biases + {s.added:g}: "
    if s.activation == "tanh":
        units = f"{100 * s.middle:.0f}% of the units' inputs are within ±0.5, {100 * s.ends:.0f}% beyond ±2. "
        verdict = (
            "Each unit's inputs vary so little that its tanh is nearly straight." if s.bend < 0.05 and s.ends < 0.5
            else "Saturated units are nearly constant, not linear: the curve is made of steps." if s.ends > 0.8
            else "The units bend, and so does the curve."
        )  # fmt: skip
    else:
        units = f"{s.on} of {UNITS * s.depth} units are on for every x, {s.off} off for every x, {s.switching} switch. "
        verdict = (
            "No unit switches, so the network is exactly linear here." if s.switching == 0
            else "Where a unit switches the line may bend: linear between those places, piecewise linear overall."
        )  # fmt: skip
    share = "less than 10⁻⁹" if s.bend < 1e-9 else f"{s.bend:.2g}"
    return f"{start}{units}{verdict} The best straight line misses {share} of the curve's variation."


@explorer(
    name="shrink-to-linear",
    title="When a network is nearly linear",
    controls={
        "scale": SCALES,
        "activation": Choice("Activation", {"tanh": "tanh", "relu": "ReLU"}),
        "depth": Choice("Hidden layers", (1, 3)),
        "added": Choice("Added to every hidden bias", (0.0, 1.0)),
    },
    panels=[
        [
            Plot(
                title="The curve, stretched to full height",
                height=240,
                x=Axis(label="x", domain=(-1, 1), ticks=(-1, 0, 1)),
                y=Axis(domain=(-1.25, 1.25), ticks=(), grid=False),
                marks=[
                    Line("x", "line", color="muted", dash=True, width=1.5, label="best line", label_at=0.85,
                         label_dy=18),
                    Line("x", "curve", color="c1", width=2.5, label="network", label_at=0.18, label_dy=-16),
                ],
            ),
            Plot(
                title="Where its units work",
                height=240,
                x=Axis(label="input of a hidden unit", domain=(-REACH, REACH), ticks=(-4, -2, 0, 2, 4)),
                y=Axis(domain=(-1.15, "top")),
                marks=[
                    Line("inputs", "outputs", color="muted", width=1.5),
                    Points("z", "a", color="c2", size=3, opacity=0.5),
                ],
            ),
        ],
        Plot(
            title="What the best line misses, by scale",
            height=180,
            drag_x="scale",
            x=Axis(label="all weights times", domain=(0.01, 100), log=True, ticks=(0.01, 0.1, 1, 10, 100)),
            y=Axis(domain=(1e-5, 1), log=True, ticks=(1e-5, 1e-4, 1e-3, 0.01, 0.1, 1)),
            marks=[
                Line("scales", "bends", color="c1"),
                Points("scale", "shown", color="c1", size=6),
            ],
        ),
    ],
    describe=words,
    goals=[Goal("make a ReLU network exactly linear on all of [−1, 1]", met="linear")],
    predict=Predict(
        question="One hidden layer of ReLUs. All weights and biases shrink a hundredfold. Its curve is then …",
        choices=("nearly straight", "of the same shape, only lower", "constant"),
        answer="guess",
        reveal={"activation": "relu", "scale": 0.01, "depth": 1, "added": 0.0},
        outcome="The best line misses {bends[24]:.3g} of the variation at scale 100, and {bends[0]:.3g} at 0.01.",
        holds=("activation",),
    ),
)  # fmt: skip
def shrink_to_linear(scale: float, activation: str, depth: int, added: float) -> dict[str, Any]:
    """A random network with all weights and biases multiplied by one number, beside its best straight line."""
    curve, z = scaled(activation, depth, added, scale)
    line, share = straight(curve), bends(activation, depth, added)
    at = bend(curve)
    height = np.abs(curve - curve.mean()).max() or 1.0
    inputs = np.linspace(-REACH, REACH, 81)
    unit = np.tanh if activation == "tanh" else lambda value: np.maximum(value, 0)
    seen = np.clip(z[SEEN], -REACH, REACH).ravel()
    on, off = (z > 0).all(axis=0), (z <= 0).all(axis=0)
    small, big = float(share[0]), float(share[-1])
    return {
        "x": X, "curve": (curve - curve.mean()) / height, "line": (line - curve.mean()) / height,
        "inputs": inputs, "outputs": unit(inputs), "z": seen, "a": unit(seen),
        "top": 1.15 if activation == "tanh" else 4.2, "scales": SCALES.values, "bends": share, "shown": at, "bend": at,
        "middle": (np.abs(z) < 0.5).mean(), "ends": (np.abs(z) > 2).mean(),
        "on": int(on.sum()), "off": int(off.sum()), "switching": int((~on & ~off).sum()),
        "linear": activation == "relu" and at < 1e-9 and np.ptp(curve) > 0,
        "guess": 1 if np.isclose(small, big, rtol=1e-3) else 0,
    }  # fmt: skip
