"""Cross-entropy, of two classes and of ten, against squared error: loss, slope, and the labels' likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.layers import Sigmoid
from nnlab.losses import BinaryCrossEntropy, MeanSquaredError, SoftmaxCrossEntropy
from nnlab.widgets import Axis, Goal, Line, Plot, Points, Predict, Rule, Slider, explorer

N = 10
CLASSES = 10
LOGITS = np.linspace(-6, 6, 49)
FINE = np.linspace(-6, 6, 121)
CHANCES = np.linspace(0.005, 0.995, 100)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """p = σ(z), by nnlab's layer."""
    return np.array(Sigmoid().forward(z.reshape(-1, 1)))[:, 0]


def labels(ones: int) -> np.ndarray:
    """Ten labels, so many of them 1: (10, 1)."""
    return (np.arange(N) < ones).astype(float)[:, None]


def cross_entropy(z: float, y: np.ndarray) -> tuple[float, float]:
    """The mean loss over the labels when the network answers the logit z to all of them, and its slope in z."""
    loss, gradient = BinaryCrossEntropy().value_and_gradient(np.full_like(y, z), y)
    return float(loss), float(gradient.sum())


def squared_error(z: float, y: np.ndarray) -> tuple[float, float]:
    """The same for the squared error of p = σ(z): backward through the loss, then through the sigmoid."""
    layer = Sigmoid()
    loss, gradient = MeanSquaredError().value_and_gradient(layer.forward(np.full_like(y, z)), y)
    return float(loss), float(layer.backward(gradient).sum())


def softmax_cross_entropy(z: float, y: np.ndarray) -> tuple[float, float]:
    """The same for ten classes: z is the first one's logit, the others' are 0, and labels 0 are the others' in turn."""
    others = 1 + np.arange(N) % (CLASSES - 1)
    logits = np.zeros((N, CLASSES))
    logits[:, 0] = z
    loss, gradient = SoftmaxCrossEntropy().value_and_gradient(logits, np.where(y[:, 0] == 1, 0, others))
    return float(loss), float(gradient[:, 0].sum())


def curves(z: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Losses and slopes (3, len(z)) of cross-entropy, of squared error, and of softmax with cross-entropy."""
    all_three = np.array([[loss(v, y) for v in z] for loss in (cross_entropy, squared_error, softmax_cross_entropy)])
    return all_three[..., 0], all_three[..., 1]


def log_likelihood(p: np.ndarray, ones: int) -> np.ndarray:
    """log Π pʸ(1 − p)¹⁻ʸ = k log p + (n − k) log(1 − p), for k ones among n labels."""
    return ones * np.log(p) + (N - ones) * np.log1p(-p)


def tangent(z: np.ndarray, loss: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A piece of the tangent at each z, two logits long."""
    ends = z[:, None] + np.array([-1, 1])
    return ends, loss[:, None] + slope[:, None] * np.array([-1, 1])


def _advice(z: float, ones: int, slopes: np.ndarray) -> str:
    share = ones / N
    p = 1 / (1 + np.exp(-z))
    if ones in (0, N) and abs(p - share) < 0.1:
        far = "∞" if ones else "−∞"
        return f"All labels are {ones // N}: the likelihood grows on as z goes to {far}, ever more slowly."
    if abs(p - share) < 0.03:
        return "This is where the likelihood is greatest: both slopes are about 0, and learning is over."
    ratio = abs(slopes[0]) / max(abs(slopes[1]), 1e-300)
    if abs(p - share) > 0.7:
        return f"Far wrong, yet squared error hardly slopes: cross-entropy pulls {ratio:.0f} times as hard."
    return f"Both pull towards p = {share:.1f}; cross-entropy pulls {ratio:.2g} times as hard."


@explorer(
    name="losses",
    title="Cross-entropy and squared error",
    controls={
        "z": Slider("Logit z", -6.0, 6.0, step=0.25, initial=-4.0, format=".2f"),
        "ones": Slider("Labels that are 1, of 10", 0, N, step=1, initial=9),
    },
    panels=[
        [
            Plot(
                title="Mean loss, by logit",
                height=240,
                drag_x="z",
                x=Axis(label="logit z", domain=(-6, 6), ticks=(-6, -3, 0, 3, 6)),
                y=Axis(domain=(0, 6), ticks=(0, 2, 4, 6)),
                marks=[
                    Line("fine", "loss[2]", color="c4", label="softmax of ten", label_at=0.3, label_dy=-12),
                    Line("fine", "loss[0]", color="c1", label="cross-entropy", label_at=0.42, label_dy=-34),
                    Line("fine", "loss[1]", color="c2", label="squared error", label_at=0.16, label_dy=-12),
                    Line("tangent_z[z]", "tangent_ce[z]", color="ink", width=1.5),
                    Line("tangent_z[z]", "tangent_se[z]", color="ink", width=1.5),
                    Points("z", "sm[z]", color="c4", size=5),
                    Points("z", "ce[z]", color="c1", size=6.5),
                    Points("z", "se[z]", color="c2", size=6.5),
                ],
            ),
            Plot(
                title="Its slope ∂L/∂z, what learning gets",
                height=240,
                drag_x="z",
                x=Axis(label="logit z", domain=(-6, 6), ticks=(-6, -3, 0, 3, 6)),
                y=Axis(domain=(-1.1, 1.1), ticks=(-1, -0.5, 0, 0.5, 1)),
                marks=[
                    Rule(y=0, dash=False),
                    Line("fine", "slope[2]", color="c4"),
                    Line("fine", "slope[0]", color="c1"),
                    Line("fine", "slope[1]", color="c2"),
                    Points("z", "sm_slope[z]", color="c4", size=5),
                    Points("z", "ce_slope[z]", color="c1", size=6.5),
                    Points("z", "se_slope[z]", color="c2", size=6.5),
                ],
            ),
        ],
        [
            Plot(
                title="Likelihood of the labels, peak = 1",
                height=200,
                x=Axis(label="probability p; dashed: share of ones", domain=(0, 1)),
                y=Axis(domain=(0, 1.1), ticks=(0, 0.5, 1)),
                marks=[
                    Rule(x="best", color="c3"),
                    Line("chances", "likelihood", color="c3"),
                    Points("p[z]", "likelihood_here[z]", color="ink", size=6),
                ],
            ),
            Plot(
                title="Mean loss, by probability",
                height=200,
                x=Axis(label="probability p = σ(z)", domain=(0, 1)),
                y=Axis(domain=(0, 4.5), ticks=(0, 1, 2, 3, 4)),
                marks=[
                    Rule(x="best", color="c3"),
                    Line("chances", "loss_p[0]", color="c1"),
                    Line("chances", "loss_p[1]", color="c2"),
                    Points("p[z]", "ce[z]", color="c1", size=6),
                    Points("p[z]", "se[z]", color="c2", size=6),
                ],
            ),
        ],
    ],
    describe=lambda s: (
        f"{s.ones} of {N} labels are 1. Logit " + "{z}, so p = {p[z]:.3g}. Cross-entropy {ce[z]:.3g}, slope "
        "{ce_slope[z]:.3g}; squared error {se[z]:.3g}, slope {se_slope[z]:.3g}. {advice[z]} As the "
        "logit of one class of ten, softmax makes of it p = {sm_p[z]:.3g}, with cross-entropy {sm[z]:.3g} and slope "
        "{sm_slope[z]:.3g}: again p minus the share."
    ),
    goals=[Goal("with 3 ones of 10, find the logit of the greatest likelihood", met="there[z]")],
    predict=Predict(
        question="All labels are 1, and the network is sure of 0: z = −6. Which loss pulls harder towards the labels?",
        choices=("squared error", "both alike", "cross-entropy, twice as hard", "cross-entropy, 100 times as hard"),
        answer="guess",
        reveal={"z": -6.0, "ones": 10},
        outcome="The slope of cross-entropy is {ce_slope[z]:.3g}, that of squared error {se_slope[z]:.2g}: "
        "where the sigmoid is flat, it lets no gradient through.",
        holds=("z", "ones"),
    ),
)  # fmt: skip
def losses(ones: int) -> dict[str, Any]:
    """A network that answers one logit to ten examples: three losses, their slopes, and the labels' likelihood."""
    y = labels(ones)
    loss, slope = curves(FINE, y)
    (ce, se, sm), (ce_slope, se_slope, sm_slope) = curves(LOGITS, y)
    p = sigmoid(LOGITS)
    best = ones / N
    peak = log_likelihood(np.clip(best, 1e-12, 1 - 1e-12), ones)
    loss_p = curves(np.log(CHANCES) - np.log1p(-CHANCES), y)[0][:2]
    ratio = abs(ce_slope[0]) / abs(se_slope[0])
    return {
        "fine": FINE, "loss": loss, "slope": slope,
        "ce": ce, "se": se, "sm": sm, "ce_slope": ce_slope, "se_slope": se_slope, "sm_slope": sm_slope,
        "p": p, "sm_p": sm_slope + best,
        "tangent_z": tangent(LOGITS, ce, ce_slope)[0],
        "tangent_ce": tangent(LOGITS, ce, ce_slope)[1], "tangent_se": tangent(LOGITS, se, se_slope)[1],
        "chances": CHANCES, "best": best, "likelihood": np.exp(log_likelihood(CHANCES, ones) - peak),
        "likelihood_here": np.exp(log_likelihood(p, ones) - peak), "loss_p": loss_p,
        "advice": [_advice(v, ones, np.array(pair)) for v, *pair in zip(LOGITS, ce_slope, se_slope, strict=True)],
        "there": ((ones == 3) & (np.arange(len(LOGITS)) == ce.argmin())).astype(int),
        "guess": 0 if ratio < 0.9 else 1 if ratio < 1.1 else 2 if ratio < 100 else 3,
    }  # fmt: skip
