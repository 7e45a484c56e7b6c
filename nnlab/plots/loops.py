"""The training loop as one picture: forward, loss, backward, update."""

from collections.abc import Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings

STEPS = (
    ("forward", "a batch goes through\nthe layers", "c1"),
    ("loss", "how wrong are\nthe outputs?", "c3"),
    ("backward", "how does the loss\ndepend on each weight?", "c2"),
    ("update", "move every weight\na little", "c4"),
)
CARRIED = ("outputs", "∂L/∂outputs", "gradients", "new weights")
BOX = (1.75, 0.8)
PLACES = ((0.0, 0.0), (3.0, 0.0), (3.0, 1.75), (0.0, 1.75))


def training_loop(highlight: Sequence[str] = ()) -> Figure:
    """The four steps of training in a circle, those in ``highlight`` drawn strong.

    Raises ValueError for a step that is not forward, loss, backward or update.
    """
    names = [name for name, _, _ in STEPS]
    if unknown := [step for step in highlight if step not in names]:
        raise ValueError(f"highlight may hold {', '.join(names)}, got {unknown[0]!r}")
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(4.95, 2.75))
        axes = canvas.add_axes((0, 0, 1, 1), xlim=(-0.1, 4.85), ylim=(2.65, -0.1), aspect="equal")
        axes.set_axis_off()
        for (name, says, colour), (left, top) in zip(STEPS, PLACES, strict=True):
            strong = name in highlight
            face, edge = (palette()[colour], palette()[colour]) if strong else (palette()["surface"], palette()["ink"])
            box = FancyBboxPatch((left, top), *BOX, boxstyle="round,pad=0,rounding_size=0.1")
            box.set(facecolor=face, edgecolor=edge, linewidth=2 if strong else 1)
            axes.add_patch(box)
            ink = palette()["surface" if strong else "ink"]
            axes.text(left + BOX[0] / 2, top + 0.26, name, ha="center", va="center", weight="bold", color=ink)
            axes.text(left + BOX[0] / 2, top + 0.57, says, ha="center", va="center", size=9, color=ink, linespacing=1.2)
        _arrows(axes)
    words = "; ".join(f"{name}, {says}" for name, says, _ in STEPS)
    emphasis = f" Drawn strong: {', '.join(highlight)}." if highlight else ""
    return Figure(canvas, f"Four boxes joined in a circle by arrows: {words}; and back to forward.{emphasis}")


def _arrows(axes: Axes) -> None:
    width, height = BOX
    right, below = PLACES[1][0], PLACES[2][1]
    ends = (
        ((width, height / 2), (right, height / 2)),
        ((right + width / 2, height), (right + width / 2, below)),
        ((right, below + height / 2), (width, below + height / 2)),
        ((width / 2, below), (width / 2, height)),
    )
    for words, (start, end) in zip(CARRIED, ends, strict=True):
        arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=11, shrinkA=2, shrinkB=2)
        arrow.set(color=palette()["muted"], linewidth=1.4)
        axes.add_patch(arrow)
        level = start[1] == end[1]
        place = ((start[0] + end[0]) / 2, start[1] - 0.08) if level else (start[0] + 0.1, (start[1] + end[1]) / 2)
        axes.text(*place, words, ha="center" if level else "left", va="bottom" if level else "center", size=9)
