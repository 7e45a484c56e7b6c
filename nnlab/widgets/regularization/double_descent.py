"""Double descent: test error against width for random features, with its peak where width meets the examples."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network, data
from nnlab.layers import Dense, ReLU
from nnlab.losses import MeanSquaredError
from nnlab.widgets import Axis, Choice, Goal, Line, LogSlider, Plot, Points, Predict, Rule, explorer

N, DRAWS = 180, 5
FEATURES = LogSlider("Random features", 10, 1800, per_decade=8, initial=180)
CHOSEN = tuple(int(width) for width in FEATURES.values)
WIDTHS = tuple(sorted({*CHOSEN, 115, 145, 160, 170, 190, 200, 215, 275}))
NOISES = (0.0, 0.1, 0.2, 0.4)
PENALTIES = (0.0, 0.0001, 0.001, 0.01, 0.1)
CLASSES = 10


@cache
def examples(noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """180 training digits (180, 64), and as labels random ones for a share ``noise`` of them (180,)."""
    (x, y), _ = data.digits()
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(x))[:N]
    wrong = rng.random(N) < noise
    return x[rows].astype(np.float64), np.where(wrong, rng.integers(0, CLASSES, N), y[rows])


def features(width: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What a hidden layer with random weights makes of the training digits (180, width) and of the test digits.

    Pixels are centred first, or some units would be off for every digit and count for nothing.
    """
    net = Network([Dense(64, width), ReLU()], loss=MeanSquaredError(), seed=seed, dtype="float64")
    (train, _), (test, _) = examples(0.0, seed), data.digits()[1]
    return net.forward(train - train.mean(axis=0)), net.forward(test - train.mean(axis=0))


def solve(factors: tuple[np.ndarray, np.ndarray, np.ndarray], targets: np.ndarray, lam: float) -> np.ndarray:
    """The output weights of least mean squared error + lam·Σw²; for lam = 0, of all with least error the shortest.

    factors: the singular value decomposition U, s, Vᵀ of the features. Gradient descent from 0 ends there too.
    """
    u, s, vt = factors
    kept = s > 1e-12 * s[0]
    gain = np.divide(s, s * s + lam * N, out=np.zeros_like(s), where=kept)
    return vt.T @ (gain[:, None] * (u.T @ targets))


@cache
def table() -> np.ndarray:
    """Test error, training error and length of the weights: (noises, penalties, widths, 3), means of five draws."""
    _, (_, truth) = data.digits()
    found = np.zeros((len(NOISES), len(PENALTIES), len(WIDTHS), DRAWS, 3))
    for k, width in enumerate(WIDTHS):
        for seed in range(DRAWS):
            train, test = features(width, seed)
            factors = np.linalg.svd(train, full_matrices=False)
            for i, noise in enumerate(NOISES):
                _, labels = examples(noise, seed)
                targets = data.one_hot(labels, CLASSES) - 1 / CLASSES
                for j, lam in enumerate(PENALTIES):
                    weights = solve(factors, targets, lam)
                    wrong = ((test @ weights).argmax(axis=1) != truth).mean()
                    unlearned = ((train @ weights).argmax(axis=1) != labels).mean()
                    found[i, j, k, seed] = wrong, unlearned, np.linalg.norm(weights)
    return found.mean(axis=3)


def words(s: Any) -> str:
    """Where the peak is, and what lies on either side of it."""
    peak = (
        f"The test error peaks at {s.peak} features ({100 * s.highest:.0f}% wrong), where the weights are "
        f"{s.swollen:,.0f} times as long as at 1,800. "
        if s.peaked
        else "No peak stands out at 180 features: the penalty keeps the weights short. "
    )
    side = (
        "the wide side wins" if s.wide < 0.97 * s.narrow
        else "the narrow side wins" if s.narrow < 0.97 * s.wide
        else "both sides are as good"
    )  # fmt: skip
    penalty = f"λ = {s.lam:g}" if s.lam else "no penalty"
    return (
        f"{{width}} features, {100 * s.noise:.0f}% of the labels random, {penalty}: {{wrong[width]:.1%}} of the test "
        f"digits wrong, {{unlearned[width]:.1%}} of the training digits. {peak}Best below 180: {100 * s.narrow:.1f}%, "
        f"best above: {100 * s.wide:.1f}%; {side}."
    )


@explorer(
    name="double-descent",
    title="Double descent",
    controls={
        "width": FEATURES,
        "noise": Choice("Random labels", {share: f"{100 * share:.0f}%" for share in NOISES}, initial=0.1),
        "lam": Choice("L2 penalty λ", {lam: f"{lam:g}" for lam in PENALTIES}),
    },
    panels=[
        Plot(
            title="Share of wrong digits, by features",
            height=270,
            drag_x="width",
            margin_right=70,
            x=Axis(domain=(10, 1800), log=True, ticks=(10, 30, 100, 300, 1000)),
            y=Axis(domain=(0, 1), ticks=(0, 0.25, 0.5, 0.75, 1)),
            marks=[
                Rule(x=N, color="c5", label="one for each example"),
                Line("widths", "free", color="muted", width=1.5, dash=True, label="λ = 0", label_at=0.72, label_dy=-24,
                     when="lam"),
                Line("widths", "train", color="c1", label="training", label_dy=-4),
                Line("widths", "test", color="c2", label="test", label_dy=-4),
                Points("width", "unlearned[width]", color="c1", size=5),
                Points("width", "wrong[width]", color="c2", size=6),
            ],
        ),
        Plot(
            title="Length of the output weights",
            height=170,
            drag_x="width",
            margin_right=70,
            x=Axis(label="random features", domain=(10, 1800), log=True, ticks=(10, 30, 100, 300, 1000)),
            y=Axis(domain=(0.3, 1000), log=True, ticks=(1, 10, 100, 1000)),
            marks=[
                Rule(x=N, color="c5"),
                Line("widths", "length", color="c3"),
                Points("width", "long[width]", color="c3", size=6),
            ],
        ),
    ],
    describe=words,
    goals=[Goal("with 40% random labels, get fewer than a quarter of the test digits wrong", met="good[width]")],
    predict=Predict(
        question="At 180 features the error peaks. Go on to 1,800 features: ten for every example. The test error …",
        choices=("stays high", "falls, but not to the best of the narrow side", "falls below all of the narrow side"),
        answer="guess",
        reveal={"width": 1800, "noise": 0.0, "lam": 0.0},
        outcome="Without random labels: best below 180 {narrow:.1%}, peak {highest:.0%}, at 1,800 {wrong[18]:.1%}.",
        holds=("width",),
    ),
)  # fmt: skip
def double_descent(noise: float, lam: float) -> dict[str, Any]:
    """180 digits, a hidden ReLU layer with random weights, and the output weights of least error solved for."""
    here = table()[NOISES.index(noise)]
    test, train, length = here[PENALTIES.index(lam)].T
    at = [WIDTHS.index(width) for width in CHOSEN]
    narrow = min(test[k] for k, width in enumerate(WIDTHS) if width < 0.8 * N)
    wide = min(test[k] for k, width in enumerate(WIDTHS) if width > 1.25 * N)
    top = max(range(len(WIDTHS)), key=lambda k: test[k] if 0.8 * N <= WIDTHS[k] <= 1.25 * N else 0.0)
    return {
        "widths": WIDTHS, "test": test, "train": train, "length": length, "free": here[0, :, 0],
        "wrong": test[at], "unlearned": train[at], "long": length[at],
        "narrow": narrow, "wide": wide, "peak": WIDTHS[top], "highest": test[top],
        "swollen": length[top] / length[-1],
        "peaked": test[top] > 1.1 * narrow and test[top] > 1.1 * wide, "good": (noise == 0.4) & (test[at] < 0.25),
        "guess": 2 if test[-1] < narrow else 1 if test[-1] < 0.5 * test[top] else 0,
    }  # fmt: skip
