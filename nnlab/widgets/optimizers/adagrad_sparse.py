"""Rare features: one learning rate for all weights against AdaGrad's rate for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from nnlab import Network, data, fit
from nnlab.initializers import zeros
from nnlab.layers import Dense
from nnlab.losses import BinaryCrossEntropy
from nnlab.optimizers import SGD, AdaGrad, Adam, Optimizer, RMSProp
from nnlab.widgets import Axis, Choice, Goal, Line, LogSlider, Plot, Points, explorer

N, TESTS, FEATURES = 600, 1000, 60
RULES: dict[str, tuple[str, Callable[[float], Optimizer]]] = {
    "sgd": ("SGD", SGD),
    "adagrad": ("AdaGrad", AdaGrad),
    "rmsprop": ("RMSProp", RMSProp),
    "adam": ("Adam", Adam),
}
FREQUENCIES = {0.5: "½ · 1/√j", 1.0: "½ · 1/j", 1.5: "½ · 1/j^1.5"}
EPOCHS = (1, 2, 5)


@cache
def examples(exponent: float) -> tuple[np.ndarray, np.ndarray]:
    """Sparse features whose frequency falls as a power of their number, and 0/1 labels (N + tests, 1)."""
    x, y = data.sparse_features(N + TESTS, FEATURES, exponent=exponent, seed=0)
    return x, y[:, None].astype(float)


def true_signs() -> np.ndarray:
    """The ±1 each feature counts for in the labels: what sparse_features draws first from its seed."""
    return np.random.default_rng(0).choice([-1.0, 1.0], FEATURES)


@explorer(
    name="adagrad-sparse",
    title="Rare features and a rate for each weight",
    controls={
        "rule": Choice("Optimizer", {name: label for name, (label, _) in RULES.items()}, initial="sgd"),
        "lr": LogSlider("Learning rate lr", 0.01, 3.2, per_decade=2, initial=0.1),
        "exponent": Choice("Frequency of feature j", FREQUENCIES, initial=1.0),
        "epochs": Choice("Epochs", {n: str(n) for n in EPOCHS}, initial=2),
    },
    panels=[
        [
            Plot(
                title="How often a feature is on",
                height=240,
                x=Axis(label="feature, common to rare", domain=(0, FEATURES + 1)),
                y=Axis(domain=(0.001, 1), log=True, ticks=(0.001, 0.01, 0.1, 1)),
                marks=[Points("feature", "often", color="muted", size=3)],
            ),
            Plot(
                title="Weight learned, in the true direction",
                height=240,
                weight=1.3,
                x=Axis(label="feature, common to rare", domain=(0, FEATURES + 1)),
                y=Axis(domain=("low", "high")),
                marks=[
                    Line([0, FEATURES + 1], [0, 0], color="muted", width=1),
                    Points("feature", "learned", color="c1", size=4),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"{RULES[s.rule][0]}, learning rate {s.lr:.2g}, {s.epochs} epoch{'s' * (s.epochs > 1)}, frequency {s.called}: "
        f"the ten rarest features' weights are on average {s.rare:.2g} long in the right direction, the ten commonest "
        f"{s.common:.2g}: {s.share} Accuracy on new examples: {100 * s.accuracy:.1f} %."
    ),
    goals=[Goal("with frequencies ½ · 1/j, bring the rare weights to half the common ones in 2 epochs", met="fair")],
)  # fmt: skip
def adagrad_sparse(rule: str, lr: float, exponent: float, epochs: int) -> dict[str, Any]:
    """Logistic regression on sparse features whose true weights are all ±1, trained in mini-batches of 10."""
    x, y = examples(exponent)
    net = Network([Dense(FEATURES, 1, initializer=zeros)], loss=BinaryCrossEntropy(), seed=0, dtype="float64")
    fit(net, RULES[rule][1](lr), x[:N], y[:N], batch_size=10, epochs=epochs, seed=0)
    learned = net.layers[0].W[:, 0] * true_signs()
    rare, common = float(learned[-10:].mean()), float(learned[:10].mean())
    return {
        "feature": np.arange(1, FEATURES + 1), "often": x.mean(axis=0), "learned": learned,
        "rare": rare, "common": common, "low": min(-1, 1.1 * learned.min()), "high": max(3, 1.1 * learned.max()),
        "share": f"a share of {100 * rare / common:.0f} %." if common > 0 else "the common ones are not learned.",
        "called": FREQUENCIES[exponent],
        "accuracy": net.evaluate(x[N:], y[N:])[1],
        "fair": exponent == 1 and epochs == 2 and common > 0.1 and rare >= 0.5 * common,
    }  # fmt: skip
