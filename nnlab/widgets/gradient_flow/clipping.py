"""A cliff in the loss of a recurrent unit, and what clipping does to the step taken there."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab.clipping import clip_by_global_norm, clip_by_value, global_norm
from nnlab.layers import RNN
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import SGD
from nnlab.widgets import (
    Axis,
    Choice,
    Contour,
    Goal,
    Label,
    Line,
    LogSlider,
    Play,
    Plot,
    Points,
    Predict,
    Rule,
    explorer,
)
from nnlab.widgets.gradient_descent.descent import on_map

TIME, STEPS = 40, 100
TARGET, PULSE = 0.5, 0.5
STARTS = {0: (1.6, 0.3), 1: (1.9, -0.1)}
WAYS = {"none": ("no clipping", "c2", 10), "value": ("by value", "c5", -10), "norm": ("by norm", "c1", 10)}
CLOSE = 0.001
REACH = 100.0
ACROSS, UP = np.linspace(0.7, 2.0, 66), np.linspace(-0.4, 1.0, 71)


def unit() -> tuple[RNN, np.ndarray]:
    """One tanh unit that feeds itself, and its input: a pulse of 0.5 at the first of 40 steps."""
    layer = RNN(1, 1)
    layer.initialize(0)
    layer.W_in[...] = 1
    x = np.zeros((1, TIME, 1))
    x[0, 0] = PULSE
    return layer, x


@cache
def surface() -> np.ndarray:
    """√loss of the unit for every weight across and bias up, (71, 66)."""
    layer, x = unit()
    heights = np.empty((len(UP), len(ACROSS)))
    for i, b in enumerate(UP):
        for k, w in enumerate(ACROSS):
            layer.W_rec[...], layer.b[...] = w, b
            heights[i, k] = abs(float(layer.forward(x)[0, 0]) - TARGET)
    return heights


@cache
def descend(start: int, lr: float, way: str, limit: float) -> dict[str, np.ndarray]:
    """100 steps of SGD: (w, b) before each and after the last, the losses there and the gradients' norms."""
    layer, x = unit()
    layer.W_rec[...], layer.b[...] = STARTS[start]
    loss, optimizer = MeanSquaredError(), SGD(lr=lr)
    records = []
    for _ in range(STEPS + 1):
        value, dout = loss.value_and_gradient(layer.forward(x), np.array([[TARGET]]))
        layer.backward(dout)
        gradients = [layer.dW_rec, layer.db]
        records.append((float(layer.W_rec[0, 0]), float(layer.b[0]), value, global_norm(gradients)))
        if way == "value":
            clip_by_value(gradients, limit)
        elif way == "norm":
            clip_by_global_norm(gradients, limit)
        optimizer.step([layer.W_rec, layer.b], gradients)
    return dict(zip(("w", "b", "loss", "norm"), np.array(records).T, strict=True))


def _end(run: dict[str, np.ndarray]) -> str:
    longest = float(np.hypot(np.diff(run["w"]), np.diff(run["b"])).max())
    return f"ends at loss {run['loss'][-1]:.2g}, longest step {longest:.2g}"


@explorer(
    name="clipping",
    title="A cliff, and clipped steps",
    controls={
        "limit": LogSlider("Clip at", 0.03, 3.0, per_decade=3, initial=0.3),
        "lr": LogSlider("Learning rate", 0.01, 0.32, per_decade=4, initial=0.056),
        "start": Choice("Start", {0: "right of the valley", 1: "close to the cliff"}),
        "step": Play("Step", STEPS + 1, initial=60, interval=0.12),
    },
    panels=[
        [
            Plot(
                title="Loss by weight w and bias b, and the paths",
                height=330,
                weight=1.15,
                x=Axis(label="weight w", domain=(0.7, 2.0), ticks=(0.75, 1, 1.25, 1.5, 1.75), grid=False),
                y=Axis(domain=(-0.4, 1.0), ticks=(-0.25, 0, 0.25, 0.5, 0.75, 1), grid=False),
                marks=[
                    Contour("across", "up", "height", levels=10),
                    *(
                        Line(f"{way}_w[:step+1]", f"{way}_b[:step+1]", color=color, width=1.75)
                        for way, (_, color, _) in WAYS.items()
                    ),
                    *(
                        Points(f"{way}_w[step]", f"{way}_b[step]", color=color, size=6.5, label=words, label_dx=dx)
                        for way, (words, color, dx) in WAYS.items()
                    ),
                    Label(0.74, 0.93, "no clipping: thrown out", color="c2", anchor="start", when="gone[step]"),
                ],
            ),
            Plot(
                title="Loss by step",
                height=330,
                x=Axis(label="step", domain=(0, STEPS), ticks=(0, 25, 50, 75)),
                y=Axis(domain=(1e-5, 10), log=True, ticks=(1e-4, 1e-2, 1)),
                marks=[
                    Rule(x="step"),
                    *(Line("steps", f"{way}_loss", color=color, width=1.75) for way, (_, color, _) in WAYS.items()),
                ],
            ),
        ],
        Plot(
            title="Size of the gradient before it is clipped",
            height=180,
            x=Axis(label="step", domain=(0, STEPS), ticks=(0, 25, 50, 75, 100)),
            y=Axis(domain=(1e-4, 1e5), log=True, ticks=(1e-4, 1e-2, 1, 100, 1e4)),
            marks=[
                Rule(y="limit", label="clip at {limit}", label_dy=24),
                Rule(x="step"),
                *(Line("steps", f"{way}_norm", color=color, width=1.75) for way, (_, color, _) in WAYS.items()),
            ],
        ),
    ],
    describe=lambda s: (
        f"Learning rate {s.lr:.2g}, clipped at {s.limit:.2g}. Without clipping the run {s.none_end}; by value it "
        f"{s.value_end}; by norm it {s.norm_end}. The largest gradients met are {s.largest[0]:.3g}, {s.largest[1]:.3g} "
        f"and {s.largest[2]:.3g}. "
        "At step {step} the losses are {none_loss[step]:.2g}, {value_loss[step]:.2g} and {norm_loss[step]:.2g}."
    ),
    goals=[
        Goal("from the start close to the cliff, end below 0.001 by norm where no clipping ends above 0.2", met="saved")
    ],
    predict=Predict(
        question="At the cliff the gradient is over 15 long; elsewhere about 0.3. The learning rate is 0.1 and nothing "
        "is clipped. What does the run do?",
        choices=("it climbs back over the edge and goes on down", "one step throws it far out, where it stays",
                 "it swings at the cliff for ever"),
        answer="guess",
        reveal={"limit": 0.3, "lr": 0.1, "start": 0, "step": 40},
        outcome="The longest step is {longest:.2g} long. After 100 steps the loss is {none_loss[100]:.2g}; clipped by "
        "norm it is {norm_loss[100]:.2g}.",
        holds=("lr", "limit"),
    ),
)  # fmt: skip
def clipping(limit: float, lr: float, start: int) -> dict[str, Any]:
    """A tanh unit h ← tanh(wh + b) over 40 steps should end at 0.5: SGD on (w, b), plain, and clipped in two ways."""
    runs = {way: descend(start, lr, way, limit if way != "none" else 1.0) for way in WAYS}
    longest = float(np.hypot(np.diff(runs["none"]["w"]), np.diff(runs["none"]["b"])).max())
    ends = {way: run["loss"][-1] for way, run in runs.items()}
    drawn = {
        f"{way}_{name}": on_map(values, REACH) if name in "wb" else values
        for way, run in runs.items()
        for name, values in run.items()
    }
    return drawn | {f"{way}_end": _end(run) for way, run in runs.items()} | {
        "across": ACROSS, "up": UP, "height": surface(), "steps": np.arange(STEPS + 1),
        "gone": ~((runs["none"]["b"] < UP[-1]) & (runs["none"]["w"] < ACROSS[-1])),
        "largest": [run["norm"].max() for run in runs.values()], "longest": longest,
        "saved": start == 1 and ends["none"] > 0.2 and ends["norm"] < CLOSE,
        "guess": 1 if longest > 0.5 and ends["none"] > 0.1 else 0 if ends["none"] < 0.1 else 2,
    }  # fmt: skip
