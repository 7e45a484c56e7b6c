"""Which results the panels and texts of an explorer speak of, and how finely each has to be known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from nnlab.widgets.marks import Mark
from nnlab.widgets.panels import Axis, Network, Plot

_NAME = re.compile(r"\s*([^\W\d]\w*)\s*(?:\[([^\]]*)\])?\s*")
PLACE = re.compile(r"\{\s*([^\W\d]\w*(?:\[[^\]]*\])?)\s*(?::[^{}]*)?\}")


@dataclass(frozen=True)
class Use:
    """One use of a result: ``exact`` in words and decisions; drawn on a fixed axis of length ``span``; or where only
    its ``ratio`` to others is seen, as on a logarithmic axis, by a colour or by the thickness of a line."""

    name: str
    where: str
    exact: bool
    span: float | None = None
    ratio: bool = False


def names_in(reference: str) -> list[str]:
    """The names a channel holds, itself first: ``path[k, :t+1]`` gives path, k, t. Raises ValueError for others."""
    match = _NAME.fullmatch(reference)
    if match is None:
        raise ValueError(f"{reference!r} names no result: write a name such as loss or path[0, :t+1]")
    return [match[1], *re.findall(r"[^\W\d]\w*", match[2] or "")]


def _from_reference(
    reference: str, where: str, exact: bool, span: float | None = None, ratio: bool = False
) -> Iterator[Use]:
    first, *indices = names_in(reference)
    yield Use(first, where, exact, span, ratio)
    for name in indices:
        yield Use(name, where, True)


def _from_template(text: str, where: str) -> Iterator[Use]:
    for reference in PLACE.findall(text):
        yield from _from_reference(reference, f"{where}: {text!r}", True)


def _span(axis: Axis) -> float | None:
    if axis.log or axis.domain is None:
        return None
    ends = [end for end in axis.domain if isinstance(end, int | float)]
    return float(abs(ends[-1] - ends[0])) if len(ends) == len(axis.domain) else None


def _from_channel(owner: Any, name: str, reference: str, where: str, plot: Plot | None) -> Iterator[Use]:
    """A channel of a mark, panel or prompt: what it is seen as decides how finely it has to be known."""
    if (isinstance(owner, Network) and name in ("units", "weights")) or name == "z":
        yield from _from_reference(reference, where, False, ratio=True)
    elif plot is None or not isinstance(owner, Mark) or name in ("when", "domain", "group"):
        yield from _from_reference(reference, where, True)
    else:
        axis = plot.x if name.startswith("x") else plot.y
        yield from _from_reference(reference, where, False, _span(axis), axis.log)


def uses(thing: Any, where: str = "", plot: Plot | None = None) -> Iterator[Use]:
    """Every use of a result in a panel, mark, prompt or text, or in a list of them."""
    if isinstance(thing, str):
        yield from _from_template(thing, where)
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from uses(value, where)
    elif isinstance(thing, Sequence):
        for item in thing:
            yield from uses(item, where, plot)
    elif is_dataclass(thing) and not isinstance(thing, type):
        where = where or type(thing).__name__
        plot = thing if isinstance(thing, Plot) else plot
        channels: tuple[str, ...] = getattr(thing, "channels", ())
        for field in fields(thing):
            value = getattr(thing, field.name)
            inside = f"{where}.{field.name}"
            if field.name not in channels:
                yield from uses(value, inside, plot)
                continue
            for item in value if isinstance(value, list | tuple) else [value]:
                if isinstance(item, str):
                    yield from _from_channel(thing, field.name, item, inside, plot)
