"""Marks inside a plot, each saying what it draws from which result.

A *channel* is a number, a list of numbers, or the name of something ``compute`` returned or of a control, with
NumPy's indexing where wanted: ``"loss"``, ``"path[0, :t+1]"``, ``"W[layer]"``. An index may name a control, which
stands for its position among its values. A *template* is text with places such as ``{loss[t]:.3g}``. ``when`` hides a
mark unless its channel is positive. Colours are names of the palette: ink, muted, c1 … c6; ``"series"`` gives each row
of a matrix its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Literal

Channel = str | float | Sequence[float] | None


@dataclass(frozen=True)
class Mark:
    """What all marks share."""

    kind: ClassVar[str] = ""
    channels: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Line(Mark):
    """A curve through (x, y); a matrix y is one curve a row, named by ``labels``. x=None counts 0, 1, 2, …

    ``label`` stands beside the curve, ``label_at`` of the way along it or at the nearest place in sight. NaN breaks
    the curve; where it leaves for ±∞ an ∞ stands at the edge of the plot.
    """

    x: Channel
    y: Channel
    _: KW_ONLY
    color: str = "series"
    label: str | None = None
    labels: Sequence[str] | None = None
    label_at: float = 1.0
    label_dy: float = 0
    width: float = 2
    dash: bool = False
    opacity: float = 1
    curve: Literal["linear", "step", "smooth"] = "linear"
    when: Channel = None
    kind: ClassVar[str] = "line"
    channels: ClassVar[tuple[str, ...]] = ("x", "y", "when")


@dataclass(frozen=True)
class Points(Mark):
    """A disc at each (x, y). ``group`` (whole numbers) gives each its class's colour and shape."""

    x: Channel
    y: Channel
    _: KW_ONLY
    group: Channel = None
    color: str = "c1"
    size: float = 5
    hollow: bool = False
    opacity: float = 1
    label: str | None = None
    label_dx: float = 0
    label_dy: float = -14
    when: Channel = None
    kind: ClassVar[str] = "points"
    channels: ClassVar[tuple[str, ...]] = ("x", "y", "group", "when")


@dataclass(frozen=True)
class Area(Mark):
    """The band between ``low`` and ``high`` over x."""

    x: Channel
    low: Channel
    high: Channel
    _: KW_ONLY
    color: str = "c1"
    opacity: float = 0.18
    label: str | None = None
    when: Channel = None
    kind: ClassVar[str] = "area"
    channels: ClassVar[tuple[str, ...]] = ("x", "low", "high", "when")


@dataclass(frozen=True, kw_only=True)
class Rule(Mark):
    """A straight line across the plot at each x, or at each y. A negative ``label_dx`` puts an x label at its left."""

    x: Channel = None
    y: Channel = None
    color: str = "muted"
    dash: bool = True
    label: str | None = None
    label_dx: float = 5
    label_dy: float = 0
    when: Channel = None
    kind: ClassVar[str] = "rule"
    channels: ClassVar[tuple[str, ...]] = ("x", "y", "when")


@dataclass(frozen=True)
class Arrow(Mark):
    """An arrow from each (x1, y1) to (x2, y2)."""

    x1: Channel
    y1: Channel
    x2: Channel
    y2: Channel
    _: KW_ONLY
    color: str = "c2"
    width: float = 2
    label: str | None = None
    when: Channel = None
    kind: ClassVar[str] = "arrow"
    channels: ClassVar[tuple[str, ...]] = ("x1", "y1", "x2", "y2", "when")


@dataclass(frozen=True)
class Label(Mark):
    """Text at (x, y)."""

    x: Channel
    y: Channel
    text: str
    _: KW_ONLY
    color: str = "ink"
    anchor: Literal["start", "middle", "end"] = "middle"
    dx: float = 0
    dy: float = 0
    when: Channel = None
    kind: ClassVar[str] = "label"
    channels: ClassVar[tuple[str, ...]] = ("x", "y", "when")


@dataclass(frozen=True)
class Contour(Mark):
    """Level lines of z (len(y), len(x)) at ``levels`` (or so many of them): the map under a trajectory."""

    x: Channel
    y: Channel
    z: Channel
    _: KW_ONLY
    levels: Sequence[float] | int = 12
    color: str = "muted"
    when: Channel = None
    kind: ClassVar[str] = "contour"
    channels: ClassVar[tuple[str, ...]] = ("x", "y", "z", "when")


@dataclass(frozen=True)
class Heat(Mark):
    """z (len(y), len(x)) by colour: a matrix as cells, or a smooth field such as a classifier's regions.

    With ``low_color`` the scale diverges from the middle of ``domain``; without, it runs from the surface to
    ``high_color``. ``text`` is a number format written into each cell.
    """

    x: Channel
    y: Channel
    z: Channel
    _: KW_ONLY
    domain: Sequence[Channel] | None = None
    low_color: str | None = "c2"
    high_color: str = "c1"
    smooth: bool = False
    text: str | None = None
    when: Channel = None
    kind: ClassVar[str] = "heat"
    channels: ClassVar[tuple[str, ...]] = ("x", "y", "z", "domain", "when")


@dataclass(frozen=True)
class Ridges(Mark):
    """One histogram a row of ``heights`` (rows, len(x)), the first on top: distributions layer by layer.

    Hide the y axis (``Axis(domain=(0, rows + 0.3), hidden=True)``); ``labels`` names the rows.
    """

    x: Channel
    heights: Channel
    _: KW_ONLY
    labels: Sequence[str] | None = None
    overlap: float = 1.3
    color: str = "c1"
    when: Channel = None
    kind: ClassVar[str] = "ridges"
    channels: ClassVar[tuple[str, ...]] = ("x", "heights", "when")
