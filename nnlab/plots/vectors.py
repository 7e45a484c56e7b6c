"""Arrows in the plane, one panel a case: how a step is put together."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import FancyArrowPatch

from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings

Place = tuple[float, float]
Arrow = tuple[Place, Place, str, str]
MARGIN = (0.7, 0.4)  # room for labels beside the outermost arrows


def vectors(panels: Mapping[str, Sequence[Arrow]], alt: str) -> Figure:
    """Panels side by side on one scale; an arrow is (start, end, label, colour name), labels stand outside.

    A dot marks the start of a panel's first arrow, where the step begins. Raises ValueError for no panels, a panel
    without arrows, or an arrow without length, which has no direction.
    """
    if not panels or not all(panels.values()):
        raise ValueError(f"vectors need at least one panel and an arrow in each, got {dict(panels)}")
    ends = np.array([place for arrows in panels.values() for start, end, _, _ in arrows for place in (start, end)])
    low, high = ends.min(axis=0) - MARGIN, ends.max(axis=0) + MARGIN
    width, height = high - low
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(5.0, 5.0 / len(panels) * height / width + 0.3))
        for index, (title, arrows) in enumerate(panels.items()):
            share = 1 / len(panels)
            axes = canvas.add_axes((index * share, 0, share, 1), xlim=(low[0], high[0]), ylim=(low[1], high[1]))
            axes.set_aspect("equal", anchor="S")
            axes.set_axis_off()
            axes.set_title(title, weight="bold", y=0.98, va="top", loc="center")
            axes.plot(*arrows[0][0], "o", color=palette()["ink"])
            middle = np.mean([place for start, end, _, _ in arrows for place in (start, end)], axis=0)
            for arrow in arrows:
                _draw(axes, *arrow, middle)
    return Figure(canvas, alt)


def _draw(axes: Axes, start: Place, end: Place, label: str, colour: str, middle: np.ndarray) -> None:
    direction = np.subtract(end, start)
    length = np.hypot(*direction)
    if length == 0:
        raise ValueError(f"arrow {label!r} needs two different ends, got {start} twice")
    patch = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, shrinkA=0, shrinkB=0)
    patch.set(color=palette()[colour], linewidth=2)
    axes.add_patch(patch)
    aside = np.array([-direction[1], direction[0]]) / length
    half = np.add(start, end) / 2
    aside = aside if aside @ (half - middle) >= 0 else -aside
    place = half + 0.08 * aside
    across = "right" if aside[0] < -0.3 else "left" if aside[0] > 0.3 else "center"
    along = "bottom" if aside[1] > 0.3 else "top" if aside[1] < -0.3 else "center"
    axes.text(float(place[0]), float(place[1]), label, ha=across, va=along, color=palette()[colour])
