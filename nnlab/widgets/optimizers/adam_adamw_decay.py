"""Weight decay through the gradient, as in Adam with L2, and beside it, as in AdamW."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.optimizers import Adam, AdamW
from nnlab.widgets import Axis, Choice, Line, LogSlider, Plot, Points, Predict, explorer
from nnlab.widgets.gradient_descent.descent import descend

SCALES = np.geomspace(0.01, 100, 13)
COPIES = 24
STEPS, KEPT = 1000, 400


def weights(decay: float, lr: float, noise: float, *, decoupled: bool) -> np.ndarray:
    """The mean weight late in a run, for each gradient scale s: (13,).

    Each weight has the loss ½s(w − 1)² and gradients s(w − 1 + noise · normal), and starts in its minimum, 1. Decay is
    AdamW's, or decay · w added to the gradient of Adam.
    """
    rng = np.random.default_rng(0)
    optimizer = AdamW(lr, weight_decay=decay) if decoupled else Adam(lr)

    def gradient(w: np.ndarray) -> np.ndarray:
        g = SCALES[:, None] * (w - 1 + noise * rng.normal(size=w.shape))
        return g if decoupled else g + decay * w

    path = descend(optimizer, gradient, np.ones((len(SCALES), COPIES)), STEPS)
    return path[-KEPT:].mean(axis=(0, 2))


@explorer(
    name="adam-adamw-decay",
    title="Weight decay in Adam and in AdamW",
    controls={
        "decay": LogSlider("Weight decay λ", 0.01, 1.0, per_decade=4, initial=0.1),
        "lr": Choice("Learning rate lr", (0.01, 0.03), initial=0.01),
        "noise": Choice("Noise of the gradients", (0.5, 1.0, 2.0), initial=1.0),
    },
    panels=[
        Plot(
            title="Weight that is left, by the size of its gradients",
            height=280,
            x=Axis(label="scale s of the gradients", domain=(0.009, 110), log=True, ticks=(0.01, 0.1, 1, 10, 100)),
            y=Axis(domain=(0, 1.1), ticks=(0, 0.25, 0.5, 0.75, 1)),
            marks=[
                Line("scale", "theory", color="c2", width=1, dash=True, label="s/(s + λ)", label_at=0.35, label_dy=26),
                Line("scale", "coupled", color="c2", label="Adam with L2", label_at=0.8, label_dy=-14),
                Points("scale", "coupled", color="c2", size=4),
                Line("scale", "decoupled", color="c1", label="AdamW", label_at=0.8, label_dy=18),
                Points("scale", "decoupled", color="c1", size=4),
            ],
        ),
    ],
    describe=lambda s: (
        f"Decay {s.decay:.2g}, learning rate {s.lr:g}, noise {s.noise:g}. Adam with L2 leaves {s.coupled[0]:.3f} "
        f"of the weight with the smallest gradients and {s.coupled[-1]:.3f} of the one with the largest: "
        f"decay acts most where s is below λ. AdamW leaves {s.decoupled[0]:.3f} and {s.decoupled[-1]:.3f} for any s."
    ),
    predict=Predict(
        question="Adam with L2: one weight's gradients are 10,000 times another's. Which shrinks more?",
        choices=("the one with large gradients", "the one with small gradients", "both alike"),
        answer="guess",
        reveal={"decay": 0.1, "lr": 0.01, "noise": 1.0},
        outcome="Left with small gradients: {coupled[0]:.2f}; with large ones: {coupled[12]:.2f}.",
        holds=("decay",),
    ),
)  # fmt: skip
def adam_adamw_decay(decay: float, lr: float, noise: float) -> dict[str, Any]:
    """13 kinds of weights, their gradients from 0.01 to 100 times as large, under both forms of decay."""
    coupled = weights(decay, lr, noise, decoupled=False)
    decoupled = weights(decay, lr, noise, decoupled=True)
    difference = coupled[-1] - coupled[0]
    return {
        "scale": SCALES, "coupled": coupled, "decoupled": decoupled, "theory": SCALES / (SCALES + decay),
        "guess": 1 if difference > 0.1 else 0 if difference < -0.1 else 2,
    }  # fmt: skip
