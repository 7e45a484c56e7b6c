"""The labels of axes, laid out before the fork, so that no submission has to do it again.

matplotlib lays out each formula anew for every figure, and every power of ten on a logarithmic axis is a formula: half
of the time that such a figure takes.
"""

from __future__ import annotations

import contextlib
import functools
import io
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

POWERS = range(-16, 10)


def draw_once() -> None:
    """Draw what most figures have: lines, markers, a legend, and axes from one power of ten to another."""
    from matplotlib import mathtext, pyplot
    from matplotlib.backends import backend_agg

    with _fonts_in_memory() as kept:
        if kept:
            # A parser remembers the formulas it has laid out, and every figure has a parser of its own.
            backend_agg.MathTextParser = functools.cache(mathtext.MathTextParser)  # type: ignore[misc, assignment]
        powers = [10.0**power for power in POWERS]
        for scale, ticks in (("linear", [0.1, 10.0]), ("log", powers)):
            axes = pyplot.figure().add_subplot(xscale=scale, yscale=scale, xlabel="x", ylabel="y", title="title")
            axes.plot(ticks, ticks, marker="o", label="line")
            axes.set(xticks=ticks, yticks=ticks)
            axes.legend()
            pyplot.savefig(io.BytesIO(), format="png", dpi=80)
        pyplot.close("all")


@contextlib.contextmanager
def _fonts_in_memory() -> Iterator[bool]:
    """Whether fonts are read whole while this lasts; otherwise what was laid out with them is of no use after a fork.

    A font of matplotlib's reads each glyph from its file when it is needed, and a fork has that file no more. The names
    are those of matplotlib 3.11; where another has others, figures are drawn as ever, only more slowly.
    """
    from matplotlib import font_manager, ft2font
    from matplotlib.backends import backend_agg

    manager: Any = font_manager
    names = hasattr(manager, "ft2font") and hasattr(backend_agg, "MathTextParser")
    if not (names and hasattr(getattr(manager, "_get_font", None), "cache_clear")):
        yield False
        return

    content = functools.cache(lambda path: Path(path).read_bytes())

    def in_memory(path: Any, *args: Any, **options: Any) -> Any:
        return ft2font.FT2Font(io.BytesIO(content(path)), *args, **options)

    manager._get_font.cache_clear()
    manager.ft2font = types.SimpleNamespace(**{**vars(ft2font), "FT2Font": in_memory})
    try:
        yield True
    finally:
        manager.ft2font = ft2font
        manager._get_font.cache_clear()
