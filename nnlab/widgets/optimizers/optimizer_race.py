"""Six optimizers race down five surfaces with one learning rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlab.optimizers import SGD, AdaGrad, Adam, Momentum, Nesterov, Optimizer, RMSProp
from nnlab.widgets import Axis, Bars, Choice, Contour, Goal, Line, LogSlider, Play, Plot, Points, Rule, explorer
from nnlab.widgets.gradient_descent.descent import descend, diverged_at, on_map
from nnlab.widgets.gradient_descent.surfaces import SURFACES

STEPS = 100
ARRIVED = 0.01
REACH = 15.0
RACERS: dict[str, Callable[[float], Optimizer]] = {
    "SGD": SGD,
    "Momentum": Momentum,
    "Nesterov": Nesterov,
    "AdaGrad": AdaGrad,
    "RMSProp": RMSProp,
    "Adam": Adam,
}
NAMES = tuple(RACERS)
COLORS = ("c1", "c2", "c3", "c4", "c5", "c6")
SHOWN = np.vstack([np.ones(len(NAMES), int), np.eye(len(NAMES), dtype=int)])


def _arrival(run: np.ndarray) -> int | None:
    """The step from which on less than 1% of the first loss is left; None when that never lasts."""
    above = ~(run <= ARRIVED * run[0])
    return None if above[-1] else int(np.flatnonzero(above)[-1]) + 1


def _verdict(above: np.ndarray) -> str:
    """Who arrives when, and who is lost."""
    runs = dict(zip(NAMES, above, strict=True))
    lost = [f"{name} at step {diverged_at(run)}" for name, run in runs.items() if diverged_at(run[[0, -1]]) > 0]
    arrivals = {name: step for name, run in runs.items() if (step := _arrival(run)) is not None}
    if arrivals:
        order = sorted(arrivals, key=arrivals.__getitem__)
        first = f"first is {order[0]}, at step {arrivals[order[0]]}"
        text = f"{len(order)} of {len(NAMES)} end with less than 1% of the loss left; {first}."
    else:
        text = f"In {STEPS} steps none gets below 1% of the loss."
    return text + (f" Diverged: {', '.join(lost)}." if lost else "")


@explorer(
    name="optimizer-race",
    title="Six optimizers on five surfaces",
    controls={
        "surface": Choice("Surface", {name: surface.label for name, surface in SURFACES.items()}),
        "lr": LogSlider("Learning rate lr, the same for all", 0.003, 1.0, per_decade=4, initial=0.03),
        "show": Choice("Show", {0: "all six", **{i + 1: name for i, name in enumerate(NAMES)}}),
        "step": Play("Step", STEPS + 1, initial=40, interval=0.1),
    },
    panels=[
        [
            Plot(
                title="The paths",
                height=330,
                weight=1.1,
                x=Axis(label="w₁", domain=(-2, 2), grid=False, ticks=(-2, -1, 0, 1, 2)),
                y=Axis(domain=(-2, 2), grid=False, ticks=(-2, -1, 0, 1, 2)),
                marks=[
                    Contour("across", "up", "height", levels=12),
                    Points("places1", "places2", color="ink", size=3.5),
                    *(
                        Line(f"path1[{i}, :step+1]", f"path2[{i}, :step+1]", color=COLORS[i], when=f"shown[show, {i}]")
                        for i in range(len(NAMES))
                    ),
                    *(
                        Points(f"path1[{i}, step]", f"path2[{i}, step]", color=COLORS[i], when=f"shown[show, {i}]")
                        for i in range(len(NAMES))
                    ),
                ],
            ),
            Bars(
                title="Loss above the least, at step {step}",
                height=200,
                values="above[:, step]",
                shown="shown[show]",
                labels=NAMES,
                format=".1g",
                axis=Axis(log=True, domain=(1e-6, 100)),
                colors=COLORS,
            ),
        ],
        Plot(
            title="Loss above the least, by step",
            height=190,
            x=Axis(label="step", domain=(0, STEPS)),
            y=Axis(domain=(1e-6, 100), log=True, ticks=(1e-6, 1e-4, 1e-2, 1, 100)),
            marks=[
                Rule(x="step"),
                *(
                    Line("steps", f"above[{i}]", color=COLORS[i], width=1.75, when=f"shown[show, {i}]")
                    for i in range(len(NAMES))
                ),
            ],
        ),
    ],
    describe=lambda s: (
        f"{SURFACES[s.surface].label.capitalize()}, learning rate {s.lr:.2g}: {s.verdict} "
        "Shown: {show}. At step {step} the lowest is {lowest[step]}."
    ),
    goals=[
        Goal("on the saddle, bring all six below 1% of the loss within 100 steps", met="all_down"),
        Goal("with two valleys, send Momentum or Nesterov over the ridge while SGD stays behind", met="rolled"),
    ],
)
def optimizer_race(surface: str, lr: float) -> dict[str, Any]:
    """100 steps of each of nnlab's optimizers from the same start, with their default settings beside lr."""
    chosen = SURFACES[surface]

    def gradient(w: np.ndarray) -> np.ndarray:
        return np.array(chosen.gradient(*w))

    paths = np.array([descend(make(lr), gradient, chosen.start, STEPS) for make in RACERS.values()])
    above = chosen.loss(paths[..., 0], paths[..., 1]) - chosen.least
    # below 10⁻⁸ no bar and no line is seen, and the sum with the least loss has no digits left
    above = np.where(above < 1e-8, 1e-8, above)
    side = np.linspace(-2, 2, 41)
    places = np.array(list(chosen.places.values()), dtype=float)
    left = paths[:, -1, 0] < 0
    path1, path2 = np.moveaxis(on_map(paths, REACH), -1, 0)
    return {
        "path1": path1, "path2": path2, "above": above, "steps": np.arange(STEPS + 1), "shown": SHOWN,
        "across": side, "up": side, "height": np.log1p(chosen.loss(side, side[:, None]) - chosen.least),
        "places1": places[:, 0], "places2": places[:, 1], "verdict": _verdict(above),
        "lowest": [NAMES[i] for i in np.argmin(np.where(np.isnan(above), np.inf, above), axis=0)],
        "all_down": surface == "saddle" and bool((above[:, -1] <= ARRIVED * above[:, 0]).all()),
        "rolled": surface == "valleys" and bool((left[1] or left[2]) and not left[0]),
    }  # fmt: skip
