"""The explorer: a pure function of its controls, what to draw of its results, and how to say them."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlab.widgets.controls import Control, Value
from nnlab.widgets.panels import Panel
from nnlab.widgets.prompts import Goal, Predict
from nnlab.widgets.references import Use, uses
from nnlab.widgets.words import prettify

if TYPE_CHECKING:
    from nnlab.widgets.live import ExplorerWidget

Results = dict[str, np.ndarray]
Describe = str | Callable[[Any], str]

MOST_STATES = 5000
REGISTRY: dict[str, Explorer] = {}


class ExplorerError(Exception):
    """An explorer failed or contradicts itself; the message names it and the control values."""


def _as_array(value: Any) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind == "U" or (array.dtype.kind == "O" and all(isinstance(v, str) for v in array.flat)):
        return array.astype(object)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"expected numbers or text, got dtype {array.dtype}")
    return array


class Explorer:
    """An explorer as ``@explorer`` makes it. Calling it gives the live widget; ``compute`` is the plain function."""

    def __init__(
        self,
        compute: Callable[..., Mapping[str, Any]],
        *,
        name: str,
        title: str,
        controls: Mapping[str, Control],
        panels: Sequence[Panel | Sequence[Panel]],
        describe: Describe,
        goals: Sequence[Goal] = (),
        predict: Predict | None = None,
    ) -> None:
        self.function = compute
        self.name = name
        self.title = title
        self.controls = dict(controls)
        self.rows = [list(row) if isinstance(row, Sequence) else [row] for row in panels]
        self.describe = describe
        self.goals = tuple(goals)
        self.predict = predict
        self.__doc__ = compute.__doc__
        self.__module__ = compute.__module__
        taken = list(inspect.signature(compute).parameters)
        unknown = [argument for argument in taken if argument not in self.controls]
        if unknown:
            raise ExplorerError(
                f"explorer {name!r}: compute takes {unknown}, but its controls are {list(self.controls)}"
            )
        self.grid = [control for control in self.controls if control in taken]
        if self.state_count > MOST_STATES:
            sizes = " × ".join(f"{len(self.controls[c].values)} {c}" for c in self.grid)
            raise ExplorerError(f"explorer {name!r} has {self.state_count} states ({sizes}); {MOST_STATES} is the most")

    @property
    def state_count(self) -> int:
        """How many times ``compute`` runs for a page."""
        return math.prod(len(self.controls[name].values) for name in self.grid)

    @cached_property
    def uses(self) -> list[Use]:
        """Every result the panels, prompts and templates speak of."""
        try:
            return [*uses(self.rows), *uses(self.goals), *uses(self.predict)]
        except ValueError as error:
            raise ExplorerError(f"explorer {self.name!r}: {error}") from None

    def fill(self, state: Mapping[str, Value]) -> dict[str, Value]:
        """A whole state: what is not given is at its start. Raises ValueError for a control that is not there."""
        for name in state:
            if name not in self.controls:
                raise ValueError(f"explorer {self.name!r} has no control {name!r}; it has {list(self.controls)}")
        return {name: state.get(name, control.initial) for name, control in self.controls.items()}

    def compute(self, **controls: Value) -> Results:
        """The results for control values (on the grid or off), as arrays.

        Raises ExplorerError, naming the explorer and the values, when the computation fails or returns no dict of
        numbers and text.
        """
        state = self.fill(controls)
        arguments = {name: state[name] for name in self.grid}
        at = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
        try:
            with np.errstate(all="ignore"):
                returned = self.function(**arguments)
            results = {name: _as_array(value) for name, value in returned.items()}
        except Exception as error:
            raise ExplorerError(f"explorer {self.name!r} failed at {at}: {type(error).__name__}: {error}") from error
        clash = [name for name in results if name in self.controls]
        if clash:
            raise ExplorerError(
                f"explorer {self.name!r} at {at}: compute returned {clash}, which are names of controls"
            )
        return results

    def words(self, results: Results, **controls: Value) -> str:
        """What ``<output>`` says of the state: a template whose places the page fills in."""
        if isinstance(self.describe, str):
            return self.describe
        state = {name: value for name, value in self.fill(controls).items() if name in self.grid}
        plain = {name: array.item() if array.ndim == 0 else array for name, array in results.items()}
        try:
            return prettify(self.describe(SimpleNamespace(**state, **plain)))
        except Exception as error:
            at = ", ".join(f"{name}={value!r}" for name, value in state.items())
            raise ExplorerError(
                f"explorer {self.name!r}: describe failed at {at}: {type(error).__name__}: {error}"
            ) from error

    def check_names(self, results: Results) -> None:
        """Raises ExplorerError when a panel or text speaks of something that is neither result nor control."""
        known = {*results, *self.controls}
        words = [*uses(self.words(results))] if isinstance(self.describe, str) else []
        for use in [*self.uses, *words]:
            if use.name not in known:
                raise ExplorerError(
                    f"explorer {self.name!r}: {use.where} speaks of {use.name!r}; compute returned {sorted(results)} "
                    f"and the controls are {list(self.controls)}"
                )

    def to_json(self) -> dict[str, Any]:
        """The declaration as the front end reads it."""
        from nnlab.widgets.source import highlighted

        return {
            "name": self.name,
            "title": self.title,
            "controls": [control.to_json(name) for name, control in self.controls.items()],
            "rows": [[_plain(panel) for panel in row] for row in self.rows],
            "goals": [_plain(goal) for goal in self.goals],
            "prediction": None if self.predict is None else _plain(self.predict),
            "source": highlighted(self.function),
        }

    @cached_property
    def widget(self) -> ExplorerWidget:
        """The live widget a notebook shows for the bare explorer. Raises ImportError without anywidget."""
        return self()

    def __call__(self, **controls: Value) -> ExplorerWidget:
        """A live ipywidget of its own, started at the given control values; its controls are traits."""
        from nnlab.widgets.live import make_widget

        return make_widget(self, self.fill(controls))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        folder = os.environ.get("NNLAB_BOOK")
        if folder:
            from nnlab.widgets.still import mimebundle

            return mimebundle(self, folder)
        try:
            return self.widget._repr_mimebundle_(include=include, exclude=exclude)
        except ImportError:
            return {"text/plain": f"{self!r}: pip install 'nnlab[book]' shows it live"}

    def __repr__(self) -> str:
        return f"Explorer({self.name!r}, controls={list(self.controls)})"


def _plain(thing: Any) -> Any:
    """Dataclasses as JSON, each with its kind."""
    if is_dataclass(thing) and not isinstance(thing, type):
        kind = getattr(thing, "kind", "")
        inside = {name: _plain(getattr(thing, name)) for name in thing.__dataclass_fields__}
        return {"kind": kind, **inside} if kind else inside
    if isinstance(thing, Mapping):
        return {name: _plain(value) for name, value in thing.items()}
    if isinstance(thing, list | tuple | range | np.ndarray):
        return [_plain(item) for item in thing]
    if isinstance(thing, np.generic):
        return thing.item()
    return thing


def explorer(
    *,
    name: str,
    title: str,
    controls: Mapping[str, Control],
    panels: Sequence[Panel | Sequence[Panel]],
    describe: Describe,
    goals: Sequence[Goal] = (),
    predict: Predict | None = None,
) -> Callable[[Callable[..., Mapping[str, Any]]], Explorer]:
    """Turn a pure function of its controls into an explorer.

    The function takes some or all of the ``controls`` by name and returns arrays, numbers and text by name. Those it
    takes form the grid that is computed for the page; the others only choose what is shown (an index into an axis, a
    mark's ``when``) and cost no states. ``panels`` is a list of rows: a panel, or several side by side. ``describe``
    gives the words: a template, or a function of one namespace holding controls and results that returns one.
    Raises ExplorerError for a name used twice and for arguments that are no controls.
    """

    def decorate(compute: Callable[..., Mapping[str, Any]]) -> Explorer:
        made = Explorer(
            compute,
            name=name,
            title=title,
            controls=controls,
            panels=panels,
            describe=describe,
            goals=goals,
            predict=predict,
        )
        known = REGISTRY.get(name)
        if known is not None and known.__module__ != made.__module__:
            raise ExplorerError(f"two explorers are called {name!r}: in {known.__module__} and {made.__module__}")
        REGISTRY[name] = made
        return made

    return decorate
