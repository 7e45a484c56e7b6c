"""Hidden units that start alike stay alike: symmetry, and the noise that breaks it."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab import Network, data
from nnlab.initializers import constant
from nnlab.layers import Dense
from nnlab.losses import BinaryCrossEntropy
from nnlab.optimizers import Momentum
from nnlab.widgets import Axis, Choice, Goal, Label, Line, Play, Plot, Points, Predict, Rule, explorer
from nnlab.widgets import Network as Diagram
from nnlab.widgets.gradient_descent.descent import reached_at
from nnlab.widgets.initialization.deep import ACTIVATION_WORDS, ACTIVATIONS

UNITS, STEPS, EVERY = 4, 1200, 20
APART = 1.0
NOISE = {0.0: "none: all equal", 1e-8: "10⁻⁸", 1e-4: "10⁻⁴", 1e-2: "0.01", 0.3: "0.3"}
COLORS = ("c1", "c2", "c3", "c4")


def train(start: float, noise: float, activation: str) -> dict[str, np.ndarray]:
    """Full-batch training of a 2-4-1 network on two circles, every weight ``start`` plus noise · N(0, 1).

    W1 (frames, 2, 4), W2 (frames, 4, 1), each unit's output for one point (frames, 4), and (frames,) the share of
    outputs that are not 0, losses, accuracies and how far the two most unlike units are apart in any one weight.
    """
    x, y = data.circles(200, noise=0.08)
    first, last = Dense(2, UNITS, constant(start)), Dense(UNITS, 1, constant(start))
    net = Network([first, ACTIVATIONS[activation][1](), last], BinaryCrossEntropy(), seed=0, dtype="float64")
    rng = np.random.default_rng(1)
    first.W += noise * rng.normal(size=first.W.shape)
    last.W += noise * rng.normal(size=last.W.shape)
    optimizer = Momentum(lr=0.1)
    frames: dict[str, list[Any]] = {name: [] for name in ("W1", "W2", "units", "on", "loss", "accuracy", "difference")}
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            loss, accuracy = net.evaluate(x, y)
            units = np.vstack([first.W, first.b, last.W.T])
            hidden = net.activations(x)[1]
            record = {
                "W1": first.W.copy(), "W2": last.W.copy(), "units": hidden[0], "on": np.mean(hidden != 0),
                "loss": loss, "accuracy": accuracy, "difference": np.ptp(units, axis=1).max(),
            }  # fmt: skip
            for name, value in record.items():
                frames[name].append(value)
        net.loss_and_gradients(x, y)
        optimizer.step(net.parameters, net.gradients)
    return {name: np.array(values) for name, values in frames.items()}


def _verdict(frames: dict[str, np.ndarray]) -> str:
    """What became of the units."""
    difference, on = frames["difference"], frames["on"]
    if difference[0] == 0 and np.ptp(frames["W2"]) == 0:
        return "The gradients of all weights are exactly 0: only the output's bias can learn."
    dead = " In the end all of them are off for every point, and no gradient passes." if on[-1] == 0 else ""
    if difference[0] == 0:
        return f"The units stay equal to the last bit: the four do the work of one.{dead}"
    apart = EVERY * reached_at(-difference, -APART)
    if apart >= 0:
        return f"The difference grows: by step {apart} two units are {APART:g} apart.{dead}"
    change = difference[-1] / difference[0]
    how = f"grows {change:.2g}-fold" if change > 1 else f"shrinks to {change:.2g} of its start"
    return f"In {STEPS:,} steps the difference {how}, which is not enough to part the units.{dead}"


@explorer(
    name="symmetry",
    title="Equal units never part",
    controls={
        "noise": Choice("Noise on the initial weights", NOISE, initial=1e-4),
        "start": Choice("All weights start at", {0.5: "0.5", 0.0: "0"}),
        "activation": Choice("Activation", ACTIVATION_WORDS),
        "frame": Play("Frame, 20 steps each", STEPS // EVERY + 1, initial=45, interval=0.12),
    },
    panels=[
        [
            Diagram(
                title="The network after step {step[frame]}",
                height=250,
                units=["point", "units[frame]", "outcome[frame]"],
                weights=["W1[frame]", "W2[frame]"],
                labels=["x", "hidden", "output"],
                unit_domain=1.5,
            ),
            Plot(
                title="Each unit by its weights from x₁ and x₂",
                height=250,
                x=Axis(label="weight from x₁; upwards from x₂", domain=(-6, 6), ticks=(-6, -3, 0, 3, 6)),
                y=Axis(domain=(-6, 6), ticks=(-6, -3, 0, 3, 6)),
                marks=[
                    *(
                        Line(f"across[{i}, :frame+1]", f"up[{i}, :frame+1]", color=c, width=1.5, opacity=0.8)
                        for i, c in enumerate(COLORS)
                    ),
                    *(
                        Points(f"across[{i}, frame]", f"up[{i}, frame]", color=c, size=9 - 1.5 * i)
                        for i, c in enumerate(COLORS)
                    ),
                ],
            ),
        ],
        [
            Plot(
                title="Largest difference between units",
                height=190,
                x=Axis(label="step", domain=(0, STEPS), ticks=(0, 300, 600, 900)),
                y=Axis(domain=(1e-9, 100), log=True, ticks=(1e-8, 1e-4, 1)),
                marks=[
                    Rule(x="step[frame]"),
                    Line("step", "drawn", color="c1"),
                    Points("step[frame]", "drawn[frame]", color="c1", size=6),
                    Label(STEPS / 2, 1e-4, "exactly 0 at every step", color="c1", when="equal"),
                ],
            ),
            Plot(
                title="Loss",
                height=190,
                x=Axis(label="step", domain=(0, STEPS), ticks=(0, 300, 600, 900)),
                y=Axis(domain=(0, 0.9), ticks=(0, 0.2, 0.4, 0.6, 0.8)),
                marks=[
                    Rule(x="step[frame]"),
                    Rule(y=float(np.log(2)), label="a guess"),
                    Line("step", "loss", color="c2"),
                    Points("step[frame]", "loss[frame]", color="c2", size=6),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"{ACTIVATION_WORDS[s.activation]}, weights {s.start:g} and noise {NOISE[s.noise]}. {s.verdict} "
        f"After {STEPS:,} steps the loss is {s.loss[-1]:.3f} and {100 * s.accuracy[-1]:.0f}% of the points are right. "
        "At step {step[frame]}: the difference is {difference[frame]:.2g}, the loss {loss[frame]:.3f}."
    ),
    goals=[Goal("with noise, and yet at the end fewer than 70% of the points right", met="stuck")],
    predict=Predict(
        question="All weights start at 0.5 and there is no noise. After 1,200 steps, what are the four units?",
        choices=("four different units: training separates them", "still the same unit, four times", "two and two"),
        answer="guess",
        reveal={"noise": 0.0, "start": 0.5, "activation": "tanh", "frame": STEPS // EVERY},
        outcome="After 1,200 steps the largest difference is {difference[60]:.2g}, and the loss {loss[60]:.2f}.",
        holds=("noise", "start"),
    ),
)
def symmetry(noise: float, start: float, activation: str) -> dict[str, Any]:
    """1,200 steps of full-batch momentum for a 2-4-1 network whose units start equal, up to a little noise."""
    frames = train(start, noise, activation)
    difference = frames["difference"]
    across, up = np.moveaxis(frames["W1"], 1, 0)
    final = np.unique(np.round(frames["W1"][-1], 6), axis=1).shape[1]
    return {
        "W1": frames["W1"], "W2": frames["W2"], "units": frames["units"],
        "point": data.circles(200, noise=0.08)[0][0],
        "outcome": (frames["units"][:, None] @ frames["W2"])[:, 0],
        "across": across.T, "up": up.T, "step": np.arange(0, STEPS + 1, EVERY),
        "difference": difference, "drawn": np.where(difference > 0, difference, np.nan), "equal": difference.max() == 0,
        "loss": frames["loss"], "accuracy": frames["accuracy"],
        "verdict": _verdict(frames),
        "stuck": noise > 0 and frames["accuracy"][-1] < 0.7, "guess": 1 if final == 1 else 0 if final == UNITS else 2,
    }  # fmt: skip
