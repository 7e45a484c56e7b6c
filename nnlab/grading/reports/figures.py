"""The report's figures, in the page's colours and with words for those who do not see them."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from nnlab.plots import Figure, palette, settings


def distribution(scores: np.ndarray, max_score: float) -> Figure:
    """A histogram of the class's scores."""
    edges = np.linspace(0, max(max_score, 1), 21)
    counts, _ = np.histogram(scores, edges)
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(7, 2.6), layout="constrained")
        axes = canvas.subplots()
        axes.bar(edges[:-1], counts, width=np.diff(edges) * 0.92, align="edge", color=palette()["c1"])
        axes.axvline(float(np.median(scores)), color=palette()["c2"], label=f"median {np.median(scores):g}")
        axes.set(xlabel="points", ylabel="students", xlim=(0, edges[-1]))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend(frameon=False)
        words = f"Histogram of {len(scores)} scores: median {np.median(scores):g} of {max_score:g}."
        return Figure(canvas, words)


def shares(tests: list[str], share: np.ndarray) -> Figure:
    """The mean share of points of every test, as bars."""
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(7, 0.6 + 0.26 * len(tests)), layout="constrained")
        axes = canvas.subplots()
        places = range(len(tests))
        axes.barh(places, np.nan_to_num(share), color=palette()["c1"])
        for place, value in zip(places, share, strict=True):
            words = "not marked yet" if np.isnan(value) else f"{value:.0%}"
            axes.text(float(np.nan_to_num(value)) + 0.01, place, words, va="center", size=9)
        axes.set_yticks(places, tests)
        axes.set(xlim=(0, 1.12), xlabel="mean share of the points")
        axes.invert_yaxis()
        low = ", ".join(tests[i] for i in np.argsort(np.nan_to_num(share, nan=2.0))[:3])
        return Figure(canvas, f"Bars: the mean share of points of {len(tests)} tests. Lowest: {low}.")


def quality(tests: list[str], share: np.ndarray, discriminating: np.ndarray) -> Figure:
    """Difficulty against discrimination, a point a test; the names stand at those worth another look."""
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(7, 3.2), layout="constrained")
        axes = canvas.subplots()
        known = ~np.isnan(share) & ~np.isnan(discriminating)
        doubtful = known & (discriminating < 0.2)
        axes.axhspan(-1, 0.2, color=palette()["grid"], zorder=0)
        for chosen, colour in ((known & ~doubtful, "c1"), (doubtful, "c2")):
            axes.scatter(share[chosen], discriminating[chosen], color=palette()[colour])
        for index in np.flatnonzero(doubtful):
            axes.annotate(
                tests[index], (share[index], discriminating[index]), xytext=(5, 3), textcoords="offset points", size=8
            )
        axes.set(xlim=(0, 1.02), ylim=(min(-0.2, np.nanmin([*discriminating[known], 0]) - 0.08), 1.02))
        axes.set(xlabel="mean share of the points (easy to the right)", ylabel="correlation with the rest")
        words = f"{known.sum()} tests by how easy they are and how well they part students, {doubtful.sum()} badly."
        return Figure(canvas, words)
