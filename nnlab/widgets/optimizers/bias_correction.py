"""Adam's bias correction: running means that start at 0, and the first steps with and without the cure."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.optimizers import Adam
from nnlab.widgets import Axis, Choice, Goal, Line, Plot, Predict, Rule, Slider, explorer

STEPS = 100


def gradients(noise: float) -> np.ndarray:
    """Gradients of size 1 with normal noise of the given standard deviation."""
    return 1 + noise * np.random.default_rng(0).normal(size=STEPS)


def run(g: np.ndarray, beta1: float, beta2: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Adam's running means m and v after each step, and the length of each step in units of lr.

    Adam's state arrays hold m/(1 − β1) and v/(1 − β2).
    """
    optimizer, w = Adam(lr=1.0, beta1=beta1, beta2=beta2), np.zeros(1)
    m, v, moved = np.empty(len(g)), np.empty(len(g)), np.empty(len(g))
    for t, each in enumerate(g):
        before = w[0]
        optimizer.step([w], [np.array([each])])
        m[t] = (1 - beta1) * optimizer.state["m"][0][0]
        v[t] = (1 - beta2) * optimizer.state["v"][0][0]
        moved[t] = before - w[0]
    return m, v, moved


def _verdict(ratio: np.ndarray) -> str:
    """What becomes of Adam's steps without the correction: ``ratio`` of each to the corrected one."""
    longest, shortest = int(np.argmax(ratio)), int(np.argmin(ratio))
    if ratio[longest] > 1.25:
        times = f"{ratio[longest]:.2g} times too long, at step {longest + 1}"
        return f"v fades in more slowly than m, so the early steps would be up to {times}."
    if ratio[shortest] < 0.8:
        left = f"{100 * ratio[shortest]:.2g}% of their length at step {shortest + 1}"
        return f"m fades in more slowly than v, so the early steps would be too short, {left}."
    return "m and v fade in alike, so the steps differ little."


@explorer(
    name="bias-correction",
    title="Adam's first steps, with and without bias correction",
    controls={
        "beta1": Choice("β₁, memory of the gradient", (0.0, 0.5, 0.9, 0.95, 0.99), initial=0.9),
        "beta2": Choice("β₂, memory of its square", (0.9, 0.99, 0.999, 0.9999), initial=0.999),
        "noise": Slider("Noise of the gradients", 0.0, 2.0, step=0.5, initial=0.5, format=".1f"),
    },
    panels=[
        [
            Plot(
                title="Mean gradient: m starts at 0",
                height=220,
                x=Axis(label="step", domain=(1, STEPS), ticks=(1, 25, 50, 75, 100)),
                y=Axis(domain=(-1, 3)),
                marks=[
                    Line("step", "g", color="muted", width=1, opacity=0.5),
                    Rule(y=1),
                    Line("step", "m", color="c2", label="m", label_at=0.05, label_dy=16),
                    Line("step", "m_hat", color="c1", label="m/(1 − β₁ᵗ)", label_at=0.75, label_dy=-18),
                ],
            ),
            Plot(
                title="Mean square: v starts at 0",
                height=220,
                x=Axis(label="step", domain=(1, STEPS), ticks=(1, 25, 50, 75, 100)),
                y=Axis(domain=(0, 8)),
                marks=[
                    Rule(y="square"),
                    Line("step", "v", color="c2", label="v", label_at=0.85, label_dy=-12),
                    Line("step", "v_hat", color="c1", label="v/(1 − β₂ᵗ)", label_at=0.6, label_dy=-18),
                ],
            ),
        ],
        Plot(
            title="Length of a step, in learning rates",
            height=210,
            x=Axis(label="step", domain=(1, STEPS), ticks=(1, 25, 50, 75, 100)),
            y=Axis(domain=(0.01, 100), log=True, ticks=(0.01, 0.1, 1, 10, 100)),
            marks=[
                Rule(y=1),
                Line("step", "raw", color="c2", label="without correction", label_at=0.75, label_dy=-16),
                Line("step", "moved", color="c1", label="Adam", label_at=0.9, label_dy=16),
            ],
        ),
    ],
    describe=lambda s: (
        f"β₁ = {s.beta1:g}, β₂ = {s.beta2:g}, noise {s.noise:.1f}. At step 1 m is {s.m[0]:.2g} and v is {s.v[0]:.2g}: "
        f"{1 - s.beta1:.2g} and {1 - s.beta2:.2g} of what they stand for. Adam's first step is "
        f"{s.moved[0]:.3g} times the learning rate; without the correction, {s.raw[0]:.3g} times. {s.verdict}"
    ),
    goals=[Goal("make the uncorrected first step shorter than a third of Adam's", met="short")],
    predict=Predict(
        question="β₁ = 0.9, β₂ = 0.999: m and v start too small. How long is step 1 without correction?",
        choices=("shorter than the learning rate", "about as long", "about three times as long"),
        answer="guess",
        reveal={"beta1": 0.9, "beta2": 0.999, "noise": 0.0},
        outcome="It is (1 − β₁)/√(1 − β₂) = {raw[0]:.3g} learning rates.",
        holds=("beta1", "beta2"),
    ),
)  # fmt: skip
def bias_correction(beta1: float, beta2: float, noise: float) -> dict[str, Any]:
    """100 steps of Adam on gradients around 1: its running means, and its steps beside m/(√v + eps)."""
    g = gradients(noise)
    m, v, moved = run(g, beta1, beta2)
    step = np.arange(1, STEPS + 1)
    raw = m / (np.sqrt(v) + 1e-8)
    return {
        "step": step, "g": g, "m": m, "v": v, "m_hat": m / (1 - beta1**step), "v_hat": v / (1 - beta2**step),
        "moved": np.abs(moved), "raw": np.abs(raw), "square": 1 + noise**2, "verdict": _verdict(raw / moved),
        "short": raw[0] < moved[0] / 3, "guess": 0 if raw[0] < 0.5 else 1 if raw[0] < 2 else 2,
    }  # fmt: skip
