"""The same deep network trained from five kinds of initial weights: their loss curves side by side."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from nnlab import fit
from nnlab.optimizers import SGD
from nnlab.widgets import Axis, Bars, Choice, Goal, Line, LogSlider, Plot, Predict, Rule, explorer
from nnlab.widgets.initialization.deep import (
    ACTIVATION_WORDS,
    SCHEME_WORDS,
    SCHEMES,
    deep_network,
    standardized_digits,
)

WIDTH, BATCH, EPOCHS = 40, 64, 10
GUESS = float(np.log(10))
LEARNED = 0.5
NAMES = tuple(SCHEME_WORDS.values())
COLORS = ("c1", "c2", "c3", "c4", "c5")


def train(scheme: str, activation: str, depth: int, lr: float) -> np.ndarray:
    """The mean loss over the digits before training, then over the mini-batches of each epoch; NaN once diverged."""
    (x, y), _ = standardized_digits()
    net = deep_network(scheme, activation, depth, WIDTH)
    losses = np.full(EPOCHS + 1, np.nan)
    losses[0] = net.evaluate(x, y)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a run diverges is what the figure shows
        run = fit(net, SGD(lr=lr), x, y, batch_size=BATCH, epochs=EPOCHS).loss
    losses[1 : 1 + len(run)] = run
    return np.where(np.isfinite(losses), losses, np.nan)


def _verdict(final: np.ndarray) -> str:
    learned = [i for i in np.argsort(final) if final[i] < LEARNED]
    stuck = [NAMES[i] for i in range(len(NAMES)) if abs(final[i] - GUESS) < 0.05]
    lost = [NAMES[i] for i in range(len(NAMES)) if np.isnan(final[i])]
    text = (
        f"{len(learned)} of {len(NAMES)} get below a loss of {LEARNED:g}; the lowest is "
        f"{NAMES[learned[0]]}, {final[learned[0]]:.2g}."
        if learned
        else f"None gets below a loss of {LEARNED:g}."
    )
    text += f" No better than a guess: {', '.join(stuck)}." if stuck else ""
    return text + (f" Diverged: {', '.join(lost)}." if lost else "")


@explorer(
    name="scheme-losses",
    title="Training from five kinds of initial weights",
    controls={
        "activation": Choice("Activation", ACTIVATION_WORDS, initial="relu"),
        "depth": Choice("Hidden layers", (2, 5, 10, 20), initial=10),
        "lr": LogSlider("Learning rate", 0.032, 0.32, per_decade=2, initial=0.1),
    },
    panels=[
        [
            Plot(
                title="Training loss by epoch",
                height=260,
                weight=1.2,
                x=Axis(label="epoch", domain=(0, EPOCHS), ticks=(0, 2, 4, 6, 8)),
                y=Axis(domain=(0.003, 30), log=True, ticks=(0.01, 0.1, 1, 10)),
                marks=[
                    Rule(y=GUESS, label="a guess, ln 10"),
                    *(Line("epoch", f"loss[{i}]", color=color) for i, color in enumerate(COLORS)),
                ],
            ),
            Bars(
                title="Loss in epoch 10",
                height=230,
                values="loss[:, -1]",
                labels=NAMES,
                format=".2g",
                axis=Axis(log=True, domain=(0.001, 100)),
                colors=COLORS,
            ),
        ],
    ],
    describe=lambda s: (
        f"{s.depth} hidden layers of {WIDTH} {ACTIVATION_WORDS[s.activation]} units on the digits, SGD, learning rate "
        f"{s.lr:.2g}. {s.verdict}"
    ),
    goals=[Goal("let N(0, 1) end lower than Xavier and He", met="large_wins")],
    predict=Predict(
        question="10 hidden layers of sigmoid units, learning rate 0.1. Which initial weights let the network learn?",
        choices=("Xavier and He alone", "all but N(0, 0.01²)", "N(0, 1), which all books warn of", "none at all"),
        answer="guess",
        reveal={"activation": "sigmoid", "depth": 10, "lr": 0.1},
        outcome="{verdict}",
        holds=("activation", "depth"),
    ),
)
def scheme_losses(activation: str, depth: int, lr: float) -> dict[str, Any]:
    """10 epochs of SGD on the digits in mini-batches of 64, from each scheme's initial weights."""
    loss = np.array([train(scheme, activation, depth, lr) for scheme in SCHEMES])
    final = dict(zip(SCHEMES, np.where(np.isnan(loss[:, -1]), np.inf, loss[:, -1]), strict=True))
    moved = {scheme: value < GUESS - 0.1 for scheme, value in final.items()}
    return {
        "epoch": np.arange(EPOCHS + 1), "loss": loss, "verdict": _verdict(loss[:, -1]),
        "large_wins": final["large"] < min(final["xavier"], final["he"]) and moved["large"],
        "guess": 3 if not any(moved.values())
        else 2 if moved["large"] and not (moved["xavier"] or moved["he"])
        else 0 if moved["xavier"] and moved["he"] and not moved["large"] else 1,
    }  # fmt: skip
