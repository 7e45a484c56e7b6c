"""Width and depth on a target curve: pieces and error of trained networks, and weights set by hand beside them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network
from nnlab.layers import Dense, ReLU, Tanh
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import Adam
from nnlab.widgets import Axis, Choice, Goal, Line, Plot, Points, Predict, explorer

WIDTHS = (1, 2, 4, 8, 16, 32)
DEPTHS = (1, 2, 3, 4)
STEPS, STARTS, RATE = 800, 3, 0.02
X = np.linspace(-1, 1, 101)
FINE = np.linspace(-1, 1, 8001)
MOST_KINKS = 60
ACTIVATIONS = {"relu": ReLU, "tanh": Tanh}
TARGETS = {
    "wave": lambda x: 0.8 * np.sin(3 * np.pi * x),
    "step": lambda x: 0.8 * np.sign(np.sin(1.5 * np.pi * x)),
    "zigzag": lambda x: 2 * np.abs(2 * ((2 * x) % 1) - 1) - 1,
}


def build(depth: int, width: int, activation: str, seed: int) -> Network:
    """1-width-…-width-1; biases start spread out, so that the units bend at different places."""
    rng = np.random.default_rng(seed)
    layers: list[Any] = []
    for i in range(depth):
        spread = 1.5 if i == 0 else 0.5
        layers += [Dense(width if i else 1, width, bias=rng.uniform(-spread, spread, width)), ACTIVATIONS[activation]()]
    return Network([*layers, Dense(width, 1)], loss=MeanSquaredError(), seed=seed, dtype="float64")


@cache
def train(depth: int, width: int, activation: str, target: str) -> tuple[Network, float]:
    """The best of three trainings on 101 points of the target, and its root mean squared error there."""
    best: tuple[Network, float] | None = None
    for seed in range(STARTS):
        net, optimizer = build(depth, width, activation, seed), Adam(RATE)
        x, y = net.batch(X[:, None], TARGETS[target](X)[:, None])
        for step in range(STEPS):
            optimizer.lr = RATE * (1 - step / STEPS)
            net.step_gradients(x, y)
            optimizer.step(net.parameters, net.gradients)
        error = float(net.evaluate(x, y)[0] ** 0.5)
        if best is None or error < best[1]:
            best = net, error
    assert best is not None
    return best


def set_by_hand(width: int, activation: str, target: str) -> Network:
    """One hidden layer whose weights are written down, not learned.

    ReLU: each unit bends the curve at one of equally spaced places, so that it runs through the target there. Tanh:
    each unit, with steep weights, is a step up or down to the target's next level.
    """
    net = build(1, width, activation, 0)
    hidden, _, out = net.layers
    knots = np.linspace(-1, 1, width + 1)
    levels = TARGETS[target](knots)
    if activation == "relu":
        slopes = np.diff(levels) / np.diff(knots)
        hidden.W[:], hidden.b[:] = 1.0, -knots[:-1]
        out.W[:, 0], out.b[:] = np.diff(slopes, prepend=0.0), levels[0]
    else:
        steep = 40.0 * width
        hidden.W[:], hidden.b[:] = steep, -steep * (knots[:-1] + knots[1:]) / 2
        out.W[:, 0] = np.diff(levels) / 2
        out.b[:] = (levels[0] + levels[-1]) / 2
    return net


def kinks(net: Network) -> np.ndarray:
    """The places in (−1, 1) where the slope of a ReLU network changes.

    Where units turn on or off the slope may change; on the stretches between it is constant.
    """
    outputs = net.activations(FINE[:, None])
    on = np.hstack([signal > 0 for signal in outputs[1:-1:2]])
    value = outputs[-1][:, 0]
    ends = np.flatnonzero((on[1:] != on[:-1]).any(axis=1))
    starts, stops = np.concatenate([[0], ends + 1]), np.concatenate([ends, [len(FINE) - 1]])
    long = stops > starts  # a stretch of one sample has no slope to measure
    starts, stops = starts[long], stops[long]
    slopes = (value[stops] - value[starts]) / (FINE[stops] - FINE[starts])
    changed = ~np.isclose(slopes[1:], slopes[:-1], rtol=1e-6, atol=1e-9)
    return FINE[starts[1:][changed]]


def _padded(places: np.ndarray) -> np.ndarray:
    return np.concatenate([places, np.full(MOST_KINKS, np.nan)])[:MOST_KINKS]


def _words(depth: int, width: int, error: float, by_hand: float, pieces: int) -> str:
    layers = f"{depth} hidden layer{'s' * (depth > 1)} of {width} unit{'s' * (width > 1)}"
    bent = f", {pieces} straight piece{'s' * (pieces != 1)}" if pieces else ""
    if depth > 1:
        beside = "One hidden layer of as many units, set by hand, "
    else:
        beside = "The same network with weights set by hand "
    return f"{layers}{bent}: error {error:.2g}. {beside}has {by_hand:.2g}"


@explorer(
    name="target-curve",
    title="Width, depth and a target curve",
    controls={
        "width": Choice("Units in each hidden layer", WIDTHS, initial=8),
        "depth": Choice("Hidden layers", DEPTHS, initial=2),
        "activation": Choice("Activation", {"relu": "ReLU", "tanh": "tanh"}),
        "target": Choice("Target", {name: name for name in TARGETS}),
    },
    panels=[
        Plot(
            title="The network and its target",
            height=240,
            x=Axis(label="x", domain=(-1, 1), ticks=(-1, 0, 1)),
            y=Axis(domain=(-1.4, 1.4), ticks=(-1, 0, 1)),
            marks=[
                Line("x", "goal", color="muted", width=1.5, dash=True, label="target", label_at=0.25, label_dy=-16),
                Line("x", "fits[depth, width]", color="c2", width=2.5),
                Points("kinks_x[depth, width]", "kinks_y[depth, width]", color="c2", size=4),
            ],
        ),
        [
            Plot(
                title="Error by width",
                height=230,
                margin_right=58,
                x=Axis(label="units in each hidden layer", domain=(1, 32), log=True, ticks=WIDTHS),
                y=Axis(domain=(0.001, 1), log=True, ticks=(0.001, 0.01, 0.1, 1)),
                marks=[
                    Line("widths", "by_hand", color="muted", dash=True, width=1.5, label="by hand", label_at=0.8,
                         label_dy=-16),
                    Line("widths", "errors", labels=("1 layer", "2", "3", "4")),
                    Points("width", "errors[depth, width]", color="ink", size=5.5),
                ],
            ),
            Plot(
                title="Error by number of parameters",
                height=230,
                margin_right=58,
                x=Axis(label="parameters", domain=(4, 3300), log=True, ticks=(10, 100, 1000)),
                y=Axis(domain=(0.001, 1), log=True, ticks=(0.001, 0.01, 0.1, 1)),
                marks=[
                    Line("parameters", "errors", labels=("1 layer", "2", "3", "4")),
                    Points("parameters[depth, width]", "errors[depth, width]", color="ink", size=5.5),
                ],
            ),
        ],
    ],
    describe="{words[depth, width]} (root mean squares). Best of three trainings.",
    goals=[Goal("get an error below 0.05 with fewer than 100 parameters", met="thrifty[depth, width]")],
    predict=Predict(
        question="The wave, ReLU, one hidden layer of 32 units: weights set by hand err by 0.018. And trained ones?",
        choices=("about the same", "several times as much", "they err less"),
        answer="guess",
        reveal={"width": 32, "depth": 1, "activation": "relu", "target": "wave"},
        outcome="By hand {by_hand[5]:.2g}, trained {errors[0, 5]:.2g}.",
        holds=("depth",),
    ),
)  # fmt: skip
def target_curve(activation: str, target: str) -> dict[str, Any]:
    """Networks of six widths and four depths trained on a curve, and one hidden layer with weights set by hand."""
    shape = len(DEPTHS), len(WIDTHS)
    errors, parameters = np.empty(shape), np.empty(shape)
    fits, bends = np.empty((*shape, len(X))), np.empty((2, *shape, MOST_KINKS))
    pieces = np.zeros(shape, dtype=int)
    for i, depth in enumerate(DEPTHS):
        for j, width in enumerate(WIDTHS):
            net, errors[i, j] = train(depth, width, activation, target)
            parameters[i, j] = net.flat_parameters.size
            fits[i, j] = net.forward(X[:, None])[:, 0]
            places = kinks(net) if activation == "relu" else np.array([])
            pieces[i, j] = len(places) + 1 if activation == "relu" else 0
            bends[0, i, j] = _padded(places)
            bends[1, i, j] = _padded(net.forward(places[:, None])[:, 0] if len(places) else places)
    goal = TARGETS[target](X)
    hands = [set_by_hand(width, activation, target).evaluate(X[:, None], goal[:, None])[0] ** 0.5 for width in WIDTHS]
    ratio = errors[0, -1] / hands[-1]
    return {
        "x": X, "goal": goal, "fits": fits, "kinks_x": bends[0], "kinks_y": bends[1],
        "widths": WIDTHS, "errors": errors, "parameters": parameters, "by_hand": hands,
        "words": [
            [_words(d, w, errors[i, j], hands[j], int(pieces[i, j])) for j, w in enumerate(WIDTHS)]
            for i, d in enumerate(DEPTHS)
        ],
        "thrifty": (errors < 0.05) & (parameters < 100),
        "guess": 1 if ratio > 2 else 2 if ratio < 0.8 else 0,
    }  # fmt: skip
