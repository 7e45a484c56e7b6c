"""The explorer of a live notebook: an anywidget whose controls are traits and whose every change calls ``compute``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets

from nnlab.widgets.controls import Control, Value
from nnlab.widgets.explorer import ExplorerError
from nnlab.widgets.frontend import SCRIPT

if TYPE_CHECKING:
    from nnlab.widgets.explorer import Explorer


def _trait(control: Control, value: Value) -> traitlets.TraitType:
    """A trait that takes any value compute makes sense of: between a slider's ends, or one of the options."""
    made: traitlets.TraitType
    if control.kind == "toggle":
        made = traitlets.Bool(bool(value))
    elif control.kind == "choice":
        made = traitlets.Enum(control.values, value)
    else:
        numbers = [v for v in control.values if isinstance(v, int | float)]
        kind: Any = traitlets.Int if all(isinstance(v, int) for v in numbers) else traitlets.Float
        made = kind(value, min=min(numbers), max=max(numbers))
    return made.tag(sync=True)


def _sent(array: np.ndarray) -> dict[str, Any]:
    if array.dtype == object:
        return {"dtype": "text", "shape": list(array.shape), "data": [str(text) for text in array.flat]}
    data = np.ascontiguousarray(array, dtype=np.float64)
    return {"dtype": "float64", "shape": list(array.shape), "data": data.tobytes()}


class ExplorerWidget(anywidget.AnyWidget):
    """What all live explorers share; each explorer's widget adds its controls as traits."""

    explorer: Explorer
    _spec = traitlets.Dict().tag(sync=True)
    _result = traitlets.Dict().tag(sync=True)

    def __init__(self, **state: Value) -> None:
        super().__init__(_spec=self.explorer.to_json(), _result=self._computed(state), **state)
        self.observe(self._update, names=list(self.explorer.grid))

    def _computed(self, state: Mapping[str, Value]) -> dict[str, Any]:
        arguments = {name: state[name] for name in self.explorer.grid}
        try:
            results = self.explorer.compute(**arguments)
            words = self.explorer.words(results, **arguments)
        except ExplorerError as error:
            return {"state": arguments, "words": "", "error": str(error), "arrays": {}}
        arrays = {name: _sent(array) for name, array in results.items()}
        return {"state": arguments, "words": words, "error": "", "arrays": arrays}

    def _update(self, _: object = None) -> None:
        self._result = self._computed({name: getattr(self, name) for name in self.explorer.controls})


def make_widget(explorer: Explorer, state: Mapping[str, Value]) -> ExplorerWidget:
    """A widget for an explorer, started at a state.

    Raises ExplorerError when the shared script has not been built, TraitError for a value outside its control.
    """
    if not SCRIPT.is_file():
        raise ExplorerError(
            "the explorers' script has not been built; run: python -m nnlab.widgets build --out _build/extra/explorers"
        )
    traits = {name: _trait(control, control.initial) for name, control in explorer.controls.items()}
    name = "".join(part.capitalize() for part in explorer.name.split("-"))
    kind = type(
        f"{name}Explorer",
        (ExplorerWidget,),
        {"explorer": explorer, "_esm": SCRIPT, "__doc__": explorer.__doc__, **traits},
    )
    return kind(**state)
