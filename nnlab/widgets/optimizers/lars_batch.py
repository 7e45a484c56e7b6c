"""LARS against momentum as the batch grows: the same examples in fewer, longer steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from nnlab import Network, data
from nnlab.layers import Dense, ReLU
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import LARS, Momentum, Optimizer
from nnlab.schedules import CosineDecay, WarmUp
from nnlab.widgets import Axis, Choice, Goal, Label, Line, Plot, Points, Rule, explorer

SIZES = (64, 64, 64, 64, 64, 64, 10)
DEPTH = len(SIZES) - 1
EPOCHS, WARM_UP = 12, 2
SMALLEST = 32
BATCHES = (32, 64, 128, 256, 512, 1024, 1437)
POWERS = {"linear": 1.0, "root": 0.5, "none": 0.0}
LEARNED = 0.8
MOST = 10.0
RULES: dict[str, Callable[[float], Optimizer]] = {
    "Momentum": Momentum,
    "LARS": lambda lr: LARS(10 * lr, trust=0.01),
}


class Trained(NamedTuple):
    """Test accuracy at the end, training loss by epoch, and each layer's longest step as a share of its weights."""

    accuracy: float
    loss: np.ndarray
    longest: np.ndarray


def network() -> tuple[Network, list[Dense]]:
    """Five hidden layers of 64 ReLUs on the digits' 64 pixels, and its dense layers."""
    dense = [Dense(SIZES[k], SIZES[k + 1]) for k in range(DEPTH)]
    layers = [layer for pair in zip(dense, [ReLU() for _ in dense], strict=True) for layer in pair][:-1]
    return Network(layers, loss=SoftmaxCrossEntropy(), seed=0, dtype="float64"), dense


@cache
def train(rule: str, batch: int, peak: float) -> Trained:
    """12 epochs on the digits: two to warm up to the peak rate, then down a cosine to 0."""
    (x, y), (x_test, y_test) = data.digits()
    net, dense = network()
    steps = -(-len(x) // batch)
    optimizer, rng = RULES[rule](peak), np.random.default_rng(0)
    schedule = WarmUp(WARM_UP * steps, CosineDecay(optimizer.lr, steps=(EPOCHS - WARM_UP) * steps))
    losses, longest, step = [net.evaluate(x, y)[0]], np.zeros(DEPTH), 0
    with np.errstate(all="ignore"):
        for _ in range(EPOCHS):
            for rows in data.minibatches(len(x), batch, rng):
                net.loss_and_gradients(x[rows], y[rows])
                before = [layer.W.copy() for layer in dense]
                optimizer.lr = schedule(step)
                optimizer.step(net.parameters, net.gradients)
                shares = [
                    np.linalg.norm(layer.W - old) / np.linalg.norm(old)
                    for layer, old in zip(dense, before, strict=True)
                ]
                longest, step = np.fmax(longest, shares), step + 1
            if not np.isfinite(net.flat_parameters).all():
                break
            losses.append(net.evaluate(x, y)[0])
        # numbers that overflowed give every digit the same label
        accuracy = float((net.forward(x_test).argmax(axis=1) == y_test).mean())
    loss = np.concatenate([losses, np.full(EPOCHS + 1 - len(losses), np.inf)])
    return Trained(accuracy, np.where(np.isfinite(loss), loss, np.inf), longest)


def peak_rate(batch: int, lr: float, scaling: str) -> float:
    """lr at the smallest batch, scaled up for a larger one."""
    return lr * (batch / SMALLEST) ** POWERS[scaling]


def _fate(rule: str, run: Trained) -> str:
    lost = np.flatnonzero(~np.isfinite(run.loss))
    how = f"diverges in epoch {lost[0]}" if len(lost) else f"ends at {100 * run.accuracy:.1f}%"
    stuck = " and has learned next to nothing" if not len(lost) and run.accuracy < 0.3 else ""
    far = f"{100 * run.longest.max():.0f}% of" if run.longest.max() < MOST else "over ten times"
    return f"{rule} {how}{stuck}, its longest step moves a layer by {far} its size"


@explorer(
    name="lars-batch",
    title="LARS and momentum as the batch grows",
    controls={
        "scaling": Choice(
            "Learning rate grows with the batch B",
            {"linear": "in proportion to B", "root": "in proportion to √B", "none": "not at all"},
        ),
        "lr": Choice("Momentum's rate at B = 32 (LARS: 10 ×)", (0.01, 0.02, 0.04), initial=0.02),
        "batch": Choice("Batch size B", {b: str(b) if b < 1437 else "1437 (all)" for b in BATCHES}, initial=512),
    },
    panels=[
        Plot(
            title="Test accuracy after 12 epochs, by batch size",
            height=220,
            x=Axis(label="batch size B", domain=(SMALLEST, 1437), log=True, ticks=BATCHES[:-1]),
            y=Axis(domain=(0, 1), ticks=(0, 0.2, 0.4, 0.6, 0.8, 1)),
            marks=[
                Rule(y=0.1),
                Label(SMALLEST, 0.1, "guessing", color="muted", anchor="start", dx=6, dy=-8),
                Label(SMALLEST, 0.5, "LARS", color="c1", anchor="start", dx=6),
                Label(SMALLEST, 0.35, "Momentum", color="c2", anchor="start", dx=6),
                Line("batches", "curve[0]", color="c2"),
                Line("batches", "curve[1]", color="c1"),
                Points("batch", "accuracy[0]", color="c2", size=6),
                Points("batch", "accuracy[1]", color="c1", size=6),
            ],
        ),
        [
            Plot(
                title="Training loss by epoch, B = {batch}",
                height=220,
                x=Axis(label="epoch", domain=(0, EPOCHS), ticks=(0, 4, 8, 12)),
                y=Axis(domain=(0.001, 100), log=True, ticks=(0.001, 0.01, 0.1, 1, 10, 100)),
                marks=[
                    Line("epoch", "loss[0]", color="c2", label="Momentum", label_at=0.5, label_dy=-14),
                    Line("epoch", "loss[1]", color="c1", label="LARS", label_at=0.75, label_dy=-14),
                ],
            ),
            Plot(
                title="Longest step ‖Δw‖/‖w‖ of each layer",
                height=220,
                x=Axis(label="layer", domain=(0.6, DEPTH + 0.4), ticks=range(1, DEPTH + 1)),
                y=Axis(
                    domain=(0.001, MOST), log=True,
                    ticks=(0.001, 0.01, 0.1, 1, MOST), tick_labels=("0.001", "0.01", "0.1", "1", "≥ 10"),
                ),
                marks=[
                    Line("layer", "longest[0]", color="c2", width=1),
                    Line("layer", "longest[1]", color="c1", width=1),
                    Label(1, 0.0017, "LARS", color="c1", anchor="start"),
                    Label(3, 0.0017, "Momentum", color="c2", anchor="start"),
                    Points("layer", "longest[0]", color="c2", size=5),
                    Points("layer", "longest[1]", color="c1", size=5),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"Batch {s.batch}, rate {'' if s.scaling == 'none' else 'scaled '}"
        f"{ {'linear': 'by B/32', 'root': 'by √(B/32)', 'none': 'as it is'}[s.scaling]} to {s.peak:.2g} "
        f"(LARS {10 * s.peak:.2g}, trust 0.01), {s.steps} steps: {s.verdict} "
        "Each is one run, from the same weights; where it is thrown about, others end elsewhere."
    ),
    goals=[Goal("bring both above 80% at batch 1024", met="both")],
)  # fmt: skip
def lars_batch(scaling: str, lr: float, batch: int) -> dict[str, Any]:
    """Momentum and LARS (momentum 0.9 both) train a 64-64-64-64-64-64-10 network on the 1,437 digits."""
    runs = [train(rule, batch, peak_rate(batch, lr, scaling)) for rule in RULES]
    curve = np.array([[train(rule, b, peak_rate(b, lr, scaling)).accuracy for b in BATCHES] for rule in RULES])
    largest = [max((b for b, a in zip(BATCHES, row, strict=True) if a >= LEARNED), default=0) for row in curve]
    return {
        "batches": BATCHES, "curve": curve, "accuracy": [run.accuracy for run in runs],
        "epoch": np.arange(EPOCHS + 1), "loss": [run.loss for run in runs],
        "layer": np.arange(1, DEPTH + 1),
        "longest": [np.fmin(np.where(np.isfinite(run.longest), run.longest, MOST), MOST) for run in runs],
        "peak": peak_rate(batch, lr, scaling), "steps": EPOCHS * -(-1437 // batch),
        "verdict": "; ".join(_fate(rule, run) for rule, run in zip(RULES, runs, strict=True))
        + f". Above 80% up to batch {largest[0]} with momentum and up to {largest[1]} with LARS.",
        "both": batch == 1024 and all(run.accuracy > LEARNED for run in runs),
    }  # fmt: skip
