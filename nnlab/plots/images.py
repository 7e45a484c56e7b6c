"""Rows of small images, their pixels drawn as squares in the page's own ink."""

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import ArrayLike

from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings

SHADES = 5
GAP = 1.5  # pixels of an image between two images
ROW = 4.4  # pixels of an image between two rows, for the label


def images(rows: Mapping[str, ArrayLike], *, alt: str, width: float = 5.0) -> Figure:
    """Images (N, H, W) in a row each, under the row's label; 0 is the page's colour and 1 its ink, in five shades.

    ``width`` is in inches. Raises ValueError unless all rows have one shape and values from 0 to 1.
    """
    arrays = {label: np.asarray(pixels, dtype=float) for label, pixels in rows.items()}
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) != 1 or len(shape := next(iter(shapes))) != 3:
        raise ValueError(f"rows of images must have one shape (N, H, W), got {sorted(shapes)}")
    if any(not (array >= 0).all() or array.max() > 1 for array in arrays.values()):
        raise ValueError("pixels must lie between 0 and 1")
    count, high, wide = shape
    across, down = count * (wide + GAP) - GAP, len(arrays) * (high + ROW)
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(width, width * down / across))
        axes = canvas.add_axes((0, 0, 1, 1), xlim=(-0.1, across + 0.1), ylim=(down, 0), aspect="equal")
        axes.set_axis_off()
        for row, (label, pixels) in enumerate(arrays.items()):
            top = row * (high + ROW) + ROW - 0.6
            axes.text(0, top - 0.7, label, va="bottom")
            for index, image in enumerate(pixels):
                _image(axes, image, index * (wide + GAP), top)
        return Figure(canvas, alt)


def _image(axes: Axes, image: np.ndarray, left: float, top: float) -> None:
    shades = np.rint(image * SHADES).astype(int)
    for shade in range(1, SHADES + 1):
        squares = [_square(left + j, top + i) for i, j in np.argwhere(shades == shade)]
        if squares:
            path = Path.make_compound_path(*squares)
            axes.add_patch(PathPatch(path, facecolor=palette()["ink"], alpha=shade / SHADES, edgecolor="none"))
    high, wide = image.shape
    axes.add_patch(Rectangle((left, top), wide, high, fill=False, edgecolor=palette()["muted"], linewidth=0.6))


def _square(left: float, top: float) -> Path:
    return Path([(left, top), (left + 1, top), (left + 1, top + 1), (left, top + 1), (left, top)], closed=True)
