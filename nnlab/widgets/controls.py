"""Controls a reader moves: each declares a finite list of values, so that a page can hold every state."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = float | int | str | bool


def _position(values: tuple[Value, ...], wanted: Value, what: str) -> int:
    for i, value in enumerate(values):
        if value == wanted or (
            isinstance(value, float) and isinstance(wanted, int | float) and math.isclose(value, wanted, rel_tol=1e-9)
        ):
            return i
    shown = ", ".join(map(str, values[:6])) + (" …" if len(values) > 6 else "")
    raise ValueError(f"{what}: initial={wanted!r} is not one of its values ({shown})")


@dataclass(frozen=True, kw_only=True)
class Control:
    """What all controls share: a label, the values in order, and the value at the start."""

    label: str
    values: tuple[Any, ...]
    labels: tuple[str, ...] | None = None
    initial: Value
    unit: str = ""
    format: str = ""
    interval: int = 0
    kind: str

    def __post_init__(self) -> None:
        if not self.label:
            raise ValueError("a control needs a label: its accessible name on the page")
        if not self.values:
            raise ValueError(f"control {self.label!r} needs at least one value")
        _position(self.values, self.initial, f"control {self.label!r}")

    @property
    def start(self) -> int:
        """Index of the initial value."""
        return _position(self.values, self.initial, f"control {self.label!r}")

    def to_json(self, name: str) -> dict[str, Any]:
        """The declaration as the front end reads it."""
        return {
            "kind": self.kind,
            "name": name,
            "label": self.label,
            "values": list(self.values),
            "labels": None if self.labels is None else list(self.labels),
            "initial": self.start,
            "unit": self.unit,
            "format": self.format,
            "interval": self.interval,
        }


def Slider(
    label: str, low: float, high: float, *, step: float, initial: float, unit: str = "", format: str = ""
) -> Control:
    """Evenly spaced numbers low, low + step, … up to high; integers where low and step are integers.

    Raises ValueError unless step > 0, high > low and initial is on the grid.
    """
    if not (math.isfinite(low) and math.isfinite(high) and step > 0 and high > low):
        raise ValueError(f"Slider {label!r} needs low < high and step > 0, got low={low}, high={high}, step={step}")
    count = math.floor((high - low) / step + 1e-9) + 1
    whole = isinstance(low, int) and isinstance(step, int)
    values: tuple[Value, ...] = tuple(
        low + i * step if whole else float(f"{low + i * step:.10g}") for i in range(count)
    )
    return Control(label=label, values=values, initial=initial, unit=unit, format=format, kind="slider")


def LogSlider(
    label: str, low: float, high: float, *, per_decade: int, initial: float, unit: str = "", format: str = ""
) -> Control:
    """Numbers in equal ratios, per_decade of them to a factor of ten, rounded to two digits (0.01, 0.022, 0.046, 0.1).

    Raises ValueError unless 0 < low < high and initial is on the grid.
    """
    if not 0 < low < high or per_decade < 1:
        raise ValueError(
            f"LogSlider {label!r} needs 0 < low < high and per_decade ≥ 1, got {low}, {high}, {per_decade}"
        )
    count = round(per_decade * math.log10(high / low)) + 1
    digits = 2 if per_decade <= 8 else 3
    values: tuple[Value, ...] = tuple(float(f"{low * 10 ** (i / per_decade):.{digits}g}") for i in range(count))
    return Control(label=label, values=values, initial=initial, unit=unit, format=format, kind="log")


def Choice(label: str, options: Mapping[Any, str] | Sequence[Value], *, initial: Value | None = None) -> Control:
    """One of several named options; a mapping gives each value the words the reader sees."""
    values = tuple(options)
    labels = tuple(options.values()) if isinstance(options, Mapping) else tuple(map(str, values))
    if not values:
        raise ValueError(f"Choice {label!r} needs at least one option")
    return Control(
        label=label, values=values, labels=labels, initial=values[0] if initial is None else initial, kind="choice"
    )


def Toggle(label: str, *, initial: bool = False) -> Control:
    """On or off."""
    return Control(label=label, values=(False, True), initial=initial, kind="toggle")


def Play(label: str, frames: int, *, initial: int = 0, interval: float = 0.15, unit: str = "") -> Control:
    """Frame numbers 0 … frames − 1 with a Play button, ``interval`` seconds a frame.

    A Play control that ``compute`` does not take costs no states: panels index arrays by it, as in ``path[:t+1]``.
    """
    if frames < 2:
        raise ValueError(f"Play {label!r} needs at least 2 frames, got {frames}")
    return Control(
        label=label,
        values=tuple(range(frames)),
        initial=initial,
        unit=unit,
        interval=round(interval * 1000),
        kind="play",
    )
