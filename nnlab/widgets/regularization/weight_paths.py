"""L1 and L2: the weights as λ grows, which of them become exactly 0, and the ball that shows why."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network
from nnlab.initializers import zeros
from nnlab.layers import Dense
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import SGD
from nnlab.regularizers import L1, L2
from nnlab.widgets import Axis, Choice, Goal, Label, Line, LogSlider, Plot, Points, Predict, Rule, explorer

N, NOISE = 40, 1.2
TRUE = np.array([1.6, 0.5, -0.9, 0.0, 0.0, 0.0])
LAMBDAS = LogSlider("Strength λ of the penalty", 0.01, 10.0, per_decade=8, initial=1.0)
LR, STEPS = 0.2, 400
RINGS = (0.2, 0.8)
ANGLES = np.linspace(0, 2 * np.pi, 49)


@cache
def examples(correlation: float) -> tuple[np.ndarray, np.ndarray]:
    """x (40, 6) in standard units, its first two columns correlated; y (40, 1) centred, three columns matter."""
    rng = np.random.default_rng(13)
    x = rng.normal(size=(N, len(TRUE)))
    x[:, 1] = correlation * x[:, 0] + np.sqrt(1 - correlation**2) * x[:, 1]
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = x @ TRUE + rng.normal(0, NOISE, N)
    return x, (y - y.mean())[:, None]


def linear(penalty: L1 | L2 | None = None) -> Network:
    """ŷ = xw + b, all zero at the start."""
    layer = Dense(len(TRUE), 1, initializer=zeros)
    return Network([layer], loss=MeanSquaredError(), dtype="float64", regularizer=penalty)


def shrink(w: np.ndarray, amount: float) -> None:
    """w ← sign(w) · max(|w| − amount, 0), in place: the step of λ·Σ|w| that can land on 0 and stay there."""
    np.copyto(w, np.sign(w) * np.maximum(np.abs(w) - amount, 0))


def descend(net: Network, correlation: float, *, lr: float = LR, amount: float = 0.0) -> np.ndarray:
    """The weights (6,) after gradient descent from where the network is, each step followed by ``shrink``."""
    x, y = net.batch(*examples(correlation))
    optimizer, w = SGD(lr), net.weights[0][0]
    for _ in range(STEPS):
        net.step_gradients(x, y)
        optimizer.step(net.parameters, net.gradients)
        if amount:
            shrink(w, amount)
    return np.array(w[:, 0])


@cache
def paths(penalty: str, correlation: float) -> np.ndarray:
    """The trained weights (6, len(λ)), each λ started from the solution of the one before."""
    found = []
    net = linear()
    for lam in LAMBDAS.values:
        if penalty == "L1":
            found.append(descend(net, correlation, amount=LR * lam))
        else:
            start = net.flat_parameters
            net = linear(L2(lam))
            net.flat_parameters[:] = start
            # the penalty adds 2λ to every curvature
            found.append(descend(net, correlation, lr=LR / (1 + lam)))
    return np.array(found).T


@cache
def unpenalized(correlation: float) -> np.ndarray:
    """The weights (6,) of the loss alone."""
    return descend(linear(), correlation)


@cache
def jitter(correlation: float, lam: float) -> np.ndarray:
    """|w| (6,) where the gradient λ·sign(w) of ``L1`` is simply added to the loss's, without ``shrink``."""
    return np.abs(descend(linear(L1(lam)), correlation))


def pulls(w: np.ndarray, correlation: float) -> np.ndarray:
    """|∂loss/∂w| (6,) of the loss alone."""
    net = linear()
    net.flat_parameters[: len(w)] = w
    net.loss_and_gradients(*examples(correlation))
    return np.abs(net.flat_gradients[: len(w)])


def level_lines(w: np.ndarray, correlation: float) -> tuple[np.ndarray, np.ndarray]:
    """The loss in w₁ and w₂, the others as in ``w``: where it is least (2,), and level lines (3, 2, 49) around it.

    The last line runs through ``w``.
    """
    x, y = examples(correlation)
    pair, rest = x[:, :2], y[:, 0] - x[:, 2:] @ w[2:]
    square = pair.T @ pair / N
    centre = np.linalg.solve(square, pair.T @ rest / N)
    gap = w[:2] - centre
    # (w − c)ᵀA(w − c) = k is the circle of radius √k, mapped by the inverse of A's root
    outline = np.linalg.solve(np.linalg.cholesky(square).T, np.stack([np.cos(ANGLES), np.sin(ANGLES)]))
    return centre, np.stack([centre[:, None] + np.sqrt(k) * outline for k in (*RINGS, gap @ square @ gap)])


def ball(penalty: str, w: np.ndarray) -> np.ndarray:
    """The outline (2, 49) of all (w₁, w₂) that pay as much as these: a diamond for L1, a circle for L2."""
    circle = np.stack([np.cos(ANGLES), np.sin(ANGLES)])
    if penalty == "L2":
        return np.hypot(*w[:2]) * circle
    return np.abs(w[:2]).sum() * circle / np.abs(circle).sum(axis=0)


def words(s: Any) -> str:
    """What the penalty did to the six weights."""
    gone = [f"w{'₁₂₃₄₅₆'[j]}" for j in range(6) if s.w[j] == 0]
    start = f"{s.penalty} with λ = {s.lam:.2g}, correlation {s.correlation:g}: w₁ = {s.w[0]:.3g}, w₂ = {s.w[1]:.3g}. "
    if s.penalty == "L2":
        return start + (
            f"No weight is 0; the smallest is {np.abs(s.w).min():.2g}. The circle has no corners, and its pull fades "
            f"as a weight shrinks. All six together have {100 * s.left:.0f}% of the length they have without penalty."
        )
    if not gone:
        return start + "No weight is 0: at 0 the loss would pull at each of them with more than λ."
    which = f"{', '.join(gone)} {'is' if len(gone) == 1 else 'are'} exactly 0. "
    held = [j for j in range(6) if s.w[j] == 0]
    why = f"There the loss pulls with at most {s.pull[held].max():.2g}, and λ pulls back with up to {s.lam:.2g}. "
    plain = (
        f"Only adding λ·sign(w) to the gradient, at learning rate {LR}, leaves up to {s.jitter[held].max():.2g} there."
    )
    return start + which + why + plain


@explorer(
    name="weight-paths",
    title="What L1 and L2 do to the weights",
    controls={
        "penalty": Choice("Penalty", {"L1": "L1: λ·Σ|w|", "L2": "L2: λ·Σw²"}),
        "lam": LAMBDAS,
        "correlation": Choice("Correlation of features 1 and 2", (0.0, 0.5, 0.9)),
    },
    panels=[
        [
            Plot(
                title="Level lines of the loss, ball of the penalty",
                height=310,
                x=Axis(label="w₁", domain=(-1.8, 2.5), ticks=(-1, 0, 1, 2)),
                y=Axis(domain=(-1.95, 2.1), ticks=(-1, 0, 1, 2)),
                narrow_height=345,
                equal=True,
                marks=[
                    Rule(x=0, color="muted", dash=False),
                    Rule(y=0, color="muted", dash=False),
                    Line("rings[:2, 0]", "rings[:2, 1]", color="muted", width=1),
                    Line("rings[2, 0]", "rings[2, 1]", color="c1", width=2.5, label="equal loss", label_at=0.25,
                         label_dy=-11),
                    Line("ball[0]", "ball[1]", color="c2", width=2.5, label="equal penalty", label_at=0.25,
                         label_dy=-11),
                    Points("centre[0]", "centre[1]", color="muted", size=4, label="least loss", label_dy=13),
                    Points("w[0]", "w[1]", color="ink", size=6),
                    Label(-0.18, 1.9, "w₂", color="muted"),
                ],
            ),
            Plot(
                title="The six weights by λ",
                height=310,
                weight=1.1,
                drag_x="lam",
                x=Axis(label="λ", domain=(0.01, 10), log=True, ticks=(0.01, 0.1, 1, 10)),
                y=Axis(domain=(-1.2, 2), ticks=(-1, 0, 1, 2)),
                marks=[
                    Rule(x="lam", color="ink"),
                    Line("lams", "paths[3:]", color="muted", width=1.5),
                    Line("lams", "paths[:3]", labels=("w₁", "w₂", "w₃"), label_at=0.1, label_dy=-11),
                    Points("lam", "w[3:]", color="muted", size=3.5),
                    Points("lam", "w[0]", color="c1", size=5),
                    Points("lam", "w[1]", color="c2", size=5),
                    Points("lam", "w[2]", color="c3", size=5),
                    Label(0.012, -0.4, "w₄, w₅, w₆ do not matter", color="muted", anchor="start"),
                ],
            ),
        ],
    ],
    describe=words,
    goals=[Goal("with L1, set exactly the three weights to 0 that do not matter", met="right")],
    predict=Predict(
        question="L1 with λ = 1 sets some weights to exactly 0. How many does L2 with λ = 1 set to 0?",
        choices=("none", "the same ones", "all of them"),
        answer="guess",
        reveal={"penalty": "L2", "lam": 1.0},
        outcome="L2 leaves {kept} of the six weights different from 0.",
        holds=("penalty",),
    ),
)  # fmt: skip
def weight_paths(penalty: str, lam: float, correlation: float) -> dict[str, Any]:
    """Six weights fitted to 40 examples under a penalty; three of the features matter."""
    lams = np.array(LAMBDAS.values)
    path = paths(penalty, correlation)
    w = path[:, int(np.argmin(np.abs(lams - lam)))]
    free = unpenalized(correlation)
    centre, rings = level_lines(w, correlation)
    kept = int(np.count_nonzero(w))
    return {
        "w": w, "paths": path, "lams": lams, "centre": centre, "rings": rings, "ball": ball(penalty, w),
        "pull": pulls(w, correlation), "jitter": jitter(correlation, lam),
        "left": np.linalg.norm(w) / np.linalg.norm(free),
        "right": np.array_equal(w == 0, TRUE == 0), "kept": kept, "guess": 0 if kept == 6 else 2 if kept == 0 else 1,
    }  # fmt: skip
