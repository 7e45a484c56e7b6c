"""Losses of two weights that look like what training meets: a ravine, a bend, a saddle, a plateau, two valleys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

HOLE = 0.6
STEEP = 25.0
BEND = 5.0


@dataclass(frozen=True)
class Surface:
    """A loss over (w₁, w₂) in [−2, 2]², its gradient, its least value, a start, and the places worth a name."""

    label: str
    loss: Callable[[Any, Any], Any]
    gradient: Callable[[Any, Any], tuple[Any, Any]]
    least: float
    start: tuple[float, float]
    places: dict[str, tuple[float, float]]


def _hole(x: Any, y: Any) -> Any:
    return np.exp(-0.5 * (x**2 + y**2) / HOLE**2)


def _valleys(x: Any, y: Any) -> Any:
    return 0.25 * (x**2 - 1) ** 2 + 0.15 * x + 0.5 * y**2


# where the slope of _valleys along y = 0 is 0: the real roots of x³ − x + 0.15
DEEP, _, SHALLOW = sorted(np.roots([1, 0, -1, 0.15]).real)

SURFACES = {
    "ravine": Surface(
        "ravine",
        lambda x, y: 0.5 * (x**2 + STEEP * y**2),
        lambda x, y: (x, STEEP * y),
        0.0,
        (-1.8, 0.6),
        {"the minimum": (0, 0)},
    ),
    "bend": Surface(
        "bent valley",
        lambda x, y: (1 - x) ** 2 + BEND * (y + 1 - x**2) ** 2,
        lambda x, y: (-2 * (1 - x) - 4 * BEND * x * (y + 1 - x**2), 2 * BEND * (y + 1 - x**2)),
        0.0,
        (-1.4, -0.6),
        {"the minimum": (1, 0)},
    ),
    "saddle": Surface(
        "saddle",
        lambda x, y: 0.5 * x**2 - 0.5 * y**2 + 0.25 * y**4,
        lambda x, y: (x, y**3 - y),
        -0.25,
        (-1.5, 0.01),
        {
            "the saddle point, where the slope is 0 and yet no minimum is": (0, 0),
            "the upper minimum": (0, 1),
            "the lower minimum": (0, -1),
        },
    ),
    "plateau": Surface(
        "plateau with a hole",
        lambda x, y: -_hole(x, y),
        lambda x, y: (x / HOLE**2 * _hole(x, y), y / HOLE**2 * _hole(x, y)),
        -1.0,
        (1.5, -1.2),
        {"the hole": (0, 0)},
    ),
    "valleys": Surface(
        "two valleys",
        _valleys,
        lambda x, y: (x**3 - x + 0.15, y),
        float(_valleys(DEEP, 0.0)),
        (1.8, 1.0),
        {"the deep valley": (DEEP, 0), "the shallow valley, not the deepest": (SHALLOW, 0)},
    ),
}
