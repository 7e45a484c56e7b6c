"""Where the units of a ReLU network switch on and off, as lines in the plane of its two inputs."""

from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.figure import Figure as Canvas
from numpy.typing import ArrayLike

from nnlab.plots.curves import DASHES
from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings

LAYERS = 3  # more lines than this cannot be told apart


def switching_lines(x: ArrayLike, y: ArrayLike, net_inputs: Mapping[str, ArrayLike], *, alt: str) -> Figure:
    """The zero lines of every unit's net input over a grid of inputs, a colour and a dash a layer.

    ``net_inputs`` maps a layer's name to its net inputs (units, len(y), len(x)).
    Raises ValueError when a layer has another shape, or when there are more than three layers or none.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not 1 <= len(net_inputs) <= LAYERS:
        raise ValueError(f"switching lines can be told apart for 1 to {LAYERS} layers, got {len(net_inputs)}")
    with matplotlib.rc_context(settings()):
        canvas = Canvas(layout="constrained", figsize=(4.2, 4.6))
        axes = canvas.add_subplot(aspect="equal", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
        axes.set_xlabel("x₁")
        axes.set_title("x₂")
        for index, (label, values) in enumerate(net_inputs.items()):
            z = np.asarray(values, dtype=float)
            if z.ndim != 3 or z.shape[1:] != (len(y), len(x)):
                raise ValueError(f"{label!r} has shape {z.shape}; it needs (units, {len(y)}, {len(x)})")
            colour, dash = palette()[f"c{index + 1}"], DASHES[index]
            for unit in z:
                if unit.min() < 0 < unit.max():
                    axes.contour(x, y, unit, levels=[0], colors=[colour], linestyles=[dash], linewidths=1.6)
            axes.plot([], [], color=colour, linestyle=dash, label=label)
        canvas.legend(loc="outside lower left", ncols=LAYERS)
        return Figure(canvas, alt)
