"""Inputs with unlike means and spreads make a ravine of the loss; standardizing makes a bowl of it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import data
from nnlab.layers import Dense
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import SGD
from nnlab.widgets import (
    Axis,
    Contour,
    Goal,
    Label,
    Line,
    LogSlider,
    Number,
    Play,
    Plot,
    Points,
    Predict,
    Rule,
    Slider,
    explorer,
)  # fmt: skip
from nnlab.widgets.gradient_descent.descent import diverged_at, on_map, reached_at

N, STEPS = 200, 100
LEFT = 0.01
REACH = 20.0
GRID = np.linspace(-1.75, 2.5, 31)


@cache
def examples(mean: float, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """x₁ of standard deviation 1, x₂ of ``spread``, both of ``mean``; y = x₁ + x₂/spread + noise."""
    rng = np.random.default_rng(0)
    x = mean + rng.normal(size=(N, 2)) * [1, spread]
    return x, x @ [[1], [1 / spread]] + 0.3 * rng.normal(size=(N, 1))


@cache
def standardized() -> tuple[np.ndarray, np.ndarray]:
    """The same examples with every input standardized and y centred: they do not depend on mean and spread."""
    x, y = examples(0.0, 1.0)
    return data.standardize(x)[0], y - y.mean()


def curvatures(x: np.ndarray) -> tuple[float, float]:
    """(λ_max, λ_min) of the loss mean((xw − y)²), whose second derivatives are 2xᵀx/N."""
    low, high = np.linalg.eigvalsh(2 * x.T @ x / len(x))
    return float(high), float(low)


def run(x: np.ndarray, y: np.ndarray, start: tuple[float, float], lr: float) -> np.ndarray:
    """Gradient descent for a linear unit without a bias: its two weights before the first step and after each."""
    layer, loss, optimizer = Dense(2, 1).initialize(0), MeanSquaredError(), SGD(lr=lr)
    layer.W[:, 0] = start
    path = [layer.W[:, 0].copy()]
    for _ in range(STEPS):
        _, dout = loss.value_and_gradient(layer.forward(x), y)
        layer.backward(dout)
        optimizer.step([layer.W], [layer.dW])
        path.append(layer.W[:, 0].copy())
    return np.array(path)


def above(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """How far the loss of each (w₁, w₂) in the last axis lies above the least one: ½(w − w*)ᵀH(w − w*)."""
    best = np.linalg.lstsq(x, y[:, 0], rcond=None)[0]
    off = (weights - best) @ x.T
    return (off**2).mean(axis=-1)


@cache
def descent(mean: float, spread: float, share: float, standardize: bool) -> dict[str, Any]:
    """One side of the figure: a run at ``share`` of 2/λ_max, and the loss it runs on."""
    x, y = standardized() if standardize else examples(mean, spread)
    high, low = curvatures(x)
    # the same function of the inputs about their means, however these are written
    path = run(x, y, (-1.0, 2.0 if standardize else 2 / spread), share * 2 / high)
    loss = above(x, y, path)
    return {
        "path": on_map(path, REACH), "loss": loss, "condition": high / low, "lr": share * 2 / high,
        "best": np.linalg.lstsq(x, y[:, 0], rcond=None)[0], "arrived": reached_at(loss, LEFT * loss[0]),
        "level": np.sqrt(above(x, y, np.stack(np.meshgrid(GRID, GRID), axis=-1))),
    }  # fmt: skip


def _arrival(side: dict[str, Any]) -> str:
    if (step := diverged_at(side["loss"])) > 0:
        return f"diverged at step {step}"
    if side["arrived"] > 0:
        return f"takes {side['arrived']} step{'s' * (side['arrived'] > 1)}"
    return f"still has {100 * side['loss'][-1] / side['loss'][0]:.0f}% after {STEPS} steps"


def _map(title: str, side: str, color: str) -> Plot:
    return Plot(
        title=title,
        height=300,
        x=Axis(label="w₁", domain=(-1.75, 2.5), ticks=(-1, 0, 1, 2), grid=False),
        y=Axis(domain=(-1.75, 2.5), ticks=(-1, 0, 1, 2), grid=False),
        marks=[
            Contour("w", "w", f"{side}_level", levels=11),
            Line(f"{side}_1[:step+1]", f"{side}_2[:step+1]", color=color, width=1.5),
            Points(f"{side}_1[:step+1]", f"{side}_2[:step+1]", color=color, size=2.5),
            Points(f"{side}_best1", f"{side}_best2", color="ink", size=4),
            Points(f"{side}_1[step]", f"{side}_2[step]", color=color, size=6.5, label="step {step}", label_dy=-16),
        ],
    )


@explorer(
    name="input-scaling",
    title="Inputs as they are, and standardized",
    controls={
        "spread": LogSlider("Standard deviation of x₂ (that of x₁ is 1)", 1, 10, per_decade=6, initial=4.6),
        "mean": Slider("Mean of both inputs", 0.0, 4.0, step=1.0, initial=0.0, format=".1f"),
        "share": Slider("Learning rate, as a share of 2/λ_max", 0.1, 1.1, step=0.2, initial=0.5, format=".1f"),
        "step": Play("Step", STEPS + 1, initial=20, interval=0.1),
    },
    panels=[
        [_map("Loss by weights: inputs as they are", "raw", "c2"), _map("Inputs standardized", "unit", "c1")],
        Plot(
            title="Loss above the least, as a share of its start",
            height=190,
            x=Axis(label="step", domain=(0, STEPS), ticks=(0, 20, 40, 60, 80)),
            y=Axis(domain=(1e-4, 10), log=True, ticks=(1e-4, 1e-3, 1e-2, 0.1, 1, 10)),
            marks=[
                Rule(x="step"),
                Rule(y=LEFT, label="1% left"),
                Line("steps", "raw_loss", color="c2", label="as they are", label_at=0.25, label_dy=-14),
                Line("steps", "unit_loss", color="c1"),
                Label(2.5, 4e-4, "standardized", color="c1", anchor="start"),
            ],
        ),
    ],
    describe=lambda s: (
        f"Standard deviations 1 and {s.spread:.2g}, means {s.mean:.1f}. As they are, the inputs make a loss whose "
        f"steepest direction curves {s.condition:.3g} times as much as its flattest (the condition number "
        f"λ_max/λ_min); standardized, {s.unit_condition:.2g} times. At {s.share:.1f} of 2/λ_max, on its way to 1% of "
        f"the loss gradient descent {s.raw_arrival} on inputs as they are, and {s.unit_arrival} on standardized ones. "
        "At step {step} the shares left are {raw_loss[step]:.2g} and {unit_loss[step]:.2g}."
    ),
    goals=[Goal("with equal spreads, make the run on the inputs as they are at least ten times as slow", met="slow")],
    predict=Predict(
        question="Standardized, gradient descent gets to 1% of the loss in about one step. How many steps, "
        "when x₂ has 3.2 times the spread of x₁? (Learning rate: half of 2/λ_max.)",
        number=Number(1, 60, 1, "steps"),
        answer="raw_steps",
        reveal={"spread": 3.2, "mean": 0.0, "share": 0.5, "step": 20},
        outcome="Standardized it takes {unit_steps} steps. With 3.2 times the spread, λ_max/λ_min is {condition:.3g}, "
        "and it takes {raw_steps}.",
        holds=("spread", "share"),
    ),
)
def input_scaling(spread: float, mean: float, share: float) -> dict[str, Any]:
    """100 steps of gradient descent for ŷ = w₁x₁ + w₂x₂ on 200 examples, on raw and on standardized inputs."""
    raw, unit = (descent(*key, share, side) for key, side in (((mean, spread), False), ((0.0, 1.0), True)))
    slower = raw["arrived"] if raw["arrived"] > 0 else STEPS
    shared = {
        f"{name}_{key}": value
        for name, side in (("raw", raw), ("unit", unit))
        for key, value in {
            "1": side["path"][:, 0], "2": side["path"][:, 1], "loss": side["loss"] / side["loss"][0],
            "best1": side["best"][0], "best2": side["best"][1], "level": side["level"], "steps": side["arrived"],
            "arrival": _arrival(side),
        }.items()
    }  # fmt: skip
    return shared | {
        "w": GRID, "steps": np.arange(STEPS + 1), "condition": raw["condition"], "unit_condition": unit["condition"],
        "slow": spread == 1 and 0 < 10 * unit["arrived"] <= slower,
    }  # fmt: skip
