"""The gradient on its way back through time in a recurrent layer, by the spectral radius of W_rec."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab.initializers import orthogonal
from nnlab.layers import RNN
from nnlab.widgets import Area, Axis, Choice, Goal, Line, Plot, Points, Predict, Slider, explorer

UNITS, STEPS, SEQUENCES = 40, 60, 32
KINDS = {"orthogonal": "orthogonal", "random": "random, N(0, 1)"}
INPUTS = {0.0: "0: tanh stays linear", 0.3: "0.3", 2.0: "2"}
KEPT = 3.0
CIRCLE = np.linspace(0, 2 * np.pi, 73)


@cache
def unit_matrix(kind: str) -> np.ndarray:
    """A (40, 40) matrix of spectral radius 1."""
    rng = np.random.default_rng(0)
    w = orthogonal(rng, UNITS, UNITS) if kind == "orthogonal" else rng.normal(size=(UNITS, UNITS))
    return w / np.abs(np.linalg.eigvals(w)).max()


def backward_norms(w_rec: np.ndarray, size: float) -> tuple[np.ndarray, float]:
    """‖∂L/∂h_t‖ from the last step back to the first, (steps, sequences), and the mean slope 1 − h² of tanh.

    The inputs are N(0, size²), and ∂L/∂h_T has norm 1 and a direction of its own for every sequence.
    """
    rng = np.random.default_rng(1)
    layer = RNN(1, UNITS).initialize(0)
    layer.W_rec[...] = w_rec
    layer.forward(size * rng.normal(size=(SEQUENCES, STEPS, 1)))
    direction = rng.normal(size=(SEQUENCES, UNITS))
    layer.backward(direction / np.linalg.norm(direction, axis=1, keepdims=True))
    norms = np.linalg.norm(layer.state_gradients, axis=2)[::-1]
    return norms, float(np.mean(1 - layer.states[1:] ** 2))


def _verdict(middle: np.ndarray, radius: float, slope: float) -> str:
    left, power = middle[-1], radius ** (STEPS - 1)
    if 1 / KEPT <= left <= KEPT:
        fate = f"keeps its size ({left:.3g})"
    elif left < 1:
        fate = f"{'vanishes' if left < 0.01 else 'shrinks'} to {left:.3g}"
    else:
        fate = f"{'explodes' if left > 100 else 'grows'} to {left:.3g}"
    text = f"The gradient {fate} over {STEPS - 1} steps back; ρ to the power {STEPS - 1} is {power:.3g}."
    if slope > 0.999:
        return text
    return text + f" Each step also multiplies by the slopes of tanh, {slope:.2f} on average."


@explorer(
    name="recurrent-norms",
    title="A gradient back through time",
    controls={
        "radius": Slider("Spectral radius ρ of W_rec", 0.7, 1.5, step=0.05, initial=0.85, format=".2f"),
        "size": Choice("Size of the inputs", INPUTS, initial=0.3),
        "kind": Choice("W_rec before scaling", KINDS),
    },
    panels=[
        [
            Plot(
                title="Size of ∂L/∂h, by steps back from the end",
                height=300,
                weight=1.4,
                margin_right=16,
                x=Axis(label="steps back", domain=(0, STEPS - 1), ticks=(0, 10, 20, 30, 40, 50)),
                y=Axis(domain=(1e-12, 1e12), log=True, ticks=(1e-12, 1e-8, 1e-4, 1, 1e4, 1e8, 1e12)),
                marks=[
                    Line("back", "power", color="c2", dash=True, label="ρᵏ", label_at=0.75, label_dy=-18),
                    Area("back", "low", "high", color="c1"),
                    Line("back", "middle", color="c1", label="measured", label_at=0.6, label_dy=22),
                ],
            ),
            Plot(
                title="Eigenvalues of W_rec",
                height=262,
                narrow_height=336,
                x=Axis(domain=(-1.7, 1.7), ticks=(-1, 0, 1)),
                y=Axis(domain=(-1.7, 1.7), ticks=(-1, 0, 1)),
                marks=[
                    Line("circle1", "circle2", color="muted", dash=True, width=1.5),
                    Points("real", "imaginary", color="c2", size=3.5),
                ],
            ),
        ],
    ],
    describe=lambda s: f"Spectral radius {s.radius:.2f}, W_rec {KINDS[s.kind]}, inputs of size {s.size:g}. {s.verdict}",
    goals=[Goal("with inputs of size 2, bring the gradient through all steps within a factor of 3", met="kept")],
    predict=Predict(
        question="W_rec is orthogonal times 1.3, and the inputs have size 2. What is left after 59 steps back?",
        choices=("over a million times as large", "about as large as it was", "less than a tenth of what it was"),
        answer="guess",
        reveal={"radius": 1.3, "size": 2.0, "kind": "orthogonal"},
        outcome="1.3⁵⁹ is {power[59]:.2g}, but saturated units pass little: {middle[59]:.2g} is left.",
        holds=("radius", "size"),
    ),
)
def recurrent_norms(radius: float, size: float, kind: str) -> dict[str, Any]:
    """60 steps of a recurrent layer of 40 tanh units, on 32 sequences; the gradient of a loss of the last state."""
    w = radius * unit_matrix(kind)
    norms, slope = backward_norms(w, size)
    low, middle, high = np.quantile(norms, [0.1, 0.5, 0.9], axis=1)
    eigenvalues = np.linalg.eigvals(w)
    return {
        "back": np.arange(STEPS), "low": low, "middle": middle, "high": high, "power": radius ** np.arange(STEPS),
        "real": eigenvalues.real, "imaginary": eigenvalues.imag, "circle1": np.cos(CIRCLE), "circle2": np.sin(CIRCLE),
        "verdict": _verdict(middle, radius, slope),
        "kept": size == 2 and middle.min() > 1 / KEPT and middle.max() < KEPT,
        "guess": 0 if middle[-1] > 1e6 else 2 if middle[-1] < 0.1 else 1,
    }  # fmt: skip
