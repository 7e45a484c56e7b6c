"""Draw a scalar computational graph as SVG: inputs at the left, the result at the right."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnlab.graph import Value

_COLUMN, _ROW, _MARGIN, _RADIUS = 130, 104, 56, 22
_STYLE = (  # under one class: a style in inline SVG reaches the whole page
    ".nnlab-graph text{font:14px system-ui,sans-serif;text-anchor:middle;fill:var(--nnlab-ink,#1f2328)}"
    ".nnlab-graph .edge{stroke:var(--nnlab-muted,#57606a);stroke-width:1.5;fill:none}"
    ".nnlab-graph .node{stroke:var(--nnlab-ink,#1f2328);stroke-width:1.5;fill:var(--nnlab-surface,#fff)}"
    ".nnlab-graph .data{fill:var(--nnlab-c1,#0072b2)}.nnlab-graph .grad{fill:var(--nnlab-c2,#d55e00)}"
)


def draw(result: Value) -> str:
    """SVG text: every value is a circle with its operation or label, its data above and its gradient below."""
    places, width, height = layout(result)
    edges, nodes = [], []
    for value, (x, y) in places.items():
        for parent in value.parents:
            px, py = places[parent]
            edges.append(f'<path class="edge" d="M{px + _RADIUS} {py:g}L{x - _RADIUS} {y:g}"/>')
        sign = escape(value.operation or value.label)
        name = f"{escape(value.label)} = " if value.label and value.operation else ""
        nodes.append(
            f'<circle class="node" cx="{x}" cy="{y:g}" r="{_RADIUS}"/><text x="{x}" y="{y + 5:g}">{sign}</text>'
            f'<text class="data" x="{x}" y="{y - _RADIUS - 7:g}">{name}{_number(value.data)}</text>'
            f'<text class="grad" x="{x}" y="{y + _RADIUS + 18:g}">{_number(value.grad)}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'style="max-width:100%" role="img" class="nnlab-graph"><title>{escape(describe(result))}</title>'
        f"<style>{_STYLE}</style>{''.join(edges)}{''.join(nodes)}</svg>"
    )


def describe(result: Value) -> str:
    """The graph in words: every value with its data and gradient."""
    parts = [
        f"{value.label or value.operation} = {_number(value.data)}, gradient {_number(value.grad)}"
        for value in result.topological_order()
    ]
    return "Computational graph: " + "; ".join(parts)


def layout(result: Value) -> tuple[dict[Value, tuple[int, float]], float, float]:
    """The place of every value: one column a level, a level being the longest way from an input."""
    level: dict[Value, int] = {}
    for value in result.topological_order():
        level[value] = max((level[parent] + 1 for parent in value.parents), default=0)
    for value in reversed(list(level)):  # an input moves right until it meets the first value that uses it
        if not value.parents:
            level[value] = min((level[user] for user in level if value in user.parents), default=1) - 1
    columns: dict[int, list[Value]] = {}
    for value, column in level.items():
        columns.setdefault(column, []).append(value)
    rows: dict[Value, float] = {}
    for column in sorted(columns):
        ideal = {v: sum(rows[p] for p in v.parents) / len(v.parents) if v.parents else None for v in columns[column]}
        free = 0.0
        for value in sorted(columns[column], key=lambda v: (ideal[v] is None, ideal[v] or 0.0)):
            wanted = ideal[value]
            rows[value] = max(free, wanted) if wanted is not None else free
            free = rows[value] + 1
    width = 2 * _MARGIN + max(columns) * _COLUMN
    height = 2 * _MARGIN + max(rows.values()) * _ROW
    return {v: (_MARGIN + level[v] * _COLUMN, _MARGIN + rows[v] * _ROW) for v in rows}, width, height


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
