"""Work arrays that live as long as their owner, so that a training step allocates nothing."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlab.backend import Array

NOTHING: Any = object()  # stands for the batch before the first one, since a caller may hand in None by mistake


class Workspace:
    """An object with array module ``xp`` and work arrays of its own."""

    xp: Any = np
    _shape: tuple[int, ...] | None = None
    _dtype: Any = None
    _names: tuple[str, ...] = ()

    if TYPE_CHECKING:  # work arrays become attributes by their names

        def __getattr__(self, name: str) -> Array: ...

    def work_arrays(self, x: Array) -> dict[str, Array]:
        """New work arrays for a batch like ``x``: ``prepare`` makes each an attribute by its name."""
        return {}

    def check(self, x: Array) -> None:
        """Raise TypeError or ValueError for a batch that cannot be worked on; asked once a shape and dtype."""

    def prepare(self, x: Array) -> None:
        """Check ``x`` and make the work arrays for it, unless the last batch had its shape and dtype."""
        shape, dtype = getattr(x, "shape", None), getattr(x, "dtype", None)
        if shape is None or shape != self._shape or dtype != self._dtype:
            self.check(x)
            arrays = self.work_arrays(x)
            self.__dict__.update(arrays)
            self._shape, self._dtype, self._names = shape, dtype, tuple(arrays)

    def buffer(self, name: str, shape: tuple[int, ...], dtype: Any) -> Array:
        """The work array ``name``: the same one as long as shape and dtype stay the same."""
        buffers = self.__dict__.setdefault("_buffers", {})
        array = buffers.get(name)
        if array is None or array.shape != shape or array.dtype != dtype:
            array = buffers[name] = self.xp.empty(shape, dtype)
        return array

    def forget(self) -> None:
        """Let go of the work arrays; the next batch makes new ones."""
        for name in (*self._names, "_buffers", "_shape", "_dtype", "_names"):
            self.__dict__.pop(name, None)

    def __getstate__(self) -> dict[str, Any]:
        # a copy or a pickle needs no work arrays, and a module can only be copied by its name
        state = {name: value for name, value in self.__dict__.items() if name not in (*self._names, "_buffers")}
        for name in ("_shape", "_dtype", "_names"):
            state.pop(name, None)
        if "xp" in state:
            state["xp"] = state["xp"].__name__
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "xp" in state:
            self.xp = importlib.import_module(state["xp"])
