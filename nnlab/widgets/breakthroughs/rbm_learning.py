"""A restricted Boltzmann machine learns the digits: its features, what it rebuilds, and what it makes up."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import data
from nnlab.rbm import RBM
from nnlab.widgets import Axis, Choice, Goal, Heat, Line, Number, Play, Plot, Points, Predict, Rule, explorer

SIDE = 8
SHOWN = 8
EPOCHS = (0, 1, 2, 4, 8, 15, 25, 40)
RULES = {"cd1": ("CD-1", 1, False), "cd10": ("CD-10", 10, False), "pcd": ("PCD-1", 1, True)}
GREYS, WEIGHT_STEPS = 16, 10
CHAIN = 200
CELLS = Axis(ticks=(), grid=False)


def tiled(images: np.ndarray, columns: int) -> np.ndarray:
    """Images (n, 64) side by side with a gap of one pixel, the first at the top left; row 0 is the lowest."""
    rows = len(images) // columns
    sheet = np.zeros((rows * (SIDE + 1) - 1, columns * (SIDE + 1) - 1))
    for i, image in enumerate(images):
        top, left = (i // columns) * (SIDE + 1), (i % columns) * (SIDE + 1)
        sheet[top : top + SIDE, left : left + SIDE] = image.reshape(SIDE, SIDE)
    return sheet[::-1]


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Training images, and one test image of each of eight digits."""
    (x, _), (x_test, y_test) = data.digits()
    chosen = [int(np.argmax(y_test == digit)) for digit in range(SHOWN)]
    return x.astype(np.float64), x_test[chosen].astype(np.float64)


def train(rule: str, hidden: int, lr: float) -> dict[str, np.ndarray]:
    """Forty epochs, seen at ``EPOCHS``: features, images, and (frames,) errors and exact log-likelihoods."""
    x, test = digits()
    _, k, persistent = RULES[rule]
    rbm = RBM(SIDE * SIDE, hidden, seed=0)
    frames: dict[str, list[Any]] = {name: [] for name in ("features", "images", "error", "likelihood")}
    for before, epoch in zip((0, *EPOCHS[:-1]), EPOCHS, strict=True):
        rbm.fit(x, lr=lr, epochs=epoch - before, k=k, persistent=persistent)
        rebuilt = rbm.visible_probabilities(rbm.hidden_probabilities(x))
        chains = RBM(SIDE * SIDE, hidden, seed=1)
        chains.W, chains.a, chains.b = rbm.W, rbm.a, rbm.b
        dreams = chains.gibbs(chains.rng.random((SHOWN, SIDE * SIDE)), CHAIN)
        seen = [rbm.visible_probabilities(rbm.hidden_probabilities(images)) for images in (test, dreams)]
        frames["features"].append(tiled(rbm.W.T, round(hidden**0.5)))
        frames["images"].append(tiled(np.concatenate([test, *seen]), SHOWN))
        frames["error"].append(((x - rebuilt) ** 2).mean())
        frames["likelihood"].append(rbm.log_likelihood(x))
    return {name: np.array(values) for name, values in frames.items()}


def _verdict(run: dict[str, np.ndarray]) -> str:
    text = (
        f"In {EPOCHS[-1]} epochs the error of the reconstructions falls to "
        f"{100 * run['error'][-1] / run['error'][0]:.0f}% of its start, and the log-likelihood rises from "
        f"{run['likelihood'][0]:.1f} to {run['likelihood'][-1]:.1f}."
    )
    best = int(np.argmax(run["likelihood"]))
    if run["likelihood"][best] - run["likelihood"][-1] > 0.5:
        text += (
            f" It was highest, {run['likelihood'][best]:.1f}, after epoch {EPOCHS[best]}: the error does not show it."
        )
    return text


@explorer(
    name="rbm-learning",
    title="A restricted Boltzmann machine learns digits",
    controls={
        "frame": Play("Look", len(EPOCHS), initial=5, interval=0.7),
        "rule": Choice("Estimate of the gradient", {name: words for name, (words, _, _) in RULES.items()}),
        "hidden": Choice("Hidden units", (16, 9)),
        "lr": Choice("Learning rate", (0.1, 0.02)),
    },
    panels=[
        [
            Plot(
                title="Weights of the hidden units",
                height=240,
                narrow_height=330,
                weight=0.8,
                x=CELLS,
                y=CELLS,
                marks=[Heat("feature_x", "feature_y", "features[frame]", domain=(-40, 40))],
            ),
            Plot(
                title="Epoch {epoch[frame]}: digits, rebuilt, dreamt up",
                height=190,
                narrow_height=160,
                weight=1.4,
                x=CELLS,
                y=Axis(grid=False, ticks=(4, 13, 22), tick_labels=("dreams", "rebuilt", "digits")),
                marks=[
                    Heat("image_x", "image_y", "images[frame]", low_color=None, high_color="ink", domain=(0, GREYS))
                ],
            ),
        ],
        [
            Plot(
                title="Error of the reconstructions",
                height=180,
                x=Axis(label="epoch", domain=(0, EPOCHS[-1])),
                y=Axis(domain=(0, 0.25)),
                marks=[
                    Rule(x="epoch[frame]"),
                    Line("epoch", "error", color="c2"),
                    Points("epoch[frame]", "error[frame]", color="c2", size=6),
                ],
            ),
            Plot(
                title="Log-likelihood of an image, exact",
                height=180,
                x=Axis(label="epoch", domain=(0, EPOCHS[-1])),
                y=Axis(domain=(-46, -22)),
                marks=[
                    Rule(x="epoch[frame]"),
                    Line("epoch", "likelihood", color="c1"),
                    Points("epoch[frame]", "likelihood[frame]", color="c1", size=6),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"{RULES[s.rule][0]}, {s.hidden} hidden units, learning rate {s.lr:g}. {s.verdict} "
        "After epoch {epoch[frame]}: error {error[frame]:.4f}, log-likelihood {likelihood[frame]:.2f}."
    ),
    goals=[Goal("with PCD-1, raise the log-likelihood of an image above −26", met="likely")],
    predict=Predict(
        question="16 hidden units have to rebuild 64 grey values. How much of the untrained machine's squared error is "
        "left after 40 epochs?",
        number=Number(1, 100, 1, "%"),
        answer="percent",
        reveal={"rule": "cd1", "hidden": 16, "lr": 0.1, "frame": len(EPOCHS) - 1},
        outcome="The error falls from {error[0]:.3f} to {error[7]:.3f}.",
        holds=("hidden", "frame"),
    ),
)
def rbm_learning(rule: str, hidden: int, lr: float) -> dict[str, Any]:
    """Forty epochs of contrastive divergence on 1,437 digits, without their labels; log Z is summed exactly."""
    run = train(rule, hidden, lr)
    # whole steps of a tenth and whole greys: finer ones nobody sees, and they would make the page wait
    features = np.clip(np.rint(WEIGHT_STEPS * run["features"]), -40, 40).astype(int)
    images = np.rint(GREYS * run["images"]).astype(int)
    return {
        "features": features, "feature_x": np.arange(features.shape[2]), "feature_y": np.arange(features.shape[1]),
        "images": images, "image_x": np.arange(images.shape[2]), "image_y": np.arange(images.shape[1]),
        "epoch": np.array(EPOCHS), "error": run["error"], "likelihood": run["likelihood"], "verdict": _verdict(run),
        "likely": rule == "pcd" and run["likelihood"].max() > -26,
        "percent": round(100 * float(run["error"][-1] / run["error"][0])),
    }  # fmt: skip
