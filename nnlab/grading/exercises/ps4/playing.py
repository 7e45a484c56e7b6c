"""How a step function is tried: several steps in a row, each given the state that the one before returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nnlab.grading.arguments import change, fresh
from nnlab.grading.comparing import Difference, kind, unpack, wrong_form
from nnlab.grading.exercise import Case, Exercise, FlawError
from nnlab.grading.exercises.drawing import array, sides
from nnlab.optimizers import Optimizer

Step = Callable[..., tuple[np.ndarray, dict[str, Any]]]
MOST_STEPS, MOST_SIDE = 8, 6
_PLAIN = (bool, int, float, complex, str, bytes, np.generic, type(None))


def exercise(
    name: str,
    make: Callable[..., Optimizer],
    examples: Callable[[], Iterable[Case]],
    draw: Callable[[np.random.Generator, int], Case],
    builds_on: tuple[str, ...] = ("ps4.sgd_step",),
) -> Exercise:
    """The exercise of one rule; the first step from an empty state can be graded by itself."""
    return Exercise(
        name,
        stepping(make),
        examples,
        draw,
        play=play,
        results=("path[1]", "path"),
        parts={"first": ("path[1]",), "path": ("path",)},
        builds_on=builds_on,
    )


def stepping(make: Callable[..., Optimizer]) -> Step:
    """A step function (w, grad, state, lr, …) -> (w, state) by one of nnlab's optimizers.

    nnlab's optimizers keep their state to themselves. Here it is the past steps, which a new optimizer takes again.
    """

    def step(
        w: np.ndarray, grad: np.ndarray, state: Mapping[str, Any], lr: float, *settings: float
    ) -> tuple[np.ndarray, dict[str, Any]]:
        past = [*state.get("past", []), (w, grad, lr)]
        optimizer = make(lr, *settings)
        for then_w, then_grad, then_lr in past:
            moved = then_w.copy()
            optimizer.lr = then_lr
            optimizer.step([moved], [then_grad])
        return moved, {"past": past}

    return step


def play(
    step: Step,
    w: np.ndarray,
    gradients: Sequence[np.ndarray],
    lr: Sequence[float],
    settings: Mapping[str, float] | None = None,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """One step for each gradient; returns (w after the first step, [w, w after one step, after two, …]).

    Raises FlawError where a step returns what the next one cannot be given, or changes the w or state it was given.
    """
    path, state = [w], dict[str, Any]()
    for number, (gradient, rate) in enumerate(zip(gradients, lr, strict=True), start=1):
        w, before = path[-1], fresh({"w": path[-1], "state": state})
        returned = step(w, gradient, state, rate, *(settings or {}).values())
        for name, now in (("w", w), ("state", state)):
            if found := change(before[name], now, name):
                part, old, new = found
                sentence = f"{part} must be the same after step {number} as before it; return a new {name} instead."
                raise FlawError(Difference(sentence, new, "no keys" if isinstance(old, str) and not old else old))
        entries, flaw = unpack(returned, ("w", "state"))
        flaw = flaw or wrong_form(entries["w"], f"w after step {number}", w.shape) or _not_plain(entries["state"])
        if flaw:
            raise FlawError(flaw)
        path.append(entries["w"])
        state = entries["state"]
    return path[1], path


def case(
    w: Any, gradients: Sequence[Any], lr: Sequence[float], why: str, settings: Mapping[str, float] | None = None
) -> Case:
    """A hand-written case."""
    arguments = {"w": array(w), "gradients": [array(gradient) for gradient in gradients], "lr": list(lr)}
    return Case(arguments | ({"settings": dict(settings)} if settings else {}), why)


def draw(rng: np.random.Generator, size: int, why: str, settings: Mapping[str, Sequence[float]] | None = None) -> Case:
    """Random weights and gradients, a learning rate that changes half-way, and a random choice of each setting."""
    steps = min(size, MOST_STEPS)
    shape = (steps + 1, *sides(rng, min(size, MOST_SIDE), int(rng.integers(1, 3))))
    w, *gradients = rng.normal(size=shape).round(2)
    first, second = (float(rate) for rate in rng.choice([0.01, 0.05, 0.1, 0.2, 0.5], 2, replace=False))
    lr = [first] * (steps - steps // 2) + [second] * (steps // 2)
    chosen = {name: float(rng.choice(values)) for name, values in (settings or {}).items()}
    return case(w, gradients, lr, why, chosen)


def _not_plain(state: Any) -> Difference | None:
    """What keeps a state from being a dict of plain data, or None."""
    if not isinstance(state, dict):
        return Difference(f"The state must be a dict; it is {kind(state)}.", state, "a dict")
    strange = _strange(state, "state")
    if strange is None:
        return None
    name, value = strange
    plain = "numbers, arrays, strings, lists and dicts"
    return Difference(f"A state may hold {plain}; {name} is {kind(value)}.", value, plain)


def _strange(value: Any, name: str) -> tuple[str, Any] | None:
    """The first thing in a value, however nested, that is no plain data, with its name."""
    if isinstance(value, dict):
        parts = [(f"{name}[{key!r}]", item) for key, item in value.items()]
    elif isinstance(value, (list, tuple)):
        parts = [(f"{name}[{index}]", item) for index, item in enumerate(value)]
    else:
        plain = isinstance(value, _PLAIN) or (type(value) is np.ndarray and value.dtype.kind in "fiubc")
        return None if plain else (name, value)
    return next((found for found in (_strange(item, part) for part, item in parts) if found), None)
