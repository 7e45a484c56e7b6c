"""Rare features: one learning rate for all weights against a rate for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from nnlab import Network, data, fit
from nnlab.initializers import zeros
from nnlab.layers import Dense
from nnlab.losses import BinaryCrossEntropy
from nnlab.optimizers import SGD, AdaGrad, Adam, Optimizer, RMSProp
from nnlab.widgets import Axis, Choice, Goal, Label, Line, LogSlider, Plot, Points, Rule, explorer

N, TESTS, FEATURES, BATCH = 600, 1000, 60, 10
COMMON, RARE = slice(0, 10), slice(-10, None)
FEATURE = np.arange(1, FEATURES + 1)
# beside each rule, the state array whose root divides its learning rate
RULES: dict[str, tuple[Callable[[float], Optimizer], str]] = {
    "SGD": (SGD, ""),
    "AdaGrad": (AdaGrad, "squares"),
    "RMSProp": (RMSProp, "squares"),
    "Adam": (Adam, "v"),
}
RATES = LogSlider("Learning rate lr", 0.01, 10, per_decade=3, initial=1.0)
FREQUENCIES = {0.5: "½ · 1/√j", 1.0: "½ · 1/j", 1.5: "½ · 1/j^1.5"}


class Trained(NamedTuple):
    """What one training left: a weight a feature in its true direction, its rate over lr, accuracy on new examples."""

    weights: np.ndarray
    rates: np.ndarray
    accuracy: float


@cache
def examples(exponent: float) -> tuple[np.ndarray, np.ndarray]:
    """Sparse features whose frequency falls as a power of their number, and 0/1 labels (N + tests, 1)."""
    x, y = data.sparse_features(N + TESTS, FEATURES, exponent=exponent, seed=0)
    return x, y[:, None].astype(float)


def true_signs() -> np.ndarray:
    """The ±1 each feature counts for in the labels: what sparse_features draws first from its seed."""
    return np.random.default_rng(0).choice([-1.0, 1.0], FEATURES)


@cache
def train(rule: str, lr: float, exponent: float, epochs: int) -> Trained:
    """Logistic regression from zero weights, in mini-batches of 10. A weight without a gradient yet has rate NaN."""
    x, y = examples(exponent)
    make, divides = RULES[rule]
    optimizer = make(lr)
    net = Network([Dense(FEATURES, 1, initializer=zeros)], loss=BinaryCrossEntropy(), seed=0, dtype="float64")
    fit(net, optimizer, x[:N], y[:N], batch_size=BATCH, epochs=epochs, seed=0)
    squares = np.array(optimizer.state[divides][0][:, 0]) if divides else np.ones(FEATURES)
    return Trained(
        net.layers[0].W[:, 0] * true_signs(),
        np.where(squares > 0, 1 / np.sqrt(squares), np.nan),
        net.evaluate(x[N:], y[N:])[1],
    )


def _share(run: Trained) -> float:
    """How long the ten rarest features' weights are on average, as a share of the ten commonest's."""
    return float(run.weights[RARE].mean() / run.weights[COMMON].mean())


def _verdict(chosen: Trained, best: float, best_sgd: float, rate_sgd: float, rule: str) -> str:
    return (
        f"On new examples {rule} is right in {100 * chosen.accuracy:.1f}%, at its best rate in {100 * best:.1f}%; "
        f"SGD's best is {100 * best_sgd:.1f}%, at lr {rate_sgd:.2g}."
    )


@explorer(
    name="adagrad-sparse",
    title="Rare features and a rate for each weight",
    controls={
        "rule": Choice("Optimizer beside SGD", list(RULES)[1:]),
        "lr": RATES,
        "exponent": Choice("How often feature j is on", FREQUENCIES, initial=1.0),
        "epochs": Choice("Epochs", {1: "1", 2: "2", 5: "5"}, initial=2),
    },
    panels=[
        [
            Plot(
                title="Rate of a weight, feature 1 = 1",
                height=240,
                margin_right=70,
                x=Axis(label="feature, common to rare", domain=(0, FEATURES + 1)),
                y=Axis(domain=(0.3, 100), log=True, ticks=(0.3, 1, 3, 10, 30, 100)),
                marks=[
                    Line("feature", "rarity", color="muted", width=1.5, dash=True),
                    Label(1, 65, "dashed: 1/√(how often it is on)", color="muted", anchor="start"),
                    Line([1, FEATURES], [1, 1], color="c2", label="SGD"),
                    Points("feature", "rate", color="c1", size=3.5, label="{rule}", label_dx=9, label_dy=0),
                ],
            ),
            Plot(
                title="Weight learned, mean of the first ten = 1",
                height=240,
                margin_right=70,
                x=Axis(label="feature, common to rare", domain=(0, FEATURES + 1)),
                y=Axis(domain=(-1, 2), ticks=(-1, 0, 1, 2)),
                marks=[
                    Rule(y=1),
                    Label(1, 1.75, "the true weights are all alike", color="muted", anchor="start"),
                    Rule(y=0, dash=False),
                    Points("feature", "plain", color="c2", size=3.5),
                    Points("feature", "weight", color="c1", size=3.5),
                    Line("middle", "plain_tens", color="c2", width=2.5, label="SGD"),
                    Line("middle", "weight_tens", color="c1", width=2.5, label="{rule}"),
                ],
            ),
        ],
        Plot(
            title="Accuracy on new examples, by learning rate",
            height=190,
            drag_x="lr",
            x=Axis(label="learning rate lr", domain=(0.01, 10), log=True, ticks=(0.01, 0.1, 1, 10)),
            y=Axis(domain=(0.5, 1), ticks=(0.5, 0.6, 0.7, 0.8, 0.9, 1)),
            marks=[
                Line("rates", "plain_curve", color="c2", label="SGD", label_at=0.55, label_dy=24),
                Line("rates", "curve", color="c1", label="{rule}", label_at=0.45, label_dy=-16),
                Points("lr", "plain_accuracy", color="c2", size=6),
                Points("lr", "accuracy", color="c1", size=6),
            ],
        ),
    ],
    describe=lambda s: (
        f"Frequency {FREQUENCIES[s.exponent]}, learning rate {s.lr:.2g}, {s.epochs} epoch{'s' * (s.epochs > 1)}: all "
        f"features tell alike, yet the ten rarest end with weights {100 * s.plain_share:.0f}% as long as the ten "
        f"commonest by SGD, {100 * s.share:.0f}% by {s.rule}. {s.verdict}"
    ),
    goals=[
        Goal("find where SGD beats AdaGrad at the same learning rate", met="beaten"),
    ],
)  # fmt: skip
def adagrad_sparse(rule: str, lr: float, exponent: float, epochs: int) -> dict[str, Any]:
    """Logistic regression on sparse features whose true weights are all ±1, by SGD and by another rule."""
    chosen, plain = train(rule, lr, exponent, epochs), train("SGD", lr, exponent, epochs)
    curve, plain_curve = (
        np.array([train(name, rate, exponent, epochs).accuracy for rate in RATES.values]) for name in (rule, "SGD")
    )
    often = examples(exponent)[0][:N].mean(axis=0)
    weight, other = (run.weights / run.weights[COMMON].mean() for run in (chosen, plain))
    return {
        "feature": FEATURE, "rarity": np.sqrt(0.5 / (0.5 * FEATURE**-exponent)), "often": often,
        "rate": chosen.rates / chosen.rates[0],
        "weight": weight, "plain": other, "middle": FEATURE.reshape(6, 10).mean(axis=1),
        "weight_tens": weight.reshape(6, 10).mean(axis=1), "plain_tens": other.reshape(6, 10).mean(axis=1),
        "share": _share(chosen), "plain_share": _share(plain),
        "rates": RATES.values, "curve": curve, "plain_curve": plain_curve,
        "accuracy": chosen.accuracy, "plain_accuracy": plain.accuracy,
        "verdict": _verdict(chosen, curve.max(), plain_curve.max(), RATES.values[int(plain_curve.argmax())], rule),
        "beaten": rule == "AdaGrad" and plain.accuracy > chosen.accuracy,
    }  # fmt: skip
