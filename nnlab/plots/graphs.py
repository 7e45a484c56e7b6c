"""Computational graphs: data above each value, gradient below, the local derivative on each edge."""

from collections.abc import Mapping

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Circle

from nnlab.graph import Value
from nnlab.graph_drawing import describe, layout
from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings
from nnlab.plots.text import number

RADIUS = 20.0
POINTS_PER_UNIT = 0.72
ROW_SPACING = 1.25
HEADING = 22.0
Places = dict[Value, tuple[float, float]]


def computational_graph(result: Value, alt: str = "") -> Figure:
    """The graph of one result, inputs at the left; ``alt`` is the graph in words when not given.

    Gradients are those of the last ``backward()``.
    """
    return computational_graphs({"": result}, alt or describe(result))


def computational_graphs(results: Mapping[str, Value], alt: str, columns: int = 1) -> Figure:
    """Graphs under their titles, ``columns`` in a row. Raises ValueError for no graphs or no columns."""
    if not results or columns < 1:
        raise ValueError(f"graphs need at least one result and one column, got {len(results)} and {columns}")
    layouts = {title: _spaced(*layout(result)) for title, result in results.items()}
    heading = HEADING if any(layouts) else 0.0
    width = max(width for _, width, _ in layouts.values()) + 2 * RADIUS
    drawn = [height + heading for _, _, height in layouts.values()]
    heights = [max(drawn[start : start + columns]) for start in range(0, len(drawn), columns)]
    size = (columns * width, sum(heights))
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(size[0] * POINTS_PER_UNIT / 72, size[1] * POINTS_PER_UNIT / 72))
        axes = canvas.add_axes((0, 0, 1, 1), xlim=(0, size[0]), ylim=(size[1], 0), aspect="equal")
        axes.set_axis_off()
        for index, (title, (places, _, _)) in enumerate(layouts.items()):
            left, top = index % columns * width, sum(heights[: index // columns])
            axes.text(left + RADIUS, top + 14, title, weight="bold")
            _graph(axes, {value: (x + left + RADIUS, y + top + heading) for value, (x, y) in places.items()})
    return Figure(canvas, alt)


def _graph(axes: Axes, places: Places) -> None:
    for value in places:
        _edges(axes, value, places)
    for value, place in places.items():
        _node(axes, value, place)


def _spaced(places: Mapping[Value, tuple[int, float]], width: float, height: float) -> tuple[Places, float, float]:
    """Rows far enough apart that a gradient is not read as the data of the value below it."""
    return {value: (x, y * ROW_SPACING) for value, (x, y) in places.items()}, width, height * ROW_SPACING


def _edges(axes: Axes, value: Value, places: Places) -> None:
    x, y = places[value]
    for parent, local in zip(value.parents, value.local_gradients, strict=True):
        px, py = places[parent]
        axes.plot([px + RADIUS, x - RADIUS], [py, y], color=palette()["muted"], linewidth=1.2, zorder=1)
        axes.text((px + x) / 2, (py + y) / 2, f"×{number(local)}", size=9, ha="center", va="center", zorder=2,
                  bbox={"facecolor": palette()["surface"], "edgecolor": "none", "pad": 1.5})  # fmt: skip


def _node(axes: Axes, value: Value, place: tuple[float, float]) -> None:
    x, y = place
    colours = palette()
    axes.add_patch(Circle(place, RADIUS, facecolor=colours["surface"], edgecolor=colours["ink"], zorder=3))
    axes.text(x, y, value.operation or value.label, ha="center", va="center", zorder=4)
    name = f"{value.label} = " if value.label and value.operation else ""
    axes.text(x, y - RADIUS - 6, name + number(value.data), ha="center", va="bottom", color=colours["c1"])
    axes.text(x, y + RADIUS + 6, number(value.grad), ha="center", va="top", color=colours["c2"])
