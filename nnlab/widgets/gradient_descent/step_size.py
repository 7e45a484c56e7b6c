"""One weight on a parabola: the learning rate against 2/λ, the border between converging and diverging."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab.optimizers import SGD
from nnlab.widgets import Axis, Goal, Line, Play, Plot, Points, Predict, Rule, Slider, explorer
from nnlab.widgets.gradient_descent.descent import descend, diverged_at, reached_at

STEPS = 30
START = -3.0
RATES = np.linspace(0.01, 1.3, 130)
SHRUNK = 1e-6


def loss_at(w: np.ndarray, curvature: float) -> np.ndarray:
    """½λw², entry by entry."""
    return 0.5 * curvature * w * w


def walk(lr: float, curvature: float, steps: int) -> np.ndarray:
    """The weight before the first step and after each of them."""
    return descend(SGD(lr=lr), lambda w: curvature * w, [START], steps)[:, 0]


@cache
def loss_after_ten(curvature: float) -> np.ndarray:
    """The loss ten steps on, for each of the rates of the lower plot."""
    return loss_at(np.array([walk(rate, curvature, 10)[-1] for rate in RATES]), curvature)


def _verdict(factor: float, diverged: int, reached: int) -> str:
    if np.isclose(abs(factor), 1):
        return "w jumps from one side to the other for ever, and the loss stays as it is."
    if abs(factor) > 1:
        when = (
            f"diverged at step {diverged}: the loss is over 100 times its start" if diverged > 0 else "diverging slowly"
        )
        return f"each step lands farther out; {when}."
    when = f"at step {reached} a millionth of the loss is left" if reached > 0 else f"{STEPS} steps are too few"
    if np.isclose(factor, 0):
        return "the first step lands in the minimum."
    return f"w {'closes in from one side' if factor > 0 else 'overshoots, each time by less'}; {when}."


@explorer(
    name="step-size",
    title="The learning rate on a parabola",
    controls={
        "lr": Slider("Learning rate lr", 0.05, 1.25, step=0.05, initial=0.3, format=".2f"),
        "curvature": Slider("Curvature λ", 1.0, 4.0, step=0.5, initial=2.0, format=".1f"),
        "step": Play("Step", STEPS + 1, initial=5, interval=0.35),
    },
    panels=[
        [
            Plot(
                title="The walk on the loss ½λw²",
                height=240,
                x=Axis(label="weight w", domain=(-4, 4), ticks=(-4, -2, 0, 2, 4)),
                y=Axis(domain=(0, "top")),
                marks=[
                    Line("w", "parabola", color="muted", width=1.5),
                    Line("path[:step+1]", "loss[:step+1]", color="c1", width=1.5, opacity=0.7),
                    Points("path[:step+1]", "loss[:step+1]", color="c1", size=4),
                    Points("path[step]", "loss[step]", color="c2", size=6.5, label="step {step}"),
                ],
            ),
            Plot(
                title="Loss by step",
                height=240,
                x=Axis(label="step", domain=(0, STEPS)),
                y=Axis(domain=(1e-12, 1e6), log=True, ticks=(1e-12, 1e-9, 1e-6, 1e-3, 1, 1e3, 1e6)),
                marks=[
                    Line("steps", "loss", color="c1"),
                    Points("step", "loss[step]", color="c2", size=6),
                ],
            ),
        ],
        Plot(
            title="Loss after 10 steps, by learning rate",
            height=190,
            drag_x="lr",
            x=Axis(label="learning rate lr", domain=(0, 1.3), ticks=(0, 0.25, 0.5, 0.75, 1, 1.25)),
            y=Axis(domain=(1e-12, 1e6), log=True, ticks=(1e-12, 1e-6, 1, 1e6)),
            marks=[
                Rule(x="best", color="c3", label="1/λ"),
                Rule(x="border", color="c2", label="2/λ"),
                Line("rates", "after_ten", color="c1"),
                Points("lr", "loss[10]", color="c1", size=6),
            ],
        ),
    ],
    describe=lambda s: (
        f"Learning rate {s.lr:.2f}, curvature λ = {s.curvature:.1f}, so 2/λ = {s.border:.3g}. "
        f"Each step multiplies w by 1 − lr·λ = {s.factor:.3g}: {s.verdict} "
        "At step {step}: w = {path[step]:.3g}, loss {loss[step]:.3g}."
    ),
    goals=[Goal("with curvature 3, bring the loss below a millionth of its start within 5 steps", met="quick")],
    predict=Predict(
        question="The curvature is λ = 2 and the learning rate exactly 2/λ = 1. What does w do?",
        choices=("it converges, only slowly", "it jumps between two places for ever", "it diverges"),
        answer="fate",
        reveal={"lr": 1.0, "curvature": 2.0, "step": 6},
        outcome="With lr = 2/λ each step multiplies w by 1 − lr·λ = {factor:.3g}.",
        holds=("lr", "curvature"),
    ),
)
def step_size(lr: float, curvature: float) -> dict[str, Any]:
    """Gradient descent on f(w) = ½λw² from w = −3: the path, its loss, and the loss after 10 steps for many rates."""
    path = walk(lr, curvature, STEPS)
    loss = loss_at(path, curvature)
    w = np.linspace(-4, 4, 81)
    factor = 1 - lr * curvature
    reached = reached_at(loss, SHRUNK * loss[0])
    return {
        "path": path, "loss": loss, "steps": np.arange(STEPS + 1),
        "w": w, "parabola": loss_at(w, curvature), "top": 0.5 * curvature * 16,
        "rates": RATES, "after_ten": loss_after_ten(curvature), "best": 1 / curvature, "border": 2 / curvature,
        "factor": factor, "verdict": _verdict(factor, diverged_at(loss), reached),
        "quick": curvature == 3 and 0 < reached <= 5,
        "fate": 1 if np.isclose(abs(factor), 1) else 2 if abs(factor) > 1 else 0,
    }  # fmt: skip
