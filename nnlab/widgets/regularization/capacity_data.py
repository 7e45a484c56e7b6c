"""Capacity against data: the same networks with few and with many examples, training and test error side by side."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network, data
from nnlab.layers import Dense, Tanh
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import Adam
from nnlab.widgets import Axis, Choice, Goal, Line, Plot, Points, Predict, Rule, explorer

WIDTHS = (1, 2, 4, 8, 16, 32, 64)
SIZES = (8, 16, 32, 64, 128, 256)
NOISES = (0.4, 0.2)
PERIODS = 1.5
STEPS = 1200
GRID = np.linspace(-1, 1, 81)
Split = tuple[np.ndarray, np.ndarray]


@cache
def examples(noise: float) -> tuple[Split, Split]:
    """256 training examples, of which smaller sets take the first ones, and 2,000 test examples."""
    return data.noisy_sine(max(SIZES), noise, PERIODS, seed=3), data.noisy_sine(2000, noise, PERIODS, seed=4)


@cache
def train(width: int, n: int, noise: float) -> Network:
    """A 1-width-width-1 network after 1200 full-batch steps of Adam."""
    layers = [Dense(1, width), Tanh(), Dense(width, width), Tanh(), Dense(width, 1)]
    net, optimizer = Network(layers, loss=MeanSquaredError(), seed=1, dtype="float64"), Adam(0.01)
    (x, y), _ = examples(noise)
    x, y = net.batch(x[:n], y[:n])
    for _ in range(STEPS):
        net.step_gradients(x, y)
        optimizer.step(net.parameters, net.gradients)
    return net


@cache
def errors(width: int, n: int, noise: float) -> tuple[float, float]:
    """Root mean squared error on the training examples and on the test examples."""
    (x, y), test = examples(noise)
    net = train(width, n, noise)
    return net.evaluate(x[:n], y[:n])[0] ** 0.5, net.evaluate(*test)[0] ** 0.5


@cache
def table(noise: float) -> np.ndarray:
    """Both errors of every network: (widths, sizes, 2)."""
    return np.array([[errors(width, n, noise) for n in SIZES] for width in WIDTHS])


def words(s: Any) -> str:
    """Which side the error comes from: too little capacity, or too few examples for it."""
    parameters = s.width * s.width + 4 * s.width + 1
    gap = s.tested / s.trained
    if s.trained > 1.4 * s.noise:
        verdict = "It underfits: even the training error is far above the noise, and more examples do not help."
    elif gap > 1.5:
        verdict = (
            f"It overfits: the training error is below the noise, and the test error is {gap:.2g} times as large. "
            f"With {s.enough} examples the same network comes within a tenth of the noise."
            if s.enough
            else f"It overfits: the training error is below the noise, and the test error is {gap:.2g} times as large."
        )
    else:
        verdict = "Both errors are near the noise, which no network can get below on new examples."
    return (
        f"Width {s.width} ({parameters:,} parameters), {s.n} examples, noise {s.noise:g}: training error "
        f"{s.trained:.3g}, test error {s.tested:.3g}. {verdict}"
    )


@explorer(
    name="capacity-data",
    title="Capacity against the number of examples",
    controls={
        "width": Choice("Units in each hidden layer", WIDTHS, initial=32),
        "n": Choice("Training examples", SIZES, initial=16),
        "noise": Choice("Noise of the targets", NOISES),
    },
    panels=[
        Plot(
            title="The fit",
            height=230,
            x=Axis(label="x", domain=(-1, 1), ticks=(-1, 0, 1)),
            y=Axis(domain=(-2.4, 2.4), ticks=(-2, -1, 0, 1, 2)),
            marks=[
                Line("grid", "sine", color="muted", dash=True, width=1.5, label="rule", label_at=0.03, label_dy=-14),
                Line("grid", "fitted", color="c1", width=2.5),
                Points("x", "y", color="ink", size=3, opacity=0.7),
            ],
        ),
        [
            Plot(
                title="By width, {n} examples",
                height=200,
                margin_right=70,
                x=Axis(label="units in each hidden layer", domain=(1, 64), log=True, ticks=WIDTHS),
                y=Axis(domain=(0, 1.4), ticks=(0, 0.5, 1)),
                marks=[
                    Rule(y="noise"),
                    Line("widths", "by_width[:, 0]", color="c1", label="training", label_dy=10),
                    Line("widths", "by_width[:, 1]", color="c2", label="test", label_dy=-10),
                    Points("width", "trained", color="c1", size=5.5),
                    Points("width", "tested", color="c2", size=5.5),
                ],
            ),
            Plot(
                title="By examples, width {width}",
                height=200,
                margin_right=70,
                x=Axis(label="training examples", domain=(8, 256), log=True, ticks=SIZES),
                y=Axis(domain=(0, 1.4), ticks=(0, 0.5, 1)),
                marks=[
                    Rule(y="noise", label="noise", label_dy=16),
                    Line("sizes", "by_size[:, 0]", color="c1", label="training", label_dy=10),
                    Line("sizes", "by_size[:, 1]", color="c2", label="test", label_dy=-10),
                    Points("n", "trained", color="c1", size=5.5),
                    Points("n", "tested", color="c2", size=5.5),
                ],
            ),
        ],
    ],
    describe=words,
    goals=[Goal("with 32 examples and noise 0.4, bring the test error to its least", met="least")],
    predict=Predict(
        question="32 units overfit 16 examples. Keep the network and take 256 examples. What happens to the errors?",
        choices=("both fall", "training rises, test falls, and they meet", "the gap stays"),
        answer="guess",
        reveal={"width": 32, "n": 256, "noise": 0.4},
        outcome="From 16 to 256 examples: training {by_size[1, 0]:.2f} to {by_size[5, 0]:.2f}, "
        "test {by_size[1, 1]:.2f} to {by_size[5, 1]:.2f}.",
        holds=("n",),
    ),
)  # fmt: skip
def capacity_data(width: int, n: int, noise: float) -> dict[str, Any]:
    """Networks of seven widths trained on 8 to 256 noisy points of a sine; errors are root mean squares."""
    both = table(noise)
    at, size = WIDTHS.index(width), SIZES.index(n)
    x, y = examples(noise)[0]
    trained, tested = both[at, size]
    enough = [s for s, (_, test) in zip(SIZES, both[at], strict=True) if test < 1.1 * noise]
    first, last = both[at, 1], both[at, -1]
    meet = last[1] < 1.2 * last[0]
    return {
        "grid": GRID, "fitted": train(width, n, noise).forward(GRID[:, None])[:, 0],
        "sine": np.sin(np.pi * PERIODS * GRID), "x": x[:n, 0], "y": y[:n, 0],
        "widths": WIDTHS, "sizes": SIZES, "by_width": both[:, size], "by_size": both[at],
        "trained": trained, "tested": tested, "enough": enough[0] if enough else 0,
        "least": n == 32 and noise == 0.4 and tested == both[:, size, 1].min(),
        "guess": 1 if meet and last[0] > first[0] else 0 if meet else 2,
    }  # fmt: skip
