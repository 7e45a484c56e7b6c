"""Batch size against noise: a line fitted by mini-batches, update by update and example by example."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network, data
from nnlab.layers import Dense
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import SGD
from nnlab.widgets import Axis, Choice, Contour, Line, LogSlider, Plot, Points, Predict, Rule, Slider, explorer
from nnlab.widgets.gradient_descent.descent import diverged_at, on_map

N, EPOCHS = 128, 6
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128)
START = np.array([-1.5, 2.0])
MEASURED = 128
REACH = 40.0


@cache
def examples() -> tuple[np.ndarray, np.ndarray]:
    """Noisy points of the line y = 1.5x − 0.5: x (128, 1), y (128, 1)."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 2, (N, 1))
    return x, 1.5 * x - 0.5 + rng.normal(0, 0.8, (N, 1))


def line() -> Network:
    """ŷ = wx + b at the starting weights."""
    net = Network([Dense(1, 1)], loss=MeanSquaredError(), seed=0, dtype="float64")
    net.flat_parameters[:] = START
    return net


def losses(weights: np.ndarray) -> np.ndarray:
    """The loss over all examples for each (w, b) in the last axis of ``weights``."""
    x, y = examples()
    residuals = weights[..., :1] * x[:, 0] + weights[..., 1:] - y[:, 0]
    return (residuals**2).mean(axis=-1)


@cache
def least() -> tuple[np.ndarray, float]:
    """The best (w, b), by least squares, and its loss."""
    x, y = examples()
    best = np.linalg.lstsq(np.hstack([x, np.ones_like(x)]), y[:, 0], rcond=None)[0]
    return best, float(losses(best))


def train(batch: int, lr: float, seed: int) -> np.ndarray:
    """(w, b) before the first update and after each of six epochs of mini-batches."""
    x, y = examples()
    net, optimizer, rng = line(), SGD(lr=lr), np.random.default_rng(seed)
    path = [START.copy()]
    for _ in range(EPOCHS):
        for rows in data.minibatches(N, batch, rng):
            net.loss_and_gradients(x[rows], y[rows])
            optimizer.step(net.parameters, net.gradients)
            path.append(np.array(net.flat_parameters))
    return np.array(path)


@cache
def noise() -> tuple[np.ndarray, np.ndarray]:
    """How far a mini-batch's gradient at the start lies from the full one (root mean square), by batch size.

    Measured on mini-batches, and by theory: σ·√((N − B)/((N − 1)·B)), σ that of single examples, for batches drawn
    without replacement. Both as shares of the full gradient's size.
    """
    x, y = examples()
    net, rng = line(), np.random.default_rng(1)

    def gradient(rows: np.ndarray | slice) -> np.ndarray:
        net.loss_and_gradients(x[rows], y[rows])
        return np.array(net.flat_gradients)

    full = gradient(slice(None))
    measured = []
    for batch in BATCHES:
        draws = [rows for _ in range(max(1, MEASURED * batch // N)) for rows in data.minibatches(N, batch, rng)]
        measured.append(np.sqrt(np.mean([np.sum((gradient(rows) - full) ** 2) for rows in draws])))
    sizes = np.array(BATCHES, dtype=float)
    theory = measured[0] * np.sqrt((N - sizes) / ((N - 1) * sizes))
    return np.array(measured) / np.linalg.norm(full), theory / np.linalg.norm(full)


def _percent(share: float) -> str:
    return f"{100 * share:.2g}%" if share < 0.1 else f"{100 * share:,.0f}%"


def _verdict(loss: np.ndarray, tail: np.ndarray, least: float) -> str:
    diverged = diverged_at(loss)
    if diverged > 0:
        return f"The loss diverged at update {diverged}."
    over = float(np.mean(tail)) / least - 1
    if loss[-1] == loss.min() and over > 0.05:
        return f"Still on its way: the last epoch's loss is {_percent(over)} above the least possible, {least:.3g}."
    return f"In the last epoch the loss is on average {_percent(over)} above the least possible, {least:.3g}."


@explorer(
    name="batch-noise",
    title="Batch size against noise",
    controls={
        "batch": Choice("Batch size", {b: f"{b}" if b < N else f"{b} (all)" for b in BATCHES}, initial=8),
        "lr": LogSlider("Learning rate lr", 0.01, 1.0, per_decade=3, initial=0.1),
        "seed": Slider("Order of the examples", 0, 2, step=1, initial=0),
    },
    panels=[
        [
            Plot(
                title="The path of slope w and intercept b",
                height=250,
                x=Axis(label="slope w", domain=(-2.5, 3.5), grid=False),
                y=Axis(domain=(-2.5, 3), grid=False),
                marks=[
                    Contour("w", "b", "level", levels=11),
                    Line("path1", "path2", color="c1", width=1.5, opacity=0.85),
                    Points("best1", "best2", color="c3", size=6, label="least loss", label_dy=18),
                    Points("path1[-1]", "path2[-1]", color="c2", size=6, label="end"),
                ],
            ),
            Plot(
                title="Noise of one gradient, as a share of its size",
                height=250,
                x=Axis(label="batch size B", domain=(0.9, 128), log=True, ticks=(1, 3, 10, 30, 100)),
                y=Axis(domain=(0.01, 3), log=True, ticks=(0.01, 0.03, 0.1, 0.3, 1, 3)),
                marks=[
                    Line(
                        "batches", "expected", color="muted", width=1.5, dash=True,
                        label="theory ≈ 1/√B", label_at=0.2, label_dy=26,
                    ),
                    Points("batches", "measured", color="c1", size=4),
                    Points("batch", "share", color="c2", size=7),
                ],
            ),
        ],
        [
            Plot(
                title="Loss by update",
                height=200,
                x=Axis(label="updates", domain=(1, EPOCHS * N), log=True, ticks=(1, 10, 100)),
                y=Axis(domain=(0.3, 100), log=True, ticks=(0.3, 1, 3, 10, 30, 100)),
                marks=[Rule(y="bottom", color="c3"), Line("update[1:]", "loss[1:]", color="c1", width=1.5)],
            ),
            Plot(
                title="Loss by example seen",
                height=200,
                x=Axis(label="examples", domain=(0, EPOCHS * N), ticks=(0, 256, 512, 768)),
                y=Axis(domain=(0.3, 100), log=True, ticks=(0.3, 1, 3, 10, 30, 100)),
                marks=[
                    Rule(y="bottom", color="c3", label="least possible", label_dy=18),
                    Line("seen", "loss", color="c1", width=1.5),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"Batch {s.batch}, learning rate {s.lr:.2g}, order {s.seed}: "
        f"{N // s.batch} update{'s' * (s.batch < N)} an epoch, {s.updates} for {EPOCHS * N} examples. "
        + (
            "All examples at once: the gradient has no noise. " if s.batch == N
            else f"At the start a gradient misses the full one by {_percent(s.share)} of its size. "
        )
        + s.verdict
    ),
    predict=Predict(
        question="The batch becomes four times as large. What happens to the standard deviation of a gradient?",
        choices=("a quarter is left", "about half is left", "it stays as it is"),
        answer="guess",
        reveal={"batch": 4},
        outcome="From batch 1 to 4 the noise falls from {measured[0]:.2f} to {measured[2]:.2f} of the gradient.",
        holds=("batch",),
    ),
)  # fmt: skip
def batch_noise(batch: int, lr: float, seed: int) -> dict[str, Any]:
    """Six epochs of mini-batch gradient descent on 128 examples, and the noise of its gradients at the start."""
    path = train(batch, lr, seed)
    drawn = on_map(path, REACH)
    loss = losses(path)
    best, bottom = least()
    measured, theory = noise()
    updates = len(path) - 1
    w, b = np.linspace(-2.5, 3.5, 37), np.linspace(-2.5, 3, 34)
    left = measured[2] / measured[0]
    return {
        "path1": drawn[:, 0], "path2": drawn[:, 1], "loss": loss,
        "update": np.arange(updates + 1),
        "updates": updates, "seen": np.arange(updates + 1) * batch, "bottom": bottom,
        "best1": best[0], "best2": best[1],
        "w": w, "b": b, "level": np.sqrt(losses(np.stack(np.meshgrid(w, b), axis=-1)) - bottom),
        "batches": BATCHES, "measured": np.where(measured > 1e-9, measured, np.nan),
        "share": measured[BATCHES.index(batch)], "expected": np.where(theory > 0, theory, np.nan),
        "verdict": _verdict(loss, loss[-(N // batch):], bottom),
        "guess": 0 if left < 0.35 else 1 if left < 0.75 else 2,
    }  # fmt: skip
