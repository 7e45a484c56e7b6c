"""How many hidden layers: the error in every fold, its mean and standard error, and two rules that choose by them."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network, data
from nnlab.layers import Dense, Tanh
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import Adam
from nnlab.widgets import Axis, Choice, Label, Line, Plot, Points, Predict, Rule, Slider, Toggle, explorer

DEPTHS = (0, 1, 2, 3, 4, 5)
FOLDS, STEPS = 5, 800
NOISE, PERIODS = 0.3, 2.5
GRID = np.linspace(-1, 1, 81)
Split = tuple[np.ndarray, np.ndarray]


@cache
def examples(n: int) -> tuple[Split, Split]:
    """n examples to choose and train with, and 2,000 new ones."""
    return data.noisy_sine(n, NOISE, PERIODS, seed=5), data.noisy_sine(2000, NOISE, PERIODS, seed=9)


def train(depth: int, width: int, x: np.ndarray, y: np.ndarray) -> Network:
    """A tanh network after 800 full-batch steps of Adam; depth 0 is a straight line."""
    layers: list[Any] = []
    for i in range(depth):
        layers += [Dense(width if i else 1, width), Tanh()]
    net = Network([*layers, Dense(width if depth else 1, 1)], loss=MeanSquaredError(), seed=0, dtype="float64")
    optimizer = Adam(0.01)
    x, y = net.batch(x, y)
    for _ in range(STEPS):
        net.step_gradients(x, y)
        optimizer.step(net.parameters, net.gradients)
    return net


def error(net: Network, x: np.ndarray, y: np.ndarray) -> float:
    """Root mean squared error."""
    return float(net.evaluate(x, y)[0] ** 0.5)


@cache
def truth(n: int, width: int) -> np.ndarray:
    """For every depth the error on 2,000 new examples of a network trained on all n."""
    train_set, new = examples(n)
    return np.array([error(train(depth, width, *train_set), *new) for depth in DEPTHS])


def one_standard_error(mean: np.ndarray, deviation: np.ndarray) -> int:
    """The first candidate, simplest first, whose mean is within the best one's standard error of it."""
    best = int(np.argmin(mean))
    return int(np.argmax(mean <= mean[best] + deviation[best]))


def _layers(count: int) -> str:
    return f"{count} hidden layer{'s' * (count != 1)}"


def words(s: Any) -> str:
    """What each rule chooses."""
    best = f"The least mean is {s.mean[s.best]:.3f} ± {s.deviation[s.best]:.3f}, with {_layers(s.best)}. "
    if s.simple == s.best:
        rule = "No simpler one is within a standard error, so the rule chooses the same. "
    else:
        rule = f"Within one standard error of it the simplest has {_layers(s.simple)}. "
    return (
        f"{s.n} examples, width {s.width}, split {s.split}. {best}{rule}{{told[new]}}"
        "Drawn: five networks with {depth} hidden, mean error {mean[depth]:.3f}."
    )


def on_new_examples(best: int, simple: int, fresh: np.ndarray) -> str:
    """What the choices turn out to be worth."""
    chosen = f"they have errors of {fresh[best]:.3f} and {fresh[simple]:.3f}"
    if simple == best:
        chosen = f"it has an error of {fresh[best]:.3f}"
    return f"On new examples {chosen}; the least there is {fresh.min():.3f}, with {_layers(int(fresh.argmin()))}. "


@explorer(
    name="cross-validation",
    title="Choosing the depth by cross-validation",
    controls={
        "depth": Slider("Hidden layers of the networks shown", 0, 5, step=1, initial=3),
        "n": Choice("Examples", (40, 120)),
        "width": Choice("Units in each hidden layer", (8, 3)),
        "split": Choice("Split into folds", {1: "first", 2: "second", 3: "third"}),
        "new": Toggle("Show the error on 2,000 new examples"),
    },
    panels=[
        [
            Plot(
                title="Error in each of five folds",
                height=290,
                weight=1.25,
                drag_x="depth",
                x=Axis(label="hidden layers", domain=(-0.4, 5.6), ticks=DEPTHS),
                y=Axis(domain=(0.15, 1.1), ticks=(0.2, 0.4, 0.6, 0.8, 1)),
                marks=[
                    Rule(y="bar", color="c4"),
                    Label(5.5, 1.04, "dashed: least mean + 1 standard error", color="c4", anchor="end"),
                    Points("fold_x", "fold_y", color="muted", size=2.5, opacity=0.7),
                    Line("bars_x", "bars_y", color="c1", width=3),
                    Points("depths", "mean", color="c1", size=4.5),
                    Line("depths", "fresh", color="c3", dash=True, width=1.5, when="new"),
                    Points("depths", "fresh", color="c3", size=4, hollow=True, when="new", label="new", label_dx=9,
                           label_dy=0),
                    Points("best", "mean[best]", color="c1", size=7, label="least", label_dy=28),
                    Points("simple", "mean[simple]", color="c4", size=7, label="one-SE rule", label_dy=-42),
                ],
            ),
            Plot(
                title="The five networks with {depth} hidden",
                height=290,
                x=Axis(label="x", domain=(-1, 1), ticks=(-1, 0, 1)),
                y=Axis(domain=(-2.2, 2.2), ticks=(-2, -1, 0, 1, 2)),
                marks=[
                    Line("grid", "rule", color="muted", width=1.5, dash=True),
                    Line("grid", "fits[depth]", color="c1", width=1.25, opacity=0.8),
                    Points("x", "y", color="ink", size=2.5, opacity=0.6),
                ],
            ),
        ],
    ],
    describe=words,
    predict=Predict(
        question="Three hidden layers have the least mean error over the folds. Which depth is best on new examples?",
        choices=("a smaller one", "three", "a larger one"),
        answer="guess",
        reveal={"n": 40, "width": 8, "split": 1, "new": True},
        outcome="On new examples: {fresh[1]:.3f} with one hidden layer, {fresh[3]:.3f} with three.",
        holds=("new",),
    ),
)  # fmt: skip
def cross_validation(n: int, width: int, split: int) -> dict[str, Any]:
    """Tanh networks of 0 to 5 hidden layers on a noisy sine, each trained five times without one fold."""
    (x, y), _ = examples(n)
    errors, fits = np.empty((len(DEPTHS), FOLDS)), np.empty((len(DEPTHS), FOLDS, len(GRID)))
    for k, (kept, held) in enumerate(data.k_fold(n, FOLDS, np.random.default_rng(split - 1))):
        for depth in DEPTHS:
            net = train(depth, width, x[kept], y[kept])
            errors[depth, k] = error(net, x[held], y[held])
            fits[depth, k] = net.forward(GRID[:, None])[:, 0]
    mean, deviation = errors.mean(axis=1), errors.std(axis=1, ddof=1) / np.sqrt(FOLDS)
    best, fresh = int(np.argmin(mean)), truth(n, width)
    ends = np.stack([mean - deviation, mean + deviation, np.full(len(DEPTHS), np.nan)], axis=1)
    return {
        "depths": DEPTHS, "mean": mean, "deviation": deviation, "best": best,
        "simple": one_standard_error(mean, deviation), "bar": mean[best] + deviation[best],
        "fold_x": (np.array(DEPTHS)[:, None] + np.linspace(0.12, 0.28, FOLDS)).ravel(), "fold_y": errors.ravel(),
        "bars_x": np.repeat(DEPTHS, 3), "bars_y": ends.ravel(), "fresh": fresh,
        "grid": GRID, "fits": fits, "rule": np.sin(np.pi * PERIODS * GRID), "x": x[:, 0], "y": y[:, 0],
        "told": ["", on_new_examples(best, one_standard_error(mean, deviation), fresh)],
        "guess": int(np.sign(fresh.argmin() - best)) + 1,
    }  # fmt: skip
