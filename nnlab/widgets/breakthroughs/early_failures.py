"""Why deep networks failed for so long: labels, activation, initial weights and steps, in every combination."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import numpy as np

from nnlab import Network, data
from nnlab.initializers import Initializer, he_normal, normal, xavier_normal
from nnlab.layers import Dense, ReLU, Sigmoid
from nnlab.layers.base import Layer
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import Momentum
from nnlab.widgets import Axis, Choice, Goal, Line, Plot, Points, Predict, Rule, Table, explorer

WIDTH, BATCH = 48, 50
STEPS = (10, 30, 100, 300, 1000, 3000)
LABELS = (50, 200, 1437)
ACTIVATIONS: dict[str, tuple[str, type[Layer], Initializer]] = {
    "sigmoid": ("sigmoid", Sigmoid, xavier_normal), "relu": ("ReLU", ReLU, he_normal),
}  # fmt: skip
WEIGHTS = {"small": "N(0, 0.01²)", "scaled": "scaled to fan-in"}
SETUPS = [
    "sigmoid, N(0, 0.01²)", "sigmoid, Xavier", "ReLU, N(0, 0.01²)", "ReLU, He",
]  # fmt: skip
# the corner of the 1990s: 200 labels, sigmoid, small weights, 100 steps; and what each change of one thing leads to
CORNER = (0, 0, 1, 2)
CHANGES = {
    "all 1,437 labels": (0, 0, 2, 2),
    "ReLU": (1, 0, 1, 2),
    "scaled weights": (0, 1, 1, 2),
    "30 times the steps": (0, 0, 1, 5),
}
MODERN = (1, 1, 2, 5)


def train(activation: str, weights: str, labels: int, depth: int) -> list[float]:
    """Test accuracy after each of ``STEPS`` steps of momentum on the first ``labels`` digits."""
    (x, y), (x_test, y_test) = data.digits()
    x, y, x_test = x[:labels].astype(np.float64), y[:labels], x_test.astype(np.float64)
    _, make, scaled = ACTIVATIONS[activation]
    initializer = scaled if weights == "scaled" else partial(normal, std=0.01)
    fans = [64] + [WIDTH] * (depth - 1)
    layers = [part for fan_in in fans for part in (Dense(fan_in, WIDTH, initializer), make())]
    net = Network([*layers, Dense(WIDTH, 10, initializer)], SoftmaxCrossEntropy(), seed=0, dtype="float64")
    optimizer, rng, accuracies, step = Momentum(lr=0.1), np.random.default_rng(0), [], 0
    while step < STEPS[-1]:
        for rows in data.minibatches(labels, BATCH, rng):
            net.loss_and_gradients(x[rows], y[rows])
            optimizer.step(net.parameters, net.gradients)
            step += 1
            if step in STEPS:
                accuracies.append(net.evaluate(x_test, y_test)[1])
            if step == STEPS[-1]:
                break
    return accuracies


def _verdict(accuracy: np.ndarray) -> str:
    alone = ", ".join(f"{name} {100 * accuracy[place]:.0f}%" for name, place in CHANGES.items())
    return (
        f"The set-up of the 1990s (200 labels, sigmoid, N(0, 0.01²), 100 steps) gets {100 * accuracy[CORNER]:.0f}%; "
        f"with one thing changed: {alone}; with all four: {100 * accuracy[MODERN]:.0f}%."
    )


@explorer(
    name="early-failures",
    title="Labels, activation, weights, steps: what a deep network lacked",
    controls={
        "steps": Choice("Training steps", STEPS, initial=100),
        "labels": Choice("Labelled images", {n: f"{n:,}" for n in LABELS}, initial=200),
        "activation": Choice("Activation", {name: words for name, (words, _, _) in ACTIVATIONS.items()}),
        "weights": Choice("Initial weights", WEIGHTS),
        "depth": Choice("Hidden layers", (1, 3, 4), initial=3),
    },
    panels=[
        [
            Plot(
                title="Test accuracy by training steps",
                height=250,
                x=Axis(label="steps", domain=(10, 3000), log=True, ticks=(10, 100, 1000)),
                y=Axis(domain=(0, 1), ticks=(0, 0.25, 0.5, 0.75, 1)),
                marks=[
                    Line("step", "others", color="muted", width=1, opacity=0.45),
                    Rule(x="steps"),
                    Rule(y=0.1, label="a guess"),
                    Line("step", "accuracy[activation, weights, labels]", color="c1", width=3),
                    Points("steps", "accuracy[activation, weights, labels, steps]", color="c1", size=7),
                ],
            ),
            Table(
                title="Right after {steps} steps, by labels",
                height=190,
                columns=("", *(f"{n:,}" for n in LABELS)),
                rows=[
                    (name, *(f"{{accuracy[{i // 2}, {i % 2}, {k}, steps]:.0%}}" for k in range(len(LABELS))))
                    for i, name in enumerate(SETUPS)
                ],
                highlight="row[activation, weights]",
            ),
        ],
    ],
    describe=lambda s: (
        f"{s.depth} hidden layer{'s' * (s.depth > 1)}; "
        "{labels} labels, {activation}, {weights}, {steps} steps: "
        "{accuracy[activation, weights, labels, steps]:.0%} of the test images are right. "
        f"{s.verdict}"
    ),
    goals=[
        Goal("with 200 labels, get over 80% right within 100 steps", met="good[activation, weights, labels, steps]"),
    ],
    predict=Predict(
        question="3 hidden layers, sigmoids, N(0, 0.01²), 200 labels, 100 steps: no better than a guess. "
        "You may change one thing only. Which helps most?",
        choices=(*CHANGES, "none of them does"),
        answer="guess",
        reveal={"depth": 3, "steps": 3000, "labels": 1437, "activation": "relu", "weights": "scaled"},
        outcome="{verdict}",
        holds=("activation", "weights", "labels", "steps"),
    ),
)
def early_failures(depth: int) -> dict[str, Any]:
    """Momentum (rate 0.1, batches of 50) on the digits in twelve combinations, looked at after 10 to 3,000 steps."""
    shape = (len(ACTIVATIONS), len(WEIGHTS), len(LABELS), len(STEPS))
    runs = [train(a, w, n, depth) for a, w, n in itertools.product(ACTIVATIONS, WEIGHTS, LABELS)]
    accuracy = np.array(runs).reshape(shape)
    gains = [accuracy[place] - accuracy[CORNER] for place in CHANGES.values()]
    good = np.zeros(shape, int)
    good[:, :, 1, :3] = accuracy[:, :, 1, :3] > 0.8
    return {
        "step": np.array(STEPS), "accuracy": accuracy, "others": accuracy.reshape(-1, len(STEPS)),
        "row": np.arange(4).reshape(2, 2), "verdict": _verdict(accuracy), "good": good,
        "guess": int(np.argmax(gains)) if max(gains) > 0.05 else len(CHANGES),
    }  # fmt: skip
