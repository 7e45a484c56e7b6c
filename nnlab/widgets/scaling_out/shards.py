"""Shards of a batch: averaged by their sizes their gradients are the big batch's; averaged as equals they are not."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network
from nnlab.layers import Dense
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import SGD
from nnlab.widgets import Arrow, Axis, Bars, Choice, Contour, Label, Line, Play, Plot, Points, Predict, Toggle, explorer

N, STEPS, LR = 64, 40, 0.15
START = np.array([-1.2, 1.6])
SHARES: dict[str, tuple[int, ...]] = {
    "even": (16, 16, 16, 16),
    "uneven": (34, 18, 8, 4),
    "extreme": (58, 2, 2, 2),
    "eight": (32, 12, 8, 4, 2, 2, 2, 2),
}
MOST = 8


@cache
def examples(ordered: bool) -> tuple[np.ndarray, np.ndarray]:
    """64 noisy points of a parabola, x (64, 1) and y (64, 1); from the largest x to the smallest, or shuffled."""
    rng = np.random.default_rng(3)
    x = rng.uniform(-1, 2, (N, 1))
    y = x * x + rng.normal(0, 0.3, (N, 1))
    order = np.argsort(-x[:, 0]) if ordered else rng.permutation(N)
    return x[order], y[order]


def gradient(weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """∂loss/∂(w, b) of ŷ = wx + b over these examples."""
    net = Network([Dense(1, 1)], loss=MeanSquaredError(), dtype="float64")
    net.flat_parameters[:] = weights
    net.loss_and_gradients(x, y)
    return np.array(net.flat_gradients)


def by_worker(weights: np.ndarray, shares: tuple[int, ...], ordered: bool) -> np.ndarray:
    """Each worker's gradient over its own rows of the batch: (workers, 2)."""
    x, y = examples(ordered)
    ends = np.cumsum(shares)
    return np.array(
        [gradient(weights, x[end - n : end], y[end - n : end]) for n, end in zip(shares, ends, strict=True)]
    )


def combined(gradients: np.ndarray, shares: tuple[int, ...], rule: str) -> np.ndarray:
    """Σ (n_r/n)·g_r for ``"weighted"``, Σ g_r/workers for ``"plain"``."""
    return np.average(gradients, axis=0, weights=shares if rule == "weighted" else None)


def walk(shares: tuple[int, ...], ordered: bool, rule: str) -> np.ndarray:
    """(w, b) before the first step and after each of 40 steps; ``rule="whole"`` is one worker with all rows."""
    w, optimizer, path = START.copy(), SGD(LR), [START]
    for _ in range(STEPS):
        if rule == "whole":
            g = gradient(w, *examples(ordered))
        else:
            g = combined(by_worker(w, shares, ordered), shares, rule)
        optimizer.step([w], [g])
        path.append(w.copy())
    return np.array(path)


def losses(weights: np.ndarray) -> np.ndarray:
    """The loss over all examples for each (w, b) in the last axis."""
    x, y = examples(False)
    return ((weights[..., :1] * x[:, 0] + weights[..., 1:] - y[:, 0]) ** 2).mean(axis=-1)


def words(s: Any) -> str:
    """How far each average is from the big batch's gradient, and where it leads."""
    sizes = ", ".join(map(str, s.sizes))
    how = "sorted by x" if s.ordered else "shuffled"
    plain = f"misses it by {100 * s.off[1]:.0f}% of its length" if s.off[1] > 1e-9 else "is equal to it as well"
    led = (
        f"After {STEPS} steps it has led {s.apart:.2g} away from where the big batch leads, and the loss is "
        f"{s.loss[2] / s.loss[0]:.3g} times as high."
        if s.off[1] > 1e-9
        else "Shards of equal size weigh the same."
    )
    return (
        f"{len(s.sizes)} workers with {sizes} examples, {how}. Step {{step}}. At the start the average by examples "
        f"equals the gradient of all {N} to within {s.off[0]:.0e} of its length. The plain average {plain}. {led}"
    )


@explorer(
    name="shards",
    title="Gradients of shards",
    controls={
        "shares": Choice(
            "Examples of each worker",
            {
                "even": "16, 16, 16, 16",
                "uneven": "34, 18, 8, 4",
                "extreme": "58, 2, 2, 2",
                "eight": "32, 12, 8, 4, 2, 2, 2, 2",
            },
            initial="uneven",
        ),
        "ordered": Toggle("Data sorted before it is shared out", initial=True),
        "step": Play("Step", STEPS + 1, initial=14, interval=0.2),
    },
    panels=[
        [
            Plot(
                title="Gradients at the start",
                height=290,
                x=Axis(label="∂loss/∂w", domain=(-9, 2), ticks=(-8, -4, 0)),
                y=Axis(domain=(-6, 6), ticks=(-4, 0, 4)),
                marks=[
                    Arrow("zero", "zero", "each_w", "each_b", color="muted", width=1.25),
                    Points("each_w", "each_b", color="muted", size=3),
                    Arrow(0, 0, "plain[0]", "plain[1]", color="c2", width=2.5),
                    Arrow(0, 0, "whole[0]", "whole[1]", color="c3", width=5),
                    Arrow(0, 0, "weighted[0]", "weighted[1]", color="c1", width=2),
                    Label("plain[0]", "plain[1]", "plain average", color="c2", anchor="end", dx=-7, dy=-5),
                    Label("whole[0]", "whole[1]", "by examples = all 64", color="c1", anchor="end", dx=-7, dy=9),
                ],
            ),
            Plot(
                title="Where they lead",
                height=290,
                x=Axis(label="w", domain=(-1.6, 3), ticks=(-1, 0, 1, 2, 3)),
                y=Axis(domain=(-2, 2.2), ticks=(-1, 0, 1, 2)),
                marks=[
                    Contour("grid_w", "grid_b", "level", levels=(0.25, 0.5, 1, 1.5, 2, 2.5)),
                    Line("path_whole[:step+1, 0]", "path_whole[:step+1, 1]", color="c3", width=6, opacity=0.5),
                    Line("path_plain[:step+1, 0]", "path_plain[:step+1, 1]", color="c2"),
                    Line("path_weighted[:step+1, 0]", "path_weighted[:step+1, 1]", color="c1", width=1.5),
                    Points("path_plain[step, 0]", "path_plain[step, 1]", color="c2", size=5, label="plain",
                           label_dx=-8, label_dy=4),
                    Points("path_weighted[step, 0]", "path_weighted[step, 1]", color="c1", size=5, label="by examples",
                           label_dy=16),
                ],
            ),
        ],
        Bars(
            title="How far off, as a share of its length",
            height=90,
            values="off",
            labels=("by examples: Σ (nᵣ/n)·gᵣ", "plain: Σ gᵣ/workers"),
            format=".1e",
            axis=Axis(log=True, domain=(1e-18, 10)),
            colors=("c1", "c2"),
        ),
    ],
    describe=words,
    predict=Predict(
        question="One worker has 58 of 64 examples, three have 2 each. Which average is the gradient of all 64?",
        choices=("the plain average", "the average by examples", "neither, exactly"),
        answer="guess",
        reveal={"shares": "extreme", "ordered": True, "step": 40},
        outcome="Off by {off[0]:.0e} of its length by examples, by {off[1]:.2g} as a plain average.",
        holds=("shares",),
    ),
)  # fmt: skip
def shards(shares: str, ordered: bool) -> dict[str, Any]:
    """A batch of 64 shared out to workers: their gradients for a line, two averages of them, and 40 steps by each."""
    sizes = SHARES[shares]
    each = by_worker(START, sizes, ordered)
    whole = gradient(START, *examples(ordered))
    averages = {rule: combined(each, sizes, rule) for rule in ("weighted", "plain")}
    off = [np.linalg.norm(g - whole) / np.linalg.norm(whole) for g in averages.values()]
    paths = {rule: walk(sizes, ordered, rule) for rule in ("whole", "weighted", "plain")}
    grid_w, grid_b = np.linspace(-1.6, 3, 47), np.linspace(-2, 2.2, 43)
    level = losses(np.stack(np.meshgrid(grid_w, grid_b), axis=-1))
    return {
        "sizes": sizes, "zero": np.zeros(len(sizes)), "each_w": each[:, 0], "each_b": each[:, 1], "whole": whole,
        "weighted": averages["weighted"], "plain": averages["plain"], "off": np.maximum(off, 1e-17),
        "path_whole": paths["whole"], "path_weighted": paths["weighted"], "path_plain": paths["plain"],
        "apart": np.linalg.norm(paths["plain"][-1] - paths["whole"][-1]),
        "loss": [losses(paths[rule][-1]) for rule in ("whole", "weighted", "plain")],
        "grid_w": grid_w, "grid_b": grid_b, "level": np.sqrt(level - level.min()),
        "guess": 1 if off[0] < 1e-9 < off[1] else 0 if off[1] < 1e-9 else 2,
    }  # fmt: skip
