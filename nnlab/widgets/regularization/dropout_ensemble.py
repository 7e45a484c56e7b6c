"""Dropout as an ensemble: thinned networks drawn at random, their average, and the one pass that stands for it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network, data, fit
from nnlab.layers import Dense, Dropout, ReLU
from nnlab.losses import MeanSquaredError
from nnlab.optimizers import Adam
from nnlab.widgets import Axis, Choice, Line, Plot, Points, Predict, Rule, Slider, explorer

UNITS, DRAWN, MANY = 24, 60, 4000
GRID = np.linspace(-1, 1, 41)
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LAYERS = {"both": (True, True), "last": (False, True)}


def layers(p: float = 0.0, where: str = "both") -> list[Any]:
    """1-24-24-1 with ReLUs, and Dropout behind one hidden layer or both where p > 0."""
    dropped = [[Dropout(p)] if p and chosen else [] for chosen in LAYERS[where]]
    return [Dense(1, UNITS), ReLU(), *dropped[0], Dense(UNITS, UNITS), ReLU(), *dropped[1], Dense(UNITS, 1)]


@cache
def examples() -> tuple[np.ndarray, np.ndarray]:
    """50 noisy points of a sine."""
    return data.noisy_sine(50, noise=0.2, seed=1)


@cache
def train(p: float, where: str) -> Network:
    """A network trained with dropout for 600 epochs."""
    net = Network(layers(p, where), loss=MeanSquaredError(), seed=0, dtype="float64")
    fit(net, Adam(3e-3), *examples(), batch_size=25, epochs=600)
    return net


def masks(p: float, where: str, draws: int, seed: int) -> np.ndarray:
    """Which units stay in each draw: (draws, 2, 24) of True and False."""
    kept = np.random.default_rng(seed).random((draws, len(LAYERS[where]), UNITS)) >= p
    return kept | ~np.array(LAYERS[where])[:, None]


def thinned(net: Network, kept: np.ndarray, p: float, where: str) -> np.ndarray:
    """Predictions (len(kept), 41) of the networks that are left when all but the ``kept`` units are taken out.

    Where dropout acts, the weights out of a unit that stays count 1/(1 − p) times.
    """
    thin = Network(layers(), loss=MeanSquaredError(), dtype="float64")
    scale = np.where(LAYERS[where], 1 / (1 - p), 1.0)
    x = thin.inputs(GRID[:, None])
    curves = np.empty((len(kept), len(GRID)))
    for curve, stays in zip(curves, kept, strict=True):
        thin.flat_parameters[:] = net.flat_parameters
        for (w, _), mask, factor in zip(thin.weights[1:], stays, scale, strict=True):
            w *= factor * mask[:, None]
        curve[:] = thin.forward(x)[:, 0]
    return curves


def size(difference: np.ndarray) -> np.ndarray:
    """Root mean square over the last axis."""
    return np.sqrt((difference**2).mean(axis=-1))


def words(s: Any) -> str:
    """How far the average of the ensemble is from the one pass, and who fits best."""
    where = "in the last hidden layer" if s.where == "last" else "in both hidden layers"
    start = (
        f"Dropout p = {s.p:g} {where}: 2{s.power} thinned networks. The average of {{drawn}} is "
        "{distance[drawn]:.2g} from the one pass; "
    )
    limit = (
        f"{MANY:,} come within {s.limit:.2g} and more come closer: behind the last hidden layer the network is linear, "
        "so the one pass is their average. "
        if s.exact
        else f"{MANY:,} still {s.limit:.2g}: through a ReLU the one pass only comes near their average. "
    )
    return start + limit + (
        f"From the sine, a thinned network is {s.error_thin:.2g} off, their average {s.error_mean:.2g}, "
        f"the one pass {s.error_one:.2g}."
    )  # fmt: skip


@explorer(
    name="dropout-ensemble",
    title="Dropout as an average of thinned networks",
    controls={
        "p": Choice("Dropout probability p", (0.1, 0.2, 0.35, 0.5, 0.7), initial=0.5),
        "where": Choice("Dropout in", {"both": "both hidden layers", "last": "the last hidden layer only"}),
        "drawn": Slider("Thinned networks averaged", 1, DRAWN, step=1, initial=30),
    },
    panels=[
        [
            Plot(
                title="What they predict",
                height=270,
                weight=2,
                x=Axis(label="x", domain=(-1, 1), ticks=(-1, 0, 1)),
                y=Axis(domain=(-1.9, 1.9), ticks=(-1, 0, 1)),
                marks=[
                    Points("x", "y", color="muted", size=2.5, opacity=0.6),
                    Line("grid", "curves[:drawn+1]", color="muted", width=1, opacity=0.3),
                    Line("grid", "curves[drawn]", color="c5", width=1.5, label="the last drawn", label_at=0.25,
                         label_dy=22),
                    Line("grid", "averages[drawn]", color="c1", width=3, label="average of {drawn}",
                         label_at=0.8, label_dy=-26),
                    Line("grid", "once", color="c2", dash=True, label="one pass", label_at=0.62, label_dy=30),
                ],
            ),
            Plot(
                title="Units of the last one drawn",
                height=270,
                narrow_height=250,
                x=Axis(domain=(-0.7, 3.7), hidden=True, grid=False, ticks=()),
                y=Axis(domain=(-1, UNITS), hidden=True, grid=False, ticks=()),
                marks=[
                    Points(0, (UNITS - 1) / 2, color="c5", label="x", label_dy=-16),
                    Points("unit_x", "unit_y", color="muted", size=3.5, hollow=True, opacity=0.5),
                    Points("stay_x[drawn]", "stay_y[drawn]", color="c5", size=4),
                    Points(3, (UNITS - 1) / 2, color="c5", label="ŷ", label_dy=-16),
                ],
            ),
        ],
        Plot(
            title="Distance of the average from the one pass",
            height=180,
            drag_x="drawn",
            x=Axis(label="thinned networks averaged", domain=(1, DRAWN), log=True, ticks=(1, 2, 5, 10, 20, 60)),
            y=Axis(domain=(0.003, 1), log=True, ticks=(0.003, 0.01, 0.03, 0.1, 0.3, 1)),
            marks=[
                Rule(y="limit", color="c3", label="average of 4,000"),
                Line("count", "chance", color="muted", width=1, dash=True, label="spread/√k", label_at=0.12,
                     label_dy=-14),
                Line("count", "distance", color="c1"),
                Points("drawn", "distance[drawn]", color="c1", size=6),
            ],
        ),
    ],
    describe=words,
    predict=Predict(
        question="Dropout in the last hidden layer only. Average ever more thinned networks: the distance to the one "
        "pass …",
        choices=("falls to 0", "levels off above 0", "stays as it is"),
        answer="guess",
        reveal={"where": "last", "p": 0.5, "drawn": 60},
        outcome="One: {distance[0]:.2g}. Sixty: {distance[59]:.2g}. Four thousand: {limit:.2g}.",
        holds=("where",),
    ),
)  # fmt: skip
def dropout_ensemble(p: float, where: str) -> dict[str, Any]:
    """A network trained with dropout: 60 thinned networks, their running average, one pass through all units."""
    net, (x, y) = train(p, where), examples()
    kept = masks(p, where, DRAWN, seed=1)
    curves = thinned(net, kept, p, where)
    count = np.arange(1, DRAWN + 1)
    averages = curves.cumsum(axis=0) / count[:, None]
    once, sine = net.forward(GRID[:, None])[:, 0], np.sin(np.pi * GRID)
    ensemble = thinned(net, masks(p, where, MANY, seed=2), p, where)
    spread = np.sqrt(ensemble.var(axis=0).mean())
    limit = float(size(ensemble.mean(axis=0) - once))
    unit_x, unit_y = np.repeat([1, 2], UNITS), np.tile(np.arange(UNITS), 2)
    flat = kept.reshape(DRAWN, -1)
    return {
        "x": x[:, 0], "y": y[:, 0], "grid": GRID, "curves": curves, "averages": averages, "once": once,
        "unit_x": unit_x, "unit_y": unit_y,
        "stay_x": np.where(flat, unit_x, np.nan), "stay_y": np.where(flat, unit_y, np.nan),
        "count": count, "distance": size(averages - once), "chance": spread / np.sqrt(count), "limit": limit,
        "power": str(UNITS * sum(LAYERS[where])).translate(SUPERSCRIPTS), "exact": limit < 3 * spread / np.sqrt(MANY),
        "error_thin": size(ensemble - sine).mean(), "error_mean": size(ensemble.mean(axis=0) - sine),
        "error_one": size(once - sine), "guess": 0 if limit < 3 * spread / np.sqrt(MANY) else 1,
    }  # fmt: skip
