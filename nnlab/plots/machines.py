"""Restricted Boltzmann machines as drawings: two rows of units, every pair across joined, none within a row."""

import matplotlib
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle

from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings
from nnlab.plots.text import indexed

RADIUS, SPACING, HEIGHT = 0.3, 1.0, 1.5


def boltzmann_machine(visible: int, hidden: int) -> Figure:
    """The graph of a machine. Raises ValueError unless both sides have 1 to 8 units."""
    if not (1 <= visible <= 8 and 1 <= hidden <= 8):
        raise ValueError(f"a machine is drawn with 1 to 8 units a side, got {visible} visible and {hidden} hidden")
    widest = max(visible, hidden)
    rows = {
        "v": [((widest - visible) / 2 * SPACING + i * SPACING, HEIGHT) for i in range(visible)],
        "h": [((widest - hidden) / 2 * SPACING + j * SPACING, 0.0) for j in range(hidden)],
    }
    left, right = -0.6 - 1.1, (widest - 1) * SPACING + 0.6
    with matplotlib.rc_context(settings()):
        size = (right - left, HEIGHT + 2 * RADIUS + 0.3)
        canvas = Canvas(figsize=(size[0] * 0.72, size[1] * 0.72))
        axes = canvas.add_axes((0, 0, 1, 1), aspect="equal")
        axes.set(xlim=(left, right), ylim=(HEIGHT + RADIUS + 0.15, -RADIUS - 0.15))
        axes.set_axis_off()
        for x, y in rows["v"]:
            for to_x, to_y in rows["h"]:
                axes.plot([x, to_x], [y, to_y], color=palette()["muted"], linewidth=0.9, zorder=1)
        for (name, places), colour, words in zip(rows.items(), ("c1", "c2"), ("visible", "hidden"), strict=True):
            axes.text(-0.5, places[0][1], words, ha="right", va="center", color=palette()[colour], weight="bold")
            for index, place in enumerate(places, start=1):
                axes.add_patch(Circle(place, RADIUS, facecolor=palette()["surface"], edgecolor=palette()[colour]))
                axes.text(*place, indexed(f"{name}#", index), ha="center", va="center", zorder=4)
    return Figure(
        canvas,
        f"Two rows of circles: {hidden} hidden units above, {visible} visible ones below. A line joins every hidden "
        "unit to every visible one. No line joins two units of the same row.",
    )
