"""Panels of a figure: plots, bars, tables, graphs, networks; how they are laid out is one list of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from nnlab.widgets.marks import Channel, Mark


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis: its label, its ends (numbers or channels; from the data when None), logarithmic or not."""

    label: str = ""
    domain: Sequence[Channel] | None = None
    log: bool = False
    ticks: int | Sequence[float] | None = None
    tick_labels: Sequence[str] | None = None
    grid: bool = True
    hidden: bool = False
    channels: ClassVar[tuple[str, ...]] = ("domain",)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What all panels share: a title above, a height in pixels of a figure 720 wide, a share of the row's width.

    On a phone the figure is 360 wide, panels stand below each other, and ``narrow_height`` holds where it is given.
    """

    title: str | None = None
    height: float = 240
    narrow_height: float | None = None
    weight: float = 1
    kind: ClassVar[str] = ""
    channels: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, kw_only=True)
class Plot(Panel):
    """Marks over two axes. ``drag_x`` names a slider that a pointer may drag along x, straight in the plot.

    With ``equal`` a unit is as long up as across, and right angles stay right; both axes then need a domain.
    """

    marks: Sequence[Mark]
    x: Axis = Axis()
    y: Axis = Axis()
    equal: bool = False
    margin_right: float = 14
    drag_x: str | None = None
    kind: ClassVar[str] = "plot"


@dataclass(frozen=True, kw_only=True)
class Bars(Panel):
    """Horizontal bars: one for each value, named at its left, its number at its end; none where ``shown`` is 0."""

    values: Channel
    labels: Sequence[str] | str
    format: str = ".3g"
    axis: Axis = Axis()
    colors: Sequence[str] = ("c1",)
    shown: Channel = None
    kind: ClassVar[str] = "bars"
    channels: ClassVar[tuple[str, ...]] = ("values", "shown")


@dataclass(frozen=True, kw_only=True)
class Table(Panel):
    """Rows of templates under a head; ``highlight`` gives the number of the row that stands out."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]]
    highlight: Channel = None
    kind: ClassVar[str] = "table"
    channels: ClassVar[tuple[str, ...]] = ("highlight",)


@dataclass(frozen=True)
class Node:
    """A node of a graph at (column, row); ``state`` 2 makes it stand out."""

    name: str
    at: tuple[float, float]
    text: str
    shape: Literal["circle", "none"] = "circle"
    state: Channel = 1
    channels: ClassVar[tuple[str, ...]] = ("state",)


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A wire of a graph: a text above (the value), below (the gradient) and at its end (the local derivative).

    Each has a state: 0 hidden, 1 shown, 2 standing out. ``flow`` is 1 while a value runs forward along the wire,
    −1 while a gradient runs back, 0 at rest. The texts stand ``label_at`` of the way along the wire,
    or ``narrow_label_at`` of it where the graph is drawn top to bottom.
    """

    source: str
    target: str
    above: str = ""
    above_state: Channel = 1
    below: str = ""
    below_state: Channel = 1
    note: str = ""
    note_state: Channel = 1
    flow: Channel = 0
    label_at: float = 0.5
    narrow_label_at: float | None = None
    channels: ClassVar[tuple[str, ...]] = ("above_state", "below_state", "note_state", "flow")


@dataclass(frozen=True, kw_only=True)
class Graph(Panel):
    """A computational graph of nodes and wires."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    kind: ClassVar[str] = "graph"


@dataclass(frozen=True, kw_only=True)
class Network(Panel):
    """A layered network: units filled by ``units[l]`` (n_l,), wires as thick as ``weights[l]`` (n_l, n_{l+1}).

    Positive is c1, negative c2 and dashed. The domains are the sizes drawn at full strength; None takes the largest
    present. ``format`` writes each unit's number into it. ``emphasis`` is the layer that stands out. Layers whose
    number in ``units_shown`` (one a layer) or ``weights_shown`` is 0 stand empty.
    """

    units: Sequence[Channel]
    weights: Sequence[Channel]
    labels: Sequence[str] = ()
    unit_domain: Channel = None
    weight_domain: Channel = None
    format: str | None = None
    emphasis: Channel = None
    units_shown: Channel = None
    weights_shown: Channel = None
    input_names: Sequence[str] = ()
    output_names: Sequence[str] = ()
    kind: ClassVar[str] = "network"
    channels: ClassVar[tuple[str, ...]] = (
        "units", "weights", "unit_domain", "weight_domain", "emphasis", "units_shown", "weights_shown",
    )  # fmt: skip
