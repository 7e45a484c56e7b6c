"""A neuron and a layered network, drawn as nodes and weighted edges."""

from collections.abc import Sequence
from itertools import pairwise

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle, FancyArrowPatch

from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings
from nnlab.plots.text import indexed

RADIUS = 0.27
Place = tuple[float, float]


def neuron(inputs: int = 3) -> Figure:
    """One neuron: inputs times weights, their sum with the bias, the activation, the output.

    Raises ValueError unless ``inputs`` is 1 to 5.
    """
    if not 1 <= inputs <= 5:
        raise ValueError(f"a neuron is drawn with 1 to 5 inputs, got {inputs}")
    height = 0.78 * inputs + 0.55
    middle = 0.39 * (inputs - 1)
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(4.7, height))
        axes = _blank(canvas, (-0.4, 4.3), (height - 0.4, -0.4))
        total, active = (1.6, middle), (2.9, middle)
        for i in range(inputs):
            place = (0.0, 0.78 * i)
            _edge(axes, place, total, indexed("w#", i + 1), "c3", 0.42)
            _node(axes, place, indexed("x#", i + 1), "c1")
        below = (1.6, 0.78 * inputs - 0.1)
        _edge(axes, below, total, "", "c3")
        axes.text(*below, "b", ha="center", va="center", color=palette()["c3"], weight="bold",
                  bbox={"facecolor": palette()["surface"], "edgecolor": "none", "pad": 2})  # fmt: skip
        _edge(axes, total, active, "z", "ink")
        _edge(axes, active, (4.2, middle), "", "ink")
        _node(axes, total, "Σ", "ink")
        _node(axes, active, "φ", "c2")
        axes.text(4.02, middle, "a", va="center", color=palette()["c2"], weight="bold")
    names = ", ".join(indexed("x#", i + 1) for i in range(inputs))
    return Figure(
        canvas,
        f"Circles joined by arrows. Inputs {names}, each multiplied by its weight, and the bias b run into a circle "
        "marked with a sum. Its result, z, runs into a circle marked φ, which puts out a.",
    )


def layered_network(widths: Sequence[int], labels: Sequence[str]) -> Figure:
    """Layers of units from left to right, every unit joined to all of the next layer; a label below each.

    Raises ValueError for fewer than two layers, a width that is not 1 to 6, or labels that are not one a layer.
    """
    if len(widths) < 2 or not all(1 <= width <= 6 for width in widths):
        raise ValueError(f"widths must be two or more numbers from 1 to 6, got {list(widths)}")
    if len(labels) != len(widths):
        raise ValueError(f"labels must be one a layer, {len(widths)}, got {len(labels)}")
    most = max(widths)
    height = 0.72 * most + 0.65
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(1.35 * len(widths), height))
        axes = _blank(canvas, (-0.65, 1.35 * len(widths) - 0.7), (height - 0.4, -0.4))
        places = [[(1.35 * i, 0.72 * (j + (most - width) / 2)) for j in range(width)] for i, width in enumerate(widths)]
        for layer, following in pairwise(places):
            for start in layer:
                for end in following:
                    axes.plot(*zip(start, end, strict=True), color=palette()["muted"], linewidth=0.8, zorder=1)
        for i, layer in enumerate(places):
            colour = "c1" if i == 0 else "c2" if i == len(places) - 1 else "ink"
            for place in layer:
                _node(axes, place, "", colour)
            axes.text(1.35 * i, 0.72 * most - 0.2, labels[i], ha="center", va="top", size=9.5, linespacing=1.25)
    layers = "; ".join(f"{width} units, {' '.join(label.split())}" for width, label in zip(widths, labels, strict=True))
    return Figure(
        canvas, f"Columns of circles from left to right: {layers}. Lines join each circle to all of the next column."
    )


def _blank(canvas: Canvas, xlim: tuple[float, float], ylim: tuple[float, float]) -> Axes:
    axes = canvas.add_axes((0, 0, 1, 1), xlim=xlim, ylim=ylim, aspect="equal")
    axes.set_axis_off()
    return axes


def _node(axes: Axes, place: Place, text: str, colour: str) -> None:
    edge = palette()[colour]
    axes.add_patch(Circle(place, RADIUS, facecolor=palette()["surface"], edgecolor=edge, linewidth=1.5, zorder=3))
    axes.text(*place, text, ha="center", va="center", zorder=4)


def _edge(axes: Axes, start: Place, end: Place, label: str, colour: str, at: float = 0.5) -> None:
    """An arrow between two nodes' rims, its label in a gap ``at`` this share of the way."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    inset = (dx * RADIUS / length, dy * RADIUS / length)
    arrow = FancyArrowPatch(
        (start[0] + inset[0], start[1] + inset[1]), (end[0] - inset[0], end[1] - inset[1]),
        arrowstyle="-|>", mutation_scale=10, shrinkA=0, shrinkB=0, color=palette()["muted"], linewidth=1.2,
    )  # fmt: skip
    axes.add_patch(arrow)
    if label:
        axes.text(start[0] + at * dx, start[1] + at * dy, label, ha="center", va="center", color=palette()[colour],
                  bbox={"facecolor": palette()["surface"], "edgecolor": "none", "pad": 1.5})  # fmt: skip
