"""The variance of the net inputs from layer to layer: what theory says, and what networks of finite width do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from nnlab import Network
from nnlab.initializers import lecun_normal, zeros
from nnlab.layers import Dense, ReLU, Sigmoid, Tanh
from nnlab.layers.base import Layer
from nnlab.losses import MeanSquaredError
from nnlab.widgets import Area, Axis, Choice, Goal, Line, Plot, Points, Predict, Slider, explorer
from nnlab.widgets.initialization.deep import standardized_digits

DEPTH, IMAGES, DRAWS = 30, 50, 8
WIDTHS = (10, 40, 160)
KEPT = 2.0
ACTIVATIONS: dict[str, tuple[str, type[Layer] | None, Callable[[np.ndarray], np.ndarray]]] = {
    "linear": ("linear", None, lambda z: z),
    "tanh": ("tanh", Tanh, np.tanh),
    "relu": ("ReLU", ReLU, lambda z: np.maximum(z, 0)),
    "sigmoid": ("sigmoid", Sigmoid, lambda z: 0.5 * (1 + np.tanh(0.5 * z))),
}
WORDS = {name: words for name, (words, _, _) in ACTIVATIONS.items()}
MAP = np.geomspace(1e-3, 1e3, 61)


def images() -> np.ndarray:
    """The first 50 digits, standardized."""
    (x, _), _ = standardized_digits()
    return x[:IMAGES].astype(np.float64)


@cache
def nodes() -> tuple[np.ndarray, np.ndarray]:
    """Where a standard normal is sampled, and with which weights: Gauss–Hermite on either side of 0, 0 itself split.

    Splitting at 0 keeps ReLU's kink out of the way, which a rule over the whole line meets badly.
    """
    t, w = np.polynomial.legendre.leggauss(120)
    z = 6 * (t + 1)
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    return np.concatenate([-z, z]), np.tile(6 * w * density, 2)


def next_variance(q: np.ndarray | float, activation: str, gain: float) -> np.ndarray:
    """n_in·Var(W)·E[φ(z)²] with z ~ N(0, q), entry by entry of q."""
    z, weights = nodes()
    values = ACTIVATIONS[activation][2](np.sqrt(np.asarray(q, dtype=float))[..., None] * z)
    return gain * (values**2) @ weights


def theory(first: float, activation: str, gain: float) -> np.ndarray:
    """q₁ … q₃₀ from the first layer's, by the recursion."""
    q = [first]
    for _ in range(DEPTH - 1):
        q.append(float(next_variance(q[-1], activation, gain)))
    return np.array(q)


@cache
def draws(width: int) -> list[list[np.ndarray]]:
    """Weights N(0, 1/n_in) of the layers of eight networks, which every variance asked for only scales."""
    rng = np.random.default_rng(0)
    fans = [64] + [width] * (DEPTH - 1)
    return [[lecun_normal(rng, fan_in, width) for fan_in in fans] for _ in range(DRAWS)]


def measured(activation: str, gain: float, width: int) -> np.ndarray:
    """Mean square of the net inputs of every layer of networks drawn anew, (draws, layers)."""
    make = ACTIVATIONS[activation][1]
    dense = [Dense(64 if i == 0 else width, width, zeros) for i in range(DEPTH)]
    layers = [part for layer in dense for part in ((layer,) if make is None else (layer, make()))]
    net = Network(layers, MeanSquaredError(), seed=0, dtype="float64")
    rows = []
    for weights in draws(width):
        for layer, w in zip(dense, weights, strict=True):
            layer.W[...] = np.sqrt(gain) * w
        outputs = zip(layers, net.activations(images()), strict=True)
        rows.append([float(np.mean(z**2)) for layer, z in outputs if isinstance(layer, Dense)])
    return np.array(rows)


def _verdict(q: np.ndarray) -> str:
    ratio = q[-1] / q[0]
    if 1 / KEPT <= ratio <= KEPT:
        return f"keeps the variance within a factor of {KEPT:g} over {DEPTH} layers"
    settled = abs(q[-1] / q[-2] - 1) < 1e-3
    if settled:
        return f"brings the variance to {q[-1]:.3g}, where it stays"
    return f"lets the variance {'fall' if ratio < 1 else 'grow'} to {q[-1]:.3g}"


@explorer(
    name="variance-propagation",
    title="Variance through layers, theory against measured",
    controls={
        "gain": Slider("n_in·Var(W)", 0.25, 4.0, step=0.25, initial=1.0, format=".2f"),
        "activation": Choice("Activation", WORDS, initial="relu"),
        "width": Choice("Width n_in", WIDTHS, initial=40),
    },
    panels=[
        [
            Plot(
                title="Variance of the net inputs by layer",
                height=290,
                weight=1.25,
                x=Axis(label="layer", domain=(1, DEPTH), ticks=(1, 5, 10, 15, 20, 25, 30)),
                y=Axis(domain=(1e-15, 1e15), log=True, ticks=(1e-15, 1e-10, 1e-5, 1, 1e5, 1e10, 1e15)),
                marks=[
                    Area("layer", "low", "high", color="c1"),
                    Line("layer", "theory", color="c2", width=2, label="theory", label_at=0.5, label_dy=-22),
                    Points("layer", "middle", color="c1", size=3),
                ],
            ),
            Plot(
                title="From one layer to the next",
                height=290,
                x=Axis(label="variance in a layer", domain=(1e-3, 1e3), log=True, ticks=(1e-3, 0.1, 10, 1e3)),
                y=Axis(domain=(1e-3, 1e3), log=True, ticks=(1e-3, 0.1, 10, 1e3)),
                marks=[
                    Line("map", "map", color="muted", width=1, dash=True, label="kept", label_at=0.2, label_dy=-18),
                    Line("map", "mapped", color="c2", label="theory", label_at=0.72, label_dy=30),
                    Points("middle[:-1]", "middle[1:]", color="c1", size=3.5),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"{WORDS[s.activation]}, n_in·Var(W) = {s.gain:.2g}, width {s.width}. Theory {s.verdict}. "
        f"Measured on {DRAWS} networks, layer {DEPTH} has {s.middle[-1]:.3g} (the middle one; "
        f"from {s.low[-1]:.3g} to {s.high[-1]:.3g})."
    ),
    goals=[
        Goal("keep the variance of 30 ReLU layers within a factor of 2, in theory and measured", met="kept")
    ],
    predict=Predict(
        question="30 ReLU layers with Var(W) = 1/n_in, which keeps the variance of linear layers. How much is left?",
        choices=("all of it", "about a thirtieth", "about a billionth"),
        answer="guess",
        reveal={"gain": 1.0, "activation": "relu", "width": 40},
        outcome="From layer 1 to layer 30 the variance goes from {theory[0]:.2g} to {theory[29]:.1e}: "
        "each ReLU drops half of it.",
        holds=("gain", "activation"),
    ),
)  # fmt: skip
def variance_propagation(gain: float, activation: str, width: int) -> dict[str, Any]:
    """Digits through 30 layers, each weight N(0, gain/n_in): mean square of z, and q ← gain·E[φ(√q·N(0, 1))²]."""
    found = measured(activation, gain, width)
    q = theory(gain * float(np.mean(images() ** 2)), activation, gain)
    middle = np.median(found, axis=0)
    ratios = (q[-1] / q[0], middle[-1] / middle[0])
    return {
        "layer": np.arange(1, DEPTH + 1), "theory": q, "middle": middle,
        "low": found.min(axis=0), "high": found.max(axis=0),
        "map": MAP, "mapped": next_variance(MAP, activation, gain), "verdict": _verdict(q),
        "kept": activation == "relu" and all(1 / KEPT <= r <= KEPT for r in ratios),
        "guess": 0 if ratios[0] > 0.5 else 1 if ratios[0] > 1e-3 else 2,
    }  # fmt: skip
