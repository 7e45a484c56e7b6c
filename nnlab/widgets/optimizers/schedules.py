"""Learning-rate schedules: the rate by step, and the training that follows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from nnlab import Network, data, fit
from nnlab.layers import Dense, Tanh
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import SGD, Adam
from nnlab.schedules import CosineDecay, OneCycle, Schedule, StepDecay, WarmUp
from nnlab.widgets import Axis, Choice, Goal, Line, LogSlider, Plot, explorer

N, BATCH, EPOCHS = 200, 5, 15
STEPS = EPOCHS * N // BATCH
TARGET = 0.15
RULES = {"sgd": ("SGD", SGD), "adam": ("Adam", Adam)}
SCHEDULES: dict[str, tuple[str, Callable[[float], Schedule]]] = {
    "constant": ("constant", lambda lr: lambda step: lr),
    "step": ("step decay", lambda lr: StepDecay(lr, every=STEPS // 3, factor=0.1)),
    "cosine": ("cosine decay", lambda lr: CosineDecay(lr, steps=STEPS)),
    "warm": ("warm-up, then cosine", lambda lr: WarmUp(STEPS // 10, CosineDecay(lr, steps=STEPS - STEPS // 10))),
    "cycle": ("one cycle", lambda lr: OneCycle(lr, steps=STEPS)),
}


@cache
def train(name: str, lr: float, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """The rate of every step, and the loss over all examples before training and after each epoch."""
    x, y = data.two_moons(N, noise=0.3, seed=0)
    net = Network([Dense(2, 16), Tanh(), Dense(16, 2)], loss=SoftmaxCrossEntropy(), seed=0, dtype="float64")
    losses = [net.evaluate(x, y)[0]]
    schedule = SCHEDULES[name][1](lr)
    fit(
        net, RULES[rule][1](lr), x, y, batch_size=BATCH, epochs=EPOCHS, schedule=schedule,
        callbacks=[lambda network, _: losses.append(network.evaluate(x, y)[0])],
    )  # fmt: skip
    return np.array([schedule(step) for step in range(STEPS)]), np.array(losses)


def _verdict(loss: np.ndarray, steady: np.ndarray, name: str) -> str:
    if not np.isfinite(loss[-1]):
        return "The training diverged."
    if name == "constant":
        rise = loss[-1] / loss.min() - 1
        return f"At the end it is {100 * rise:.0f}% above its lowest: at a constant rate the noise never settles."
    change = loss[-1] / steady[-1]
    how = "lower" if change < 1 else "higher"
    if abs(change - 1) < 0.02:
        return f"A constant rate ends at {steady[-1]:.3f}, much the same."
    return f"A constant rate ends at {steady[-1]:.3f}; the schedule ends {100 * abs(change - 1):.0f}% {how}."


@explorer(
    name="schedules",
    title="A schedule for the learning rate",
    controls={
        "schedule": Choice("Schedule", {name: label for name, (label, _) in SCHEDULES.items()}, initial="cosine"),
        "lr": LogSlider("Highest rate", 0.01, 3.2, per_decade=4, initial=1.0),
        "rule": Choice("Optimizer", {name: label for name, (label, _) in RULES.items()}),
    },
    panels=[
        [
            Plot(
                title="Learning rate by step",
                height=230,
                x=Axis(label="step", domain=(0, STEPS), ticks=(0, 200, 400, 600)),
                y=Axis(domain=(0, "top")),
                marks=[Line("step", "rate", color="c1")],
            ),
            Plot(
                title="Loss over all examples, by epoch",
                height=230,
                x=Axis(label="epoch", domain=(0, EPOCHS), ticks=(0, 5, 10, 15)),
                y=Axis(domain=(0.1, 10), log=True, ticks=(0.1, 0.3, 1, 3, 10)),
                marks=[
                    Line("epoch", "steady", color="muted", width=1.5, label="constant", label_at=0.6, label_dy=-26),
                    Line("epoch", "loss", color="c1", label="{schedule}", label_at=0.6, label_dy=20, when="differs"),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"{RULES[s.rule][0]}, {SCHEDULES[s.schedule][0]}, highest rate {s.lr:.2g}: the rate goes from {s.rate[0]:.2g} "
        f"to {s.rate[-1]:.2g}. The loss ends at {s.loss[-1]:.3f} after {STEPS} steps. {s.verdict}"
    ),
    goals=[Goal("end with a loss below 0.15", met="good")],
)  # fmt: skip
def schedules(schedule: str, lr: float, rule: str) -> dict[str, Any]:
    """15 epochs of a 2-16-2 network on 200 noisy points of two moons, in mini-batches of 5, under a schedule."""
    rate, loss = train(schedule, lr, rule)
    _, steady = train("constant", lr, rule)
    return {
        "rate": rate, "step": np.arange(STEPS), "top": 1.1 * lr, "loss": loss, "steady": steady,
        "epoch": np.arange(EPOCHS + 1), "differs": schedule != "constant", "target": TARGET,
        "verdict": _verdict(loss, steady, schedule), "good": loss[-1] < TARGET,
    }  # fmt: skip
