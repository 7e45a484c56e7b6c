"""One look for every figure of the course: the palette's colours, few lines, text large enough for a phone."""

import json
from functools import cache
from importlib import resources
from typing import Any

COLOUR_NAMES = ("ink", "muted", "grid", "surface", "c1", "c2", "c3", "c4", "c5", "c6")


@cache
def palette(mode: str = "light") -> dict[str, str]:
    """The course's colours by name (ink, muted, grid, surface, c1 … c6) for ``mode`` "light" or "dark"."""
    modes = json.loads(resources.files("nnlab").joinpath("palette.json").read_text("utf-8"))
    if mode not in modes:
        raise ValueError(f"mode must be one of {', '.join(sorted(modes))}, got {mode!r}")
    return {name: modes[mode][name].lower() for name in COLOUR_NAMES}


@cache
def settings() -> dict[Any, Any]:
    """Matplotlib settings of the course, for ``matplotlib.rc_context``."""
    from cycler import cycler

    colours = palette()
    return {
        "figure.figsize": (5.0, 3.0),
        "figure.dpi": 72,
        "figure.facecolor": "none",
        "font.size": 10.5,
        "text.color": colours["ink"],
        "axes.facecolor": "none",
        "axes.edgecolor": colours["muted"],
        "axes.labelcolor": colours["ink"],
        "axes.labelsize": 10.5,
        "axes.titlesize": 10.5,
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.prop_cycle": cycler(color=[colours[f"c{i}"] for i in range(1, 7)]),
        "grid.color": colours["grid"],
        "grid.linewidth": 0.7,
        "lines.linewidth": 2.0,
        "lines.markersize": 5,
        "xtick.color": colours["muted"],
        "ytick.color": colours["muted"],
        "xtick.labelcolor": colours["ink"],
        "ytick.labelcolor": colours["ink"],
        "xtick.labelsize": 9.5,
        "ytick.labelsize": 9.5,
        "legend.frameon": False,
        "legend.fontsize": 9.5,
        "svg.fonttype": "none",
        "svg.hashsalt": "nnlab",
    }
