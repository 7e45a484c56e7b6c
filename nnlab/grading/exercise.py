"""What an exercise is: the right answer, the calls to try, and how results are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """One call of the function under check.

    ``arguments`` are passed by position, in this order; their names serve the message. ``why`` is one sentence for a
    reader whose function fails this call: the idea it tests, not the answer.
    """

    arguments: Mapping[str, Any]
    why: str = ""


@dataclass(frozen=True)
class Exercise:
    """One function of a problem set.

    name: "ps1.softmax", the set and the function.
    reference: the right answer, called with the same arguments.
    examples: small cases with hand-picked numbers, the simplest first.
    draw: (rng, size) -> a random case whose sides are at most about ``size``.
    results: the names of a returned tuple's entries; empty when the function returns one thing.
    parts: what can be graded by itself, as {"loss": ("loss",)}; each lists names out of ``results``.
    builds_on: names of earlier exercises of the set that a solution may call. When a solution fails only because one of
        those is wrong, it still passes: an error is paid for once.
    tolerance, float32_tolerance: the largest error, relative to the largest entry of the expected result.
    float32_tolerance is None where float32 cannot be judged on random cases.
    """

    name: str
    reference: Callable[..., Any]
    examples: Callable[[], Iterable[Case]]
    draw: Callable[[np.random.Generator, int], Case]
    results: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    builds_on: tuple[str, ...] = ()
    tolerance: float = 1e-7
    float32_tolerance: float | None = 1e-4
    time_limit: float = 5.0

    @property
    def function_name(self) -> str:
        """The name students give the function."""
        return self.name.rpartition(".")[2]
