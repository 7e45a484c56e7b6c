"""Which results the panels and texts of an explorer speak of, and how finely each has to be known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from nnlab.widgets.marks import Mark
from nnlab.widgets.panels import Axis, Plot

_NAME = re.compile(r"\s*([^\W\d]\w*)\s*(?:\[([^\]]*)\])?\s*")
PLACE = re.compile(r"\{\s*([^\W\d]\w*(?:\[[^\]]*\])?)\s*(?::[^{}]*)?\}")


@dataclass(frozen=True)
class Use:
    """One use of a result: ``exact`` in words and decisions, else drawn within ``span`` (None: no fixed axis)."""

    name: str
    where: str
    exact: bool
    span: float | None = None


def names_in(reference: str) -> list[str]:
    """The names a channel holds, itself first: ``path[k, :t+1]`` gives path, k, t. Raises ValueError for others."""
    match = _NAME.fullmatch(reference)
    if match is None:
        raise ValueError(f"{reference!r} names no result: write a name such as loss or path[0, :t+1]")
    return [match[1], *re.findall(r"[^\W\d]\w*", match[2] or "")]


def _from_reference(reference: str, where: str, exact: bool, span: float | None) -> Iterator[Use]:
    first, *indices = names_in(reference)
    yield Use(first, where, exact, span)
    for name in indices:
        yield Use(name, where, True)


def _from_template(text: str, where: str) -> Iterator[Use]:
    for reference in PLACE.findall(text):
        yield from _from_reference(reference, f"{where}: {text!r}", True, None)


def _span(axis: Axis) -> float | None:
    if axis.log or axis.domain is None:
        return None
    ends = [end for end in axis.domain if isinstance(end, int | float)]
    return float(abs(ends[-1] - ends[0])) if len(ends) == len(axis.domain) else None


def uses(thing: Any, where: str = "", span: float | None = None) -> Iterator[Use]:
    """Every use of a result in a panel, mark, prompt or text, or in a list of them."""
    if isinstance(thing, str):
        yield from _from_template(thing, where)
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from uses(value, where)
    elif isinstance(thing, Sequence):
        for item in thing:
            yield from uses(item, where, span)
    elif is_dataclass(thing) and not isinstance(thing, type):
        where = where or f"{type(thing).__name__}"
        if isinstance(thing, Plot):
            spans = [_span(thing.x), _span(thing.y)]
            span = None if None in spans else min(s for s in spans if s is not None)
        channels: tuple[str, ...] = getattr(thing, "channels", ())
        for field in fields(thing):
            value = getattr(thing, field.name)
            inside = f"{where}.{field.name}"
            if field.name not in channels:
                yield from uses(value, inside, span)
                continue
            for item in value if isinstance(value, list | tuple) else [value]:
                if isinstance(item, str):
                    exact = not isinstance(thing, Mark) or field.name in ("when", "domain", "group")
                    yield from _from_reference(item, inside, exact, None if field.name == "z" else span)
