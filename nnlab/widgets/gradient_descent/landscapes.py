"""Three landscapes that stop or mislead gradient descent: a saddle, a plateau, and two valleys."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.optimizers import SGD
from nnlab.widgets import Axis, Choice, Contour, Goal, Line, LogSlider, Play, Plot, Points, Slider, Toggle, explorer
from nnlab.widgets.gradient_descent.descent import descend
from nnlab.widgets.gradient_descent.surfaces import SURFACES, Surface

STEPS = 60
NOISE = 0.2
NEAR = 0.35
NAMES = ("saddle", "plateau", "valleys")


def _end(landscape: Surface, at: np.ndarray) -> str:
    if not np.isfinite(at).all():
        return "diverges: the weights left the numbers"
    for name, place in landscape.places.items():
        if np.hypot(*(at - place)) < NEAR:
            return f"ends in {name}"
    if np.abs(at).max() > 2:
        return "has left the map"
    return "is still on its way"


@explorer(
    name="landscapes",
    title="A saddle, a plateau, two valleys",
    controls={
        "surface": Choice("Landscape", {name: SURFACES[name].label for name in NAMES}),
        "x": Slider("Start at w₁", -1.5, 1.5, step=0.5, initial=-1.5, format="+.1f"),
        "y": Slider("Start at w₂", -1.5, 1.5, step=0.5, initial=0.0, format="+.1f"),
        "lr": LogSlider("Learning rate lr", 0.024, 0.76, per_decade=2, initial=0.076),
        "noisy": Toggle("Noise in each gradient, as mini-batches have"),
        "step": Play("Step", STEPS + 1, initial=STEPS - 20, interval=0.12),
    },
    panels=[
        [
            Plot(
                title="The walk; green dots: slope 0",
                height=300,
                x=Axis(label="w₁", domain=(-2, 2), grid=False, ticks=(-2, -1, 0, 1, 2)),
                y=Axis(domain=(-2, 2), grid=False, ticks=(-2, -1, 0, 1, 2)),
                marks=[
                    Contour("across", "up", "height", levels=14),
                    Points("places1", "places2", color="c3", size=4.5),
                    Line("path1[:step+1]", "path2[:step+1]", color="c1", width=1.75),
                    Points("path1[:step+1]", "path2[:step+1]", color="c1", size=3),
                    Points("path1[0]", "path2[0]", color="c1", size=5, label="start"),
                    Points("path1[step]", "path2[step]", color="c2", size=6.5),
                ],
            ),
            Plot(
                title="Loss by step",
                height=300,
                narrow_height=220,
                x=Axis(label="step", domain=(0, STEPS)),
                y=Axis(domain=(-1.1, 1.6), ticks=(-1, -0.5, 0, 0.5, 1, 1.5)),
                marks=[Line("steps", "loss", color="c1"), Points("step", "loss[step]", color="c2", size=6)],
            ),
        ],
    ],
    describe=lambda s: (
        f"{s.called}, from ({s.x:.1f}, {s.y:.1f}), learning rate {s.lr:.2g}{', noisy gradients' if s.noisy else ''}: "
        f"after {STEPS} steps the walk {s.end}. "
        f"The slope is {s.first_slope:.2g} at the start and {s.last_slope:.2g} at the end; "
        f"the loss goes from {s.first:.3g} to {s.last:.3g}. Shown to step {{step}}."
    ),
    goals=[
        Goal("on the saddle, start exactly on the ridge (w₂ = 0) and still end in a minimum", met="escaped"),
        Goal("with two valleys, start on the right (w₁ = 1 or more) and end in the left one", met="crossed"),
    ],
)  # fmt: skip
def landscapes(surface: str, x: float, y: float, lr: float, noisy: bool) -> dict[str, Any]:
    """Gradient descent on a surface; with noise, each entry of a gradient is off by 0.2 times a normal number."""
    landscape = SURFACES[surface]
    rng = np.random.default_rng(3)

    def gradient(w: np.ndarray) -> np.ndarray:
        return np.array(landscape.gradient(*w)) + (NOISE * rng.normal(size=2) if noisy else 0)

    path = descend(SGD(lr=lr), gradient, (x, y), STEPS)
    loss = landscape.loss(*path.T)
    slopes = [float(np.hypot(*landscape.gradient(*path[i]))) for i in (0, -1)]
    side = np.linspace(-2, 2, 41)
    places = np.array(list(landscape.places.values()), dtype=float)
    end = _end(landscape, path[-1])
    return {
        "path1": path[:, 0], "path2": path[:, 1], "loss": loss, "steps": np.arange(STEPS + 1), "end": end,
        "across": side, "up": side, "height": landscape.loss(side, side[:, None]),
        "places1": places[:, 0], "places2": places[:, 1], "called": landscape.label.capitalize(),
        "first": loss[0], "last": loss[-1], "first_slope": slopes[0], "last_slope": slopes[1],
        "escaped": surface == "saddle" and y == 0 and "minimum" in end and "saddle" not in end,
        "crossed": surface == "valleys" and x >= 1 and end == "ends in the deep valley",
    }  # fmt: skip
