"""Large batches: training for as many epochs with the learning rate kept, or scaled with the batch or its root."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from nnlab import Network, data, fit
from nnlab.layers import Dense, ReLU
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import SGD
from nnlab.schedules import WarmUp
from nnlab.widgets import Axis, Choice, Goal, Line, Plot, Points, Predict, Rule, Toggle, explorer

BASE = 16
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
EPOCHS, WARM, SEEDS = 12, 3, 3
RULES = {"linear": "times batch/16", "root": "times √(batch/16)", "constant": "kept"}
POWERS = {"constant": 0.0, "root": 0.5, "linear": 1.0}


def scaled(rate: float, batch: int, rule: str) -> float:
    """The learning rate that the rule makes of batch 16's."""
    return rate * (batch / BASE) ** POWERS[rule]


def measure(losses: list[float], x: np.ndarray, y: np.ndarray, network: Network, _: Any) -> None:
    """After an epoch: add the loss on the training set to the list."""
    losses.append(network.evaluate(x, y)[0])


@cache
def train(rate: float, batch: int, warm: bool) -> tuple[np.ndarray, float]:
    """Training loss before training and after each of 12 epochs, and the share of wrong test digits; means of three.

    In float64: where steps are almost too long a run magnifies rounding, and float32's would be seen after 12 epochs.
    """
    (x, y), test = data.digits()
    steps = WARM * -(-len(x) // batch)
    losses, wrong = np.full((SEEDS, EPOCHS + 1), np.inf), np.empty(SEEDS)
    for seed in range(SEEDS):
        net = Network([Dense(64, 32), ReLU(), Dense(32, 10)], loss=SoftmaxCrossEntropy(), seed=seed, dtype="float64")
        measured = [net.evaluate(x, y)[0]]
        fit(
            net, SGD(rate), x, y, batch_size=batch, epochs=EPOCHS, seed=seed,
            schedule=WarmUp(steps, rate) if warm else None,
            callbacks=[partial(measure, measured, x, y)],
        )  # fmt: skip
        losses[seed, : len(measured)] = measured
        wrong[seed] = 1 - net.evaluate(*test)[1]
    return losses.mean(axis=0), float(wrong.mean())


def _words(rule: str, batch: int, rate: float, warm: bool, run: tuple[np.ndarray, float], base: float) -> str:
    curve, wrong = run
    steps = EPOCHS * -(-len(data.digits()[0][0]) // batch)
    warmed = ", warmed up" if warm else ""
    start = (
        f"Batch {batch}, learning rate {RULES[rule]}: {scaled(rate, batch, rule):.3g}{warmed}, {steps:,} updates in "
        f"{EPOCHS} epochs. Training loss {curve[-1]:.2g}, {100 * wrong:.1f}% of the test digits wrong; batch 16 ends "
        f"at {base:.2g}. "
    )
    if batch == BASE:
        return start + "This is the run to match."
    if curve[-1] < 1.25 * base:
        return start + "It keeps up with batch 16."
    if not curve[-1] < 0.95 * curve[0]:
        return start + "Nothing was learned: the steps are too long."
    if (curve[1:] > 1.1 * curve[:-1]).any():
        return start + "Its loss rises on the way: the steps overshoot."
    return start + "It falls all the way, but the updates are too few for their length."


@explorer(
    name="large-batch",
    title="A learning rate for a larger batch",
    controls={
        "batch": Choice("Batch size", BATCHES, initial=256),
        "rule": Choice("Learning rate", RULES),
        "rate": Choice("Learning rate of batch 16", (0.025, 0.05, 0.1), initial=0.05),
        "warm": Toggle("Warm-up over three epochs"),
    },
    panels=[
        [
            Plot(
                title="Training loss, batch {batch}",
                height=270,
                margin_right=70,
                x=Axis(label="epoch", domain=(0, EPOCHS), ticks=(0, 3, 6, 9, 12)),
                y=Axis(domain=(0.01, 10), log=True, ticks=(0.01, 0.1, 1, 10)),
                marks=[
                    Line("epochs", "base", color="muted", dash=True, width=2, label="batch 16", label_at=0.5,
                         label_dy=22),
                    Line("epochs", "constant[batch]", color="c4", label="kept"),
                    Line("epochs", "root[batch]", color="c3", label="root"),
                    Line("epochs", "linear[batch]", color="c1", label="linear"),
                    Points(EPOCHS, "ends[rule, batch]", color="ink", size=5),
                ],
            ),
            Plot(
                title=f"Training loss after {EPOCHS} epochs",
                height=270,
                margin_right=70,
                x=Axis(label="batch size", domain=(16, 1024), log=True, ticks=BATCHES),
                y=Axis(domain=(0.01, 10), log=True, ticks=(0.01, 0.1, 1, 10)),
                marks=[
                    Rule(y="target", color="muted", label="batch 16", label_dy=20),
                    Line("batches", "ends[2]", color="c4", label="kept", label_at=0.5, label_dy=-14),
                    Line("batches", "ends[1]", color="c3", label="root"),
                    Line("batches", "ends[0]", color="c1", label="linear", label_at=0.33, label_dy=14),
                    Points("batch", "ends[rule, batch]", color="ink", size=5),
                ],
            ),
        ],
    ],
    describe="{words[rule, batch]}",
    goals=[Goal("with batch 512, come within a quarter of batch 16's loss", met="kept_up[rule, batch]")],
    predict=Predict(
        question="From batch 16 to 256, with the same learning rate and the same 12 epochs, the training loss ends …",
        choices=("lower, for the gradients are less noisy", "the same", "higher, for there are fewer updates"),
        answer="guess",
        reveal={"batch": 256, "rule": "constant", "rate": 0.05, "warm": False},
        outcome="Batch 16: {ends[0, 0]:.2g}. Batch 256 with the same rate: {ends[2, 4]:.2g}.",
        holds=("rule",),
    ),
)  # fmt: skip
def large_batch(rate: float, warm: bool) -> dict[str, Any]:
    """A 64-32-10 network on the digits, trained for 12 epochs with seven batch sizes and three rules for the rate."""
    runs = {rule: [train(scaled(rate, batch, rule), batch, warm) for batch in BATCHES] for rule in RULES}
    losses = {rule: np.array([loss for loss, _ in found]) for rule, found in runs.items()}
    ends = np.array([curves[:, -1] for curves in losses.values()])
    return {
        **losses, "epochs": np.arange(EPOCHS + 1), "base": losses["constant"][0], "batches": BATCHES,
        "ends": ends, "target": ends[0, 0],
        "words": [
            [_words(rule, batch, rate, warm, runs[rule][k], ends[0, 0]) for k, batch in enumerate(BATCHES)]
            for i, rule in enumerate(RULES)
        ],
        "kept_up": (np.array(BATCHES) == 512) & (ends < 1.25 * ends[0, 0]),
        "guess": 2 if ends[2, 4] > 1.1 * ends[0, 0] else 0 if ends[2, 4] < 0.9 * ends[0, 0] else 1,
    }  # fmt: skip
