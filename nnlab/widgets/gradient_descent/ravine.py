"""A ravine: one learning rate for a steep direction and a flat one."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.optimizers import SGD
from nnlab.widgets import Axis, Choice, Contour, Goal, Label, Line, LogSlider, Play, Plot, Points, Rule, explorer
from nnlab.widgets.gradient_descent.descent import descend, diverged_at, on_map

STEPS = 60
START = (-9.0, 2.0)
FLAT = 1.0
REACH = 1000.0
RATES = np.geomspace(0.01, 1, 121)


def _verdict(factors: np.ndarray, diverged: int, ratio: float) -> str:
    along, across = factors
    if np.isclose(abs(across), 1):
        return "It bounces between the walls for ever: the learning rate is exactly 2/λ_max."
    if abs(across) > 1:
        when = f"diverged at step {diverged}" if diverged > 0 else f"the {STEPS} steps only begin to show it"
        return f"It bounces higher up the walls each time: {when}."
    crossing = "bounces from wall to wall, lower each time," if across < 0 else "slides down the wall"
    slow = "then creeps along the floor" if abs(along) > 0.9 else "while the floor takes it to the minimum"
    return f"It {crossing} {slow}: {STEPS} steps leave {ratio:.2g} of the loss."


@explorer(
    name="ravine",
    title="The learning rate in a ravine",
    controls={
        "lr": LogSlider("Learning rate lr", 0.01, 1.0, per_decade=12, initial=0.0825, format=".3g"),
        "steep": Choice("Steepest curvature λ_max", {2: "2", 5: "5", 10: "10", 20: "20", 50: "50"}, initial=20),
        "step": Play("Step", STEPS + 1, initial=20, interval=0.2),
    },
    panels=[
        Plot(
            title="The walk: w₁ along the floor, w₂ across",
            height=270,
            narrow_height=220,
            x=Axis(label="w₁", domain=(-10, 10), grid=False),
            y=Axis(domain=(-3, 3), grid=False, ticks=(-2, 0, 2)),
            marks=[
                Contour("x", "y", "root", levels=12),
                Points(0, 0, color="c3", size=5, label="minimum", label_dy=16),
                Line("path1[:step+1]", "path2[:step+1]", color="c1", width=1.75),
                Points("path1[:step+1]", "path2[:step+1]", color="c1", size=3),
                Points("path1[step]", "path2[step]", color="c2", size=6.5, label="step {step}"),
            ],
        ),
        [
            Plot(
                title="Loss by step, in its two parts",
                height=220,
                x=Axis(label="step", domain=(0, STEPS)),
                y=Axis(domain=(1e-8, 1e6), log=True, ticks=(1e-8, 1e-6, 1e-4, 1e-2, 1, 100, 1e4, 1e6)),
                marks=[
                    Line("steps", "along", color="c1"),
                    Line("steps", "across", color="c4"),
                    Label(STEPS, 2e5, "along the floor", color="c1", anchor="end", dx=-4),
                    Label(STEPS, 5e3, "across", color="c4", anchor="end", dx=-4),
                    Points("step", "along[step]", color="c1", size=5),
                    Points("step", "across[step]", color="c4", size=5),
                ],
            ),
            Plot(
                title="What is left of the error after one step",
                height=220,
                margin_right=56,
                drag_x="lr",
                x=Axis(label="learning rate lr", domain=(0.01, 1), log=True, ticks=(0.01, 0.03, 0.1, 0.3, 1)),
                y=Axis(domain=(0, 2), ticks=(0, 0.5, 1, 1.5, 2)),
                marks=[
                    Rule(y=1),
                    Rule(x="border", color="c2", label="2/λ_max", label_dx=-5),
                    Line("rates", "left_along", color="c1", label="along", label_at=0.2, label_dy=-12),
                    Line("rates", "left_across", color="c4", label="across"),
                    Points("lr", "left[0]", color="c1", size=6),
                    Points("lr", "left[1]", color="c4", size=6),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"Learning rate {s.lr:.3g}, λ_max = {s.steep}, so 2/λ_max = {s.border:.3g}. A step multiplies "
        f"w₁ by {s.factors[0]:.3g} and w₂ by {s.factors[1]:.3g}. {s.verdict} "
        f"The best single rate is 2/(λ_min + λ_max) = {s.best:.3g}. "
        "At step {step} the loss is {loss[step]:.3g}."
    ),
    goals=[Goal("with λ_max = 50, leave less than half a percent of the loss after 60 steps", met="down")],
)
def ravine(lr: float, steep: int) -> dict[str, Any]:
    """Gradient descent on ½(w₁² + λ_max·w₂²) from (−9, 2), and the factor 1 − lr·λ of each direction."""
    curvatures = np.array([FLAT, float(steep)])
    path = descend(SGD(lr=lr), lambda w: curvatures * w, START, STEPS)
    parts = 0.5 * curvatures * path**2
    loss = parts.sum(axis=1)
    factors = 1 - lr * curvatures
    drawn = on_map(path, REACH)
    x, y = np.linspace(-10, 10, 61), np.linspace(-3, 3, 37)
    return {
        "path1": drawn[:, 0], "path2": drawn[:, 1], "steps": np.arange(STEPS + 1), "loss": loss,
        "along": parts[:, 0], "across": parts[:, 1],
        "x": x, "y": y, "root": np.sqrt(0.5 * (FLAT * x**2 + steep * y[:, None] ** 2)),
        "rates": RATES, "left_along": np.abs(1 - RATES * FLAT), "left_across": np.abs(1 - RATES * steep),
        "left": np.abs(factors),
        "factors": factors, "border": 2 / steep, "best": 2 / (FLAT + steep),
        "verdict": _verdict(factors, diverged_at(loss), loss[-1] / loss[0]),
        "down": steep == 50 and loss[-1] < 0.005 * loss[0],
    }  # fmt: skip
