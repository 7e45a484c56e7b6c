"""Curves and bars: measured numbers against what was changed."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, NullFormatter
from numpy.typing import ArrayLike

from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings
from nnlab.plots.text import power_of_ten

DASHES = ("-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (1, 1)))


def lines(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
    log: str = "",
    marks: Mapping[str, float] | None = None,
    ylim: tuple[float, float] | None = None,
) -> Figure:
    """Curves over one ``x``, told apart by colour and by dash.

    ``log`` is "", "x", "y" or "xy". ``marks`` are upright lines, a label each. Raises ValueError when a curve has
    another shape than ``x``, when there are more than six, or when ``log`` is none of the four.
    """
    x = np.asarray(x, dtype=float)
    if log not in ("", "x", "y", "xy"):
        raise ValueError(f"log must be '', 'x', 'y' or 'xy', got {log!r}")
    if len(curves) > len(DASHES):
        raise ValueError(f"a figure tells at most {len(DASHES)} curves apart, got {len(curves)}")
    with matplotlib.rc_context(settings()):
        canvas = Canvas(layout="constrained")
        axes = canvas.add_subplot()
        for (label, values), dash in zip(curves.items(), DASHES, strict=False):
            y = np.asarray(values, dtype=float)
            if y.shape != x.shape:
                raise ValueError(f"curve {label!r} has shape {y.shape}; it needs the shape of x, {x.shape}")
            axes.plot(x, y, linestyle=dash, label=label)
        for label, place in (marks or {}).items():
            axes.axvline(place, color=palette()["muted"], linewidth=1)
            axes.annotate(label, (place, 1), (4, -2), xycoords=("data", "axes fraction"), textcoords="offset points",
                          va="top", color=palette()["ink"], fontsize=9.5)  # fmt: skip
        _label(axes, xlabel, ylabel, log)
        if ylim is not None:
            axes.set_ylim(*ylim)
        if len(curves) > 1:
            canvas.legend(loc="outside lower left", ncols=2)
        return Figure(canvas, alt)


def bars(labels: Sequence[str], groups: Mapping[str, ArrayLike], *, xlabel: str, alt: str, log: bool = False) -> Figure:
    """Horizontal bars, a row a label and a bar a group. Raises ValueError when a group has not one number a label."""
    with matplotlib.rc_context(settings()):
        canvas = Canvas(layout="constrained", figsize=(5.0, 0.6 + len(labels) * (0.12 + 0.2 * len(groups))))
        axes = canvas.add_subplot()
        thickness = 0.8 / len(groups)
        for index, (label, values) in enumerate(groups.items()):
            lengths = np.asarray(values, dtype=float)
            if lengths.shape != (len(labels),):
                raise ValueError(f"group {label!r} has shape {lengths.shape}; it needs ({len(labels)},), one a label")
            places = np.arange(len(labels)) + (index - (len(groups) - 1) / 2) * thickness
            axes.barh(places, lengths, height=thickness * 0.9, label=label)
        axes.set_yticks(np.arange(len(labels)), labels)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        _label(axes, xlabel, "", "x" if log else "")
        if len(groups) > 1:
            canvas.legend(loc="outside lower left", ncols=2)
        return Figure(canvas, alt)


def _label(axes: Axes, xlabel: str, ylabel: str, log: str) -> None:
    axes.set_xlabel(xlabel)
    axes.set_title(ylabel)
    for name, axis in (("x", axes.xaxis), ("y", axes.yaxis)):
        if name in log:
            getattr(axes, f"set_{name}scale")("log")
            axis.set_major_formatter(FuncFormatter(_decade))
            axis.set_minor_formatter(NullFormatter())


def _decade(value: float, _: object) -> str:
    exponent = round(float(np.log10(value)))
    return f"{value:g}" if 0 <= exponent <= 3 else power_of_ten(exponent)
