"""Early stopping: where to stop by the validation loss, what patience is for, and the L2 penalty a stop resembles."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network, fit
from nnlab.initializers import zeros
from nnlab.layers import Dense
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import SGD
from nnlab.training import EarlyStopping, History
from nnlab.widgets import Axis, Choice, Goal, Label, Line, Plot, Points, Predict, Rule, Slider, explorer

FEATURES, TRAIN, VALIDATION = 24, 32, 60
EPOCHS, EVERY = 200, 2
STOPS = np.arange(EVERY, EPOCHS + 1, EVERY)
PATIENCE = (1, 3, 10, 30)
RATES = {4: 0.05, TRAIN: 0.3}
Split = tuple[np.ndarray, np.ndarray]


@cache
def examples(noise: float) -> tuple[Split, Split]:
    """Training and validation examples of a linear rule, centred; the features' scales fall from 1 to 0.25."""
    rng = np.random.default_rng(2)
    rule = rng.choice([-1.0, 1.0], FEATURES) * rng.uniform(0.5, 1, FEATURES)
    x = rng.normal(size=(TRAIN + VALIDATION, FEATURES)) * np.geomspace(1, 0.25, FEATURES)
    y = (x @ rule + rng.normal(0, noise, len(x)))[:, None]
    x, y = x - x[:TRAIN].mean(axis=0), y - y[:TRAIN].mean()
    return (x[:TRAIN], y[:TRAIN]), (x[TRAIN:], y[TRAIN:])


def train(noise: float, batch: int, callbacks: list[Any]) -> History:
    """Up to 200 epochs of mini-batches from weights 0."""
    layer = Dense(FEATURES, 1, initializer=zeros)
    net = Network([layer], loss=MeanSquaredError(), seed=0, dtype="float64")
    data, validation = examples(noise)
    return fit(
        net,
        SGD(RATES[batch]),
        *data,
        batch_size=batch,
        epochs=EPOCHS,
        validation=validation,
        callbacks=callbacks,
        seed=0,
    )


@cache
def run(noise: float, batch: int) -> tuple[History, np.ndarray]:
    """The whole training, and the weights and bias (100, 25) at every stop."""
    kept: list[np.ndarray] = []

    def keep(network: Network, history: History) -> None:
        if history.epochs % EVERY == 0:
            kept.append(np.array(network.flat_parameters))

    return train(noise, batch, [keep]), np.array(kept)


@cache
def patient(noise: float, batch: int) -> np.ndarray:
    """For every patience the epoch that training ends after, and the one whose weights it keeps: (4, 2)."""
    found = []
    for patience in PATIENCE:
        watch = EarlyStopping(patience)
        found.append((train(noise, batch, [watch]).epochs, watch.best_epoch + 1))
    return np.array(found)


def ridge(noise: float, lam: float) -> np.ndarray:
    """The weights (24,) of the least MSE + lam·Σw², solved for; the bias of centred examples is 0."""
    (x, y), _ = examples(noise)
    return np.linalg.solve(x.T @ x / TRAIN + lam * np.eye(FEATURES), x.T @ y[:, 0] / TRAIN)


@cache
def directions() -> tuple[np.ndarray, np.ndarray]:
    """Directions in which the training inputs do not covary: the variances (24,), and the directions as columns."""
    (x, _), _ = examples(1.0)
    return np.linalg.eigh(x.T @ x / TRAIN)


def validation_loss(noise: float, weights: np.ndarray) -> np.ndarray:
    """The loss on the validation examples for each row of ``weights``."""
    _, (x, y) = examples(noise)
    return ((weights @ x.T - y[:, 0]) ** 2).mean(axis=-1)


def words(s: Any) -> str:
    """Where the validation loss was least, and what patience made of it."""
    how = f"all {TRAIN} examples a step" if s.batch == TRAIN else f"{s.batch} examples a step"
    return (
        f"Noise {s.noise:g}, {how}. Stopped after epoch {{stop}}: training loss {{loss[stop]:.3g}}, validation "
        f"loss {{checked[stop]:.3g}}. It was least, {s.lowest:.3g}, after epoch {s.best}; at the end {s.last:.3g}. "
        "Patience {patience} ends the training after epoch {ended[patience]:d} and keeps epoch {kept[patience]:d}"
        "{short[patience]}. L2 with λ = {lam[stop]:.2g} has weights {apart[stop]:.0%} of their length away from these "
        "and a validation loss of {penalized[stop]:.3g}."
    )


@explorer(
    name="early-stopping",
    title="When to stop, and what stopping resembles",
    controls={
        "stop": Slider("Stop after epoch", EVERY, EPOCHS, step=EVERY, initial=120),
        "patience": Choice("Patience, in epochs", PATIENCE, initial=10),
        "noise": Choice("Noise of the targets", (0.5, 1.0, 1.5), initial=1.0),
        "batch": Choice("Examples a step", {4: "4", TRAIN: f"{TRAIN} (all)"}),
    },
    panels=[
        Plot(
            title="Loss by epoch",
            height=240,
            drag_x="stop",
            margin_right=86,
            x=Axis(label="epoch", domain=(0, EPOCHS), ticks=(0, 50, 100, 150, 200)),
            y=Axis(domain=(0, "top")),
            marks=[
                Rule(x="ended[patience]", color="c4", label="patience {patience} ends", label_dy=16),
                Rule(x="stop", color="ink", label="your stop"),
                Line("epoch", "every_loss", color="c1", label="training"),
                Line("epoch", "every_check", color="c2", label="validation"),
                Points("best", "lowest", color="c3", size=6, label="least", label_dy=16),
                Points("kept[patience]", "kept_loss[patience]", color="c4", size=5),
                Points("stop", "checked[stop]", color="ink", size=4.5),
            ],
        ),
        [
            Plot(
                title="The 24 weights at your stop",
                height=230,
                x=Axis(label="weight, by the scale of its feature", domain=(-0.8, FEATURES + 0.2), ticks=()),
                y=Axis(domain=(-4.8, 4.8), ticks=(-4, -2, 0, 2, 4)),
                marks=[
                    Rule(y=0, dash=False),
                    Points("number", "fitted", color="muted", size=2.5, opacity=0.7),
                    Points("number", "weights[stop]", color="c1", size=5),
                    Points("number", "shrunk[stop]", color="c5", size=3.5),
                    Label(0, 4.1, "● stopped", color="c1", anchor="start"),
                    Label(8, 4.1, "● L2", color="c5", anchor="start"),
                    Label(12.5, 4.1, "● never stopped", color="muted", anchor="start"),
                ],
            ),
            Plot(
                title="How far each direction has come",
                height=230,
                x=Axis(label="variance of inputs along it", domain=(0.001, 4), log=True, ticks=(0.001, 0.01, 0.1, 1)),
                y=Axis(domain=(-0.1, 1.3), ticks=(0, 0.5, 1)),
                marks=[
                    Line("curve", "descent[stop]", color="c1", width=1.5, label="stopped", label_at=0.62, label_dy=-16),
                    Line("curve", "filter[stop]", color="c5", width=1.5, label="L2", label_at=0.72, label_dy=20),
                    Points("variance", "share[stop]", color="c1", size=4),
                ],
            ),
        ],
    ],
    describe=words,
    goals=[Goal("find a patience that keeps weights over 5% worse than the best ones", met="early[patience]")],
    predict=Predict(
        question="Train on to epoch 200. What does the validation loss do after its lowest point?",
        choices=("it keeps falling", "it stays level", "it rises"),
        answer="guess",
        reveal={"stop": EPOCHS},
        outcome="Least {lowest:.3g} after epoch {best}, and {last:.3g} after epoch 200.",
        holds=("stop",),
    ),
)  # fmt: skip
def early_stopping(noise: float, batch: int) -> dict[str, Any]:
    """24 weights trained on 32 examples from 0, and for every stop the L2 solution with λ = 1/(2·lr·updates)."""
    history, parameters = run(noise, batch)
    loss, check = np.array(history.loss), np.array(history.validation_loss)
    ended, kept = patient(noise, batch).T
    early = check[kept - 1] > 1.05 * check.min()
    updates = STOPS * (TRAIN // batch)
    lam = 1 / (2 * RATES[batch] * updates)
    shrunk, fitted = np.array([ridge(noise, value) for value in lam]), ridge(noise, 0.0)
    weights = parameters[:, :-1]
    variance, basis = directions()
    curve = np.geomspace(0.001, 4, 41)
    return {
        "epoch": np.arange(1, EPOCHS + 1), "every_loss": loss, "every_check": check, "top": 2 * check.min(),
        "loss": loss[STOPS - 1], "checked": check[STOPS - 1], "best": int(check.argmin()) + 1, "lowest": check.min(),
        "last": check[-1], "ended": ended, "kept": kept, "kept_loss": check[kept - 1],
        "early": early, "short": [", too early" if wrong else "" for wrong in early],
        "number": np.arange(FEATURES), "weights": weights, "shrunk": shrunk, "fitted": fitted,
        "apart": np.linalg.norm(weights - shrunk, axis=1) / np.linalg.norm(weights, axis=1),
        "lam": lam, "penalized": validation_loss(noise, shrunk),
        "variance": variance, "share": (weights @ basis) / (fitted @ basis), "curve": curve,
        "descent": 1 - (1 - 2 * RATES[batch] * curve) ** updates[:, None], "filter": curve / (curve + lam[:, None]),
        "guess": 2 if check[-1] > 1.02 * check.min() else 1 if check[-1] > check.min() else 0,
    }  # fmt: skip
