"""Deep sigmoid networks started at random and started from pre-training without labels, when labels are few."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from nnlab import Network, data, fit
from nnlab.initializers import Initializer, he_normal, normal, xavier_normal
from nnlab.layers import Dense, ReLU, Sigmoid
from nnlab.layers.base import Layer
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import Momentum
from nnlab.rbm import DeepBeliefNetwork, pretrain
from nnlab.widgets import Axis, Bars, Choice, Goal, Line, Plot, Predict, explorer

WIDTH, DEEPEST = 48, 4
BATCH, STEPS, EVERY = 50, 600, 40
LABELS = {50: "50", 200: "200", 500: "500", 1437: "all 1,437"}
STARTS: dict[str, tuple[str, str, Initializer | None, type[Layer]]] = {
    "small": ("sigmoid, N(0, 0.01²)", "c2", partial(normal, std=0.01), Sigmoid),
    "xavier": ("sigmoid, Xavier", "c5", xavier_normal, Sigmoid),
    "pretrained": ("sigmoid, pre-trained", "c1", None, Sigmoid),
    "relu": ("ReLU, He", "c3", he_normal, ReLU),
}
NAMES = tuple(words for words, _, _, _ in STARTS.values())
COLORS = tuple(color for _, color, _, _ in STARTS.values())


@cache
def digits() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Training and test images in float64, and their labels."""
    (x, y), (x_test, y_test) = data.digits()
    return (x.astype(np.float64), y), (x_test.astype(np.float64), y_test)


@cache
def beliefs() -> DeepBeliefNetwork:
    """Four machines trained on top of each other on all images, no labels; each depth takes as many as it needs."""
    return pretrain([64] + [WIDTH] * DEEPEST, digits()[0][0], epochs=20, seed=0)


def network(start: str, depth: int) -> Network:
    """64 pixels, ``depth`` hidden layers of 48, 10 classes."""
    _, _, initializer, activation = STARTS[start]
    if initializer is None:
        layers = DeepBeliefNetwork(beliefs().rbms[:depth]).layers()
    else:
        fans = [64] + [WIDTH] * (depth - 1)
        layers = [part for fan_in in fans for part in (Dense(fan_in, WIDTH, initializer), activation())]
    return Network([*layers, Dense(WIDTH, 10, xavier_normal)], SoftmaxCrossEntropy(), seed=0, dtype="float64")


def train(start: str, depth: int, labels: int) -> tuple[np.ndarray, np.ndarray]:
    """Loss over the labelled images and test accuracy, before training and after every 40 of 600 steps."""
    (x, y), test = digits()
    x, y = x[:labels], y[:labels]
    net = network(start, depth)
    optimizer, rng = Momentum(lr=0.1), np.random.default_rng(0)
    losses, accuracies = [net.evaluate(x, y)[0]], [net.evaluate(*test)[1]]
    batch = min(BATCH, labels)
    while len(losses) <= STEPS // EVERY:
        rows = np.concatenate([rng.permutation(labels) for _ in range(-(-EVERY * batch // labels))])[: EVERY * batch]
        fit(net, optimizer, x[rows], y[rows], batch_size=batch, epochs=1)
        losses.append(net.evaluate(x, y)[0])
        accuracies.append(net.evaluate(*test)[1])
    return np.array(losses), np.array(accuracies)


def _verdict(final: dict[str, float]) -> str:
    gain = 100 * (final["pretrained"] - max(final["small"], final["xavier"]))
    beside = 100 * (final["pretrained"] - final["relu"])
    gained = (
        f"pre-training brings the sigmoids {gain:.0f} points above the better random start"
        if gain >= 2
        else f"pre-training leaves the sigmoids {-gain:.0f} points below the better random start"
        if gain <= -2
        else "pre-training makes no difference to speak of for the sigmoids"
    )
    modern = (
        f"it is {beside:.0f} points ahead of ReLUs with He's weights, which used no other images"
        if beside >= 2
        else f"ReLUs with He's weights, without any pre-training, are {-beside:.0f} points ahead of it"
        if beside <= -2
        else "ReLUs with He's weights do as well without it"
    )
    return f"{gained}; {modern}."


@explorer(
    name="pretraining",
    title="Pre-trained against a random start",
    controls={
        "labels": Choice("Labelled images", LABELS, initial=200),
        "depth": Choice("Hidden layers", (1, 2, 3, 4), initial=3),
    },
    panels=[
        [
            Plot(
                title="Test accuracy by step",
                height=250,
                weight=1.15,
                x=Axis(label="step", domain=(0, STEPS), ticks=(0, 150, 300, 450)),
                y=Axis(domain=(0, 1), ticks=(0, 0.25, 0.5, 0.75, 1)),
                marks=[Line("step", f"accuracy[{i}]", color=color) for i, color in enumerate(COLORS)],
            ),
            Bars(
                title="Test accuracy at the end",
                height=200,
                values="accuracy[:, -1]",
                labels=NAMES,
                format=".0%",
                axis=Axis(domain=(0, 1)),
                colors=COLORS,
            ),
        ],
        Plot(
            title="Training loss by step",
            height=180,
            x=Axis(label="step", domain=(0, STEPS), ticks=(0, 100, 200, 300, 400, 500, 600)),
            y=Axis(domain=(1e-4, 10), log=True, ticks=(1e-4, 1e-3, 1e-2, 0.1, 1, 10)),
            marks=[Line("step", f"loss[{i}]", color=color) for i, color in enumerate(COLORS)],
        ),
    ],
    describe=lambda s: (
        f"{s.labels:,} labelled images, {s.depth} hidden layer{'s' * (s.depth > 1)}. Test accuracy at the end: "
        f"{', '.join(f'{name} {100 * share:.0f}%' for name, share in zip(NAMES, s.accuracy[:, -1], strict=True))}. "
        f"So {s.verdict}"
    ),
    goals=[
        Goal("let pre-trained sigmoids beat the ReLUs by 3 points", met="ahead"),
        Goal("let the ReLUs beat pre-trained sigmoids by 2 points", met="behind"),
    ],
    predict=Predict(
        question="Only 50 labelled images, 3 hidden layers. Pre-training sees all 1,437 images, but no label. "
        "Which network is right most often on test images?",
        choices=("ReLUs with He's weights", "pre-trained sigmoids", "both about alike"),
        answer="guess",
        reveal={"labels": 50, "depth": 3},
        outcome="Pre-trained sigmoids: {accuracy[2, 15]:.0%}. ReLUs: {accuracy[3, 15]:.0%}. Sigmoids from Xavier's "
        "weights: {accuracy[1, 15]:.0%}.",
        holds=("labels", "depth"),
    ),
)
def pretraining(labels: int, depth: int) -> dict[str, Any]:
    """600 steps of momentum (rate 0.1, batches of 50) from four starts, on the first labelled digits."""
    runs = [train(start, depth, labels) for start in STARTS]
    accuracy = np.array([accuracies for _, accuracies in runs])
    final = dict(zip(STARTS, accuracy[:, -1].tolist(), strict=True))
    lead = final["pretrained"] - final["relu"]
    return {
        "step": np.arange(0, STEPS + 1, EVERY), "loss": np.array([losses for losses, _ in runs]), "accuracy": accuracy,
        "verdict": _verdict(final), "ahead": lead >= 0.03, "behind": lead <= -0.02,
        "guess": 1 if lead >= 0.02 else 0 if lead <= -0.02 else 2,
    }  # fmt: skip
