"""Ring all-reduce, step by step: which device holds how many devices' numbers of which chunk."""

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Rectangle

from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings

CELL, GAP, HEADING = 0.25, 0.22, 0.42
MOST = 5  # devices; more would not fit the width of a page


def ring_all_reduce(devices: int = 4, columns: int = 4) -> Figure:
    """A grid for the start and one for each of the 2(p − 1) steps: rows are devices, columns chunks.

    A cell holds the number of devices whose share has been added into it; finished chunks are drawn strong.
    Raises ValueError unless there are 2 to 5 devices and at least one column.
    """
    if not 2 <= devices <= MOST or columns < 1:
        raise ValueError(f"a ring is drawn for 2 to {MOST} devices in columns, got {devices} and {columns}")
    grids = counts(devices)
    rows = -(-len(grids) // columns)
    side = devices * CELL
    size = (columns * (side + GAP) - GAP + 0.3, rows * (side + HEADING) + 0.1)
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=size)
        axes = canvas.add_axes((0, 0, 1, 1), xlim=(-0.15, size[0] - 0.15), ylim=(size[1], 0), aspect="equal")
        axes.set_axis_off()
        for step, grid in enumerate(grids):
            left, top = step % columns * (side + GAP), step // columns * (side + HEADING) + HEADING
            axes.text(left, top - 0.1, "start" if step == 0 else f"step {step}", va="bottom")
            _grid(axes, grid, (left, top), devices)
    return Figure(
        canvas,
        f"{len(grids)} grids of {devices} devices by {devices} chunks. At the start every cell holds 1. In each of the "
        f"first {devices - 1} steps every device adds the chunk it receives from its neighbour, so one cell a row "
        f"grows; then every device has one finished chunk with {devices} shares. In the other {devices - 1} steps the "
        "finished chunks travel round, until all cells are finished.",
    )


def counts(devices: int) -> list[np.ndarray]:
    """The number of shares in every chunk (devices, chunks), at the start and after each step."""
    held = np.ones((devices, devices), dtype=int)
    grids = [held.copy()]
    ranks = np.arange(devices)
    for step in range(2 * (devices - 1)):
        adding = step < devices - 1
        chunks = (ranks - step) % devices
        received, sent = ((ranks + 1) % devices, chunks), held[ranks, chunks]
        held[received] = sent + held[received] if adding else sent
        grids.append(held.copy())
    return grids


def _grid(axes: Axes, grid: np.ndarray, corner: tuple[float, float], devices: int) -> None:
    for (row, column), count in np.ndenumerate(grid):
        done = count == devices
        place = (corner[0] + column * CELL, corner[1] + row * CELL)
        face = palette()["c1"] if done else palette()["surface"]
        axes.add_patch(Rectangle(place, CELL, CELL, facecolor=face, edgecolor=palette()["muted"], linewidth=0.8))
        ink = palette()["surface" if done else "ink"]
        axes.text(place[0] + CELL / 2, place[1] + CELL / 2, str(count), ha="center", va="center", color=ink)
