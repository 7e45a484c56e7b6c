"""Momentum's phase diagram: which learning rates and momenta creep, swing or diverge on a parabola."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab.optimizers import Momentum
from nnlab.widgets import Axis, Goal, Heat, Label, Line, Play, Plot, Points, Slider, explorer
from nnlab.widgets.gradient_descent.descent import descend, diverged_at

STEPS = 60
RATES = np.round(np.arange(0.1, 4.01, 0.1), 10)
MOMENTA = np.round(np.arange(0, 0.951, 0.05), 10)
SETTLED = 120


def walk(rate: np.ndarray, momentum: float, steps: int) -> np.ndarray:
    """Weights from 1 on ½λw² for many λ at once: (steps + 1, len(rate)); with lr = 1, lr·λ is λ itself."""
    return descend(Momentum(lr=1.0, momentum=momentum), lambda w: rate * w, np.ones(len(rate)), steps)


@cache
def measured_rates() -> np.ndarray:
    """What a step leaves of the error in the long run: (momenta, rates), measured over 100 late steps.

    Two positions in a row together give a size that hardly swings.
    """
    rows = []
    for momentum in MOMENTA:
        path = walk(RATES, float(momentum), SETTLED)
        size = np.hypot(path[1:], path[:-1])
        # one setting, β = 0 with lr·λ = 1, lands in the minimum, and 0 has no logarithm
        rows.append(np.where(size[-1] == 0, 0, np.exp(_slope(np.log(size[-100:])))))
    return np.array(rows)


def _slope(curves: np.ndarray) -> np.ndarray:
    """The slope of the least-squares line through each column."""
    t = np.arange(len(curves)) - (len(curves) - 1) / 2
    return t @ curves / (t @ t)


def roots(rate: float, momentum: float) -> np.ndarray:
    """Roots of z² − (1 + β − lr·λ)z + β: what each step multiplies the error's two parts by."""
    return np.roots([1, -(1 + momentum - rate), momentum])


def _phase(rate: float, momentum: float) -> tuple[str, float]:
    factors = roots(rate, momentum)
    largest = float(np.abs(factors).max())
    if largest >= 1 - 1e-9:
        return "diverges" if largest > 1 + 1e-9 else "jumps for ever", largest
    if np.abs(factors.imag).max() > 1e-9:
        return "swings about the minimum", largest
    return "creeps in from one side" if factors.real.min() >= -1e-9 else "jumps from side to side, closing in", largest


@explorer(
    name="momentum-phase",
    title="Momentum's phase diagram",
    controls={
        "rate": Slider("Learning rate times curvature, lr·λ", 0.1, 4.0, step=0.1, initial=0.3, format=".1f"),
        "momentum": Slider("Momentum β", 0.0, 0.95, step=0.05, initial=0.8, format=".2f"),
        "step": Play("Step", STEPS + 1, initial=STEPS - 1, interval=0.12),
    },
    panels=[
        [
            Plot(
                title="Error left by a step: the bluer, the more",
                height=300,
                drag_x="rate",
                x=Axis(label="lr·λ", domain=(0.05, 4.05), ticks=(1, 2, 3, 4), grid=False),
                y=Axis(domain=(-0.025, 0.975), ticks=(0, 0.25, 0.5, 0.75), grid=False),
                marks=[
                    Heat("rates", "momenta", "measured", domain=(0.3, 1.1), low_color=None, high_color="c1"),
                    Line("border", "beta", color="c2", width=2.5),
                    Line("critical", "beta", color="c3", width=2.5),
                    Label(0.9, 0.5, "swings", color="ink"),
                    Label(3.4, 0.35, "diverges", color="ink"),
                    Points("rate", "momentum", color="ink", size=7),
                ],
            ),
            Plot(
                title="The weight at the chosen point, by step",
                height=300,
                narrow_height=220,
                x=Axis(label="step", domain=(0, STEPS)),
                y=Axis(domain=(-2, 2), ticks=(-2, -1, 0, 1, 2)),
                marks=[
                    Line("steps[:step+1]", "path[:step+1]", color="c1"),
                    Points("steps[:step+1]", "path[:step+1]", color="c1", size=2.5),
                    Points("step", "path[step]", color="c2", size=6),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"lr·λ = {s.rate:.1f}, β = {s.momentum:.2f}: the weight {s.phase}"
        + (f", diverged at step {s.diverged}. " if s.diverged > 0 else ". ")
        + f"In the long run a step leaves {s.largest:.3g} of the error (theory), {s.left:.3g} measured. "
        + f"The red border, where it diverges, is lr·λ = 2(1 + β) = {2 * (1 + s.momentum):.3g}; "
        + f"on the green line, lr·λ = (1 − √β)² = {(1 - np.sqrt(s.momentum)) ** 2:.3g}, swinging begins. "
        + "Shown to step {step}."
    ),
    goals=[
        Goal("beyond lr·λ = 2, where plain gradient descent diverges, leave under 0.6 a step", met="beyond"),
    ],
)
def momentum_phase(rate: float, momentum: float) -> dict[str, Any]:
    """Momentum on ½λw²: the long-run rate measured over the whole diagram, its borders by theory, one path."""
    path = walk(np.array([rate]), momentum, STEPS)[:, 0]
    phase, largest = _phase(rate, momentum)
    measured = measured_rates()
    left = measured[np.argmin(np.abs(MOMENTA - momentum)), np.argmin(np.abs(RATES - rate))]
    beta = np.linspace(0, 0.975, 79)
    return {
        "path": path, "steps": np.arange(STEPS + 1), "rates": RATES, "momenta": MOMENTA, "measured": measured,
        "beta": beta, "border": 2 * (1 + beta), "critical": (1 - np.sqrt(beta)) ** 2, "phase": phase,
        "largest": largest, "left": left, "diverged": diverged_at(path**2), "beyond": rate > 2 and largest < 0.6,
    }  # fmt: skip
