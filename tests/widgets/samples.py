"""Small explorers for the tests of the framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nnlab.widgets import Axis, Choice, Explorer, Heat, Line, Play, Plot, Points, Slider
from nnlab.widgets.panels import Panel

CONTROLS = {"p": Slider("p", 0, 2, step=1, initial=0), "q": Choice("q", ["a", "b", "c"]), "t": Play("t", 4)}
LINEAR = Plot(marks=[Line("x", "linear")], x=Axis(domain=(0, 10)), y=Axis(domain=(-50, 50)))
LOG = Plot(marks=[Line("x", "ratio")], x=Axis(domain=(0, 10)), y=Axis(domain=(1e-6, 1e6), log=True))
FREE = Plot(marks=[Line(None, "free"), Points("counts", "counts")])
FIELD = Plot(marks=[Heat([0, 1], [0, 1], "field")])


def make(
    compute: Callable[..., Mapping[str, Any]],
    panels: list[Panel] | None = None,
    describe: Any = "p is {p}, q is {q}, t is {t}.",
    controls: Any = CONTROLS,
    **more: Any,
) -> Explorer:
    """An explorer that is in no registry."""
    return Explorer(
        compute, name="sample", title="Sample", controls=controls, panels=panels or [], describe=describe, **more
    )
