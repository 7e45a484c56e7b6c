"""Full-batch, stochastic and mini-batch gradient descent race: by updates, by examples, and by a device's time."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network, data
from nnlab.layers import Dense, Tanh
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import SGD
from nnlab.widgets import Axis, Bars, Choice, Line, LogSlider, Plot, Predict, Rule, explorer

N = 512
UPDATES = 1600
TARGET = 0.1
# the rate each batch size trains well at: small batches need small ones, for their gradients are noisy
RATES = {1: 0.1, 8: 0.2, 32: 0.4, 128: 0.8, N: 1.0}
RUNNERS = ("one by one", "mini-batch", "all at once")
CHECKS = np.unique(np.concatenate([[0], np.geomspace(1, UPDATES, 48).round()]).astype(int))
CLOCKS = {"time": "time", "examples": "examples", "updates": "updates"}


@cache
def losses(batch: int) -> np.ndarray:
    """The loss over all 512 examples at each check, for a 2-16-2 network on two moons trained by such batches."""
    x, y = data.two_moons(N, noise=0.1, seed=0)
    net = Network([Dense(2, 16), Tanh(), Dense(16, 2)], loss=SoftmaxCrossEntropy(), seed=0, dtype="float64")
    optimizer, rng = SGD(lr=RATES[batch]), np.random.default_rng(0)
    measured: list[float] = []
    update = 0
    while len(measured) < len(CHECKS):
        for rows in data.minibatches(N, batch, rng):
            if update == CHECKS[len(measured)]:
                measured.append(net.evaluate(x, y)[0])
                if len(measured) == len(CHECKS):
                    break
            net.loss_and_gradients(x[rows], y[rows])
            optimizer.step(net.parameters, net.gradients)
            update += 1
    return np.array(measured)


def seconds_an_update(batch: int, overhead: float, lanes: int) -> float:
    """An update's cost in units of one example's: a fixed part, and one unit for each started load of the lanes."""
    return overhead + -(-batch // lanes)


@explorer(
    name="race-by-time",
    title="Who is first depends on the clock",
    controls={
        "clock": Choice("Clock", {"time": "time on the device", "examples": "examples seen", "updates": "updates"}),
        "overhead": LogSlider("Fixed cost of an update, in examples", 1.0, 1000.0, per_decade=2, initial=10.0),
        "lanes": Choice("Examples the device computes at once", {1: "1", 8: "8", 64: "64", 512: "512"}, initial=8),
        "batch": Choice("Batch of the mini-batch runner", {8: "8", 32: "32", 128: "128"}, initial=32),
    },
    panels=[
        Plot(
            title="Loss over all examples, by {clock}",
            height=260,
            x=Axis(label="{unit}", domain=(1, "end"), log=True, ticks=6),
            y=Axis(domain=(0.003, 1), log=True, ticks=(0.003, 0.01, 0.03, 0.1, 0.3, 1)),
            marks=[
                Rule(y=TARGET),
                Line("at[0, 1:]", "loss[0, 1:]", color="c1"),
                Line("at[1, 1:]", "loss[1, 1:]", color="c2"),
                Line("at[2, 1:]", "loss[2, 1:]", color="c3"),
            ],
        ),
        Bars(
            title="To the dashed line, loss 0.1: {clock}",
            height=120,
            values="needed",
            labels=("one by one", "mini-batch of {batch}", "all 512 at once"),
            format=".2g",
            axis=Axis(log=True, domain=(1, 1e7)),
            colors=("c1", "c2", "c3"),
        ),
    ],
    describe=lambda s: (
        f"Fixed cost {s.overhead:.3g}, {s.lanes} at once: an update costs {s.cost[0]:,.4g} for one example, "
        f"{s.cost[1]:,.4g} for {s.batch}, "
        f"{s.cost[2]:,.4g} for all {N}. By {CLOCKS[s.clock]}, loss {TARGET} is reached first "
        f"by {RUNNERS[int(s.first)]}; {RUNNERS[int(s.last)]} needs {s.ratio:,.3g} times as much. "
        f"Learning rates: {RATES[1]}, {RATES[s.batch]} and {RATES[N]:g}."
    ),
    predict=Predict(
        question="A device computes 512 examples at once; an update costs 10 examples more. Who is first by time?",
        choices=("one example at a time", "mini-batches of 32", "all 512 at once"),
        answer="first",
        reveal={"clock": "time", "overhead": 10.0, "lanes": 512, "batch": 32},
        outcome="Time to loss 0.1: {needed[0]:.3g} one by one, {needed[1]:.3g} by 32, {needed[2]:.3g} all at once.",
        holds=("lanes",),
    ),
)  # fmt: skip
def race_by_time(clock: str, overhead: float, lanes: int, batch: int) -> dict[str, Any]:
    """Three runs of the same network, their updates turned into examples seen and into time on a device."""
    sizes = (1, batch, N)
    loss = np.array([losses(size) for size in sizes])
    cost = np.array([seconds_an_update(size, overhead, lanes) for size in sizes])
    per_update = {"time": cost, "examples": np.array(sizes, dtype=float), "updates": np.ones(3)}[clock]
    reached = np.array([CHECKS[np.argmax(run <= TARGET)] if run.min() <= TARGET else np.inf for run in loss])
    needed = reached * per_update
    return {
        "loss": loss, "at": CHECKS * per_update[:, None], "end": UPDATES * per_update.max(),
        "cost": cost, "needed": needed,
        "first": int(np.argmin(needed)), "last": int(np.argmax(needed)), "ratio": needed.max() / needed.min(),
        "unit": {"time": "time, in units of one example's", "examples": "examples seen", "updates": "updates"}[clock],
    }  # fmt: skip
