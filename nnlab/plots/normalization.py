"""Which numbers of a batch share a mean: a column in batch normalization, a row in layer normalization."""

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle

from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings

CELL, GAP = 0.3, 1.1


def normalization_axes(examples: int = 5, features: int = 4) -> Figure:
    """A batch drawn twice, an example a row: the entries that BatchNorm, then LayerNorm, averages over stand out.

    Raises ValueError unless there are at least two examples and two features.
    """
    if examples < 2 or features < 2:
        raise ValueError(f"a batch needs at least 2 examples and 2 features to show, got {examples} and {features}")
    width, height = 2 * features * CELL + GAP + 1.5, examples * CELL + 1.1
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(width, height))
        axes = canvas.add_axes((0, 0, 1, 1), xlim=(-1.0, width - 1.0), ylim=(height - 0.45, -0.45), aspect="equal")
        axes.set_axis_off()
        right = features * CELL + GAP
        _batch(axes, 0.0, examples, features, "BatchNorm", {(i, 1) for i in range(examples)}, "c1")
        _batch(axes, right, examples, features, "LayerNorm", {(1, j) for j in range(features)}, "c2")
        middle, below = examples * CELL / 2, examples * CELL + 0.12
        axes.text(-0.15, middle, "examples", ha="right", va="center", color=palette()["muted"])
        for left, share in ((0.0, "one feature,\nall examples"), (right, "one example,\nall features")):
            axes.text(left + features * CELL / 2, below, share, ha="center", va="top")
    return Figure(
        canvas,
        f"A batch of {examples} examples, one a row, with {features} features, one a column, drawn twice. Under "
        "BatchNorm one column stands out: a mean and a deviation for each feature, over all examples. Under LayerNorm "
        "one row stands out: a mean and a deviation for each example, over all features.",
    )


def _batch(
    axes: Axes, left: float, rows: int, columns: int, title: str, strong: set[tuple[int, int]], colour: str
) -> None:
    axes.text(left + columns * CELL / 2, -0.12, title, ha="center", va="bottom", weight="bold")
    for i in range(rows):
        for j in range(columns):
            place = (left + j * CELL, i * CELL)
            if (i, j) in strong:
                axes.add_patch(Rectangle(place, CELL, CELL, facecolor=palette()[colour], alpha=0.45, edgecolor="none"))
            edge = palette()[colour if (i, j) in strong else "muted"]
            axes.add_patch(Rectangle(place, CELL, CELL, fill=False, edgecolor=edge, linewidth=0.8))
