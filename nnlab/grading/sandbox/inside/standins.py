"""What stands in for nnlab and IPython while a submission runs: the data sets, a `check` that does nothing, `display`,
and the `exit` and `quit` of interactive Python.

The rest of nnlab is the solution to the exercises, so it is not there.
"""

from __future__ import annotations

import builtins
import importlib.abc
import sys
import types
from collections.abc import Sequence
from typing import Any

import numpy as np


class _Refuse(importlib.abc.MetaPathFinder):
    """Explains why the other modules of nnlab are missing."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None) -> None:
        if name.startswith("nnlab."):
            raise ModuleNotFoundError(f"{name} is not there when work is graded: write it in NumPy", name=name)


def install(digits: str) -> None:
    """Put the stand-ins where imports find them; ``digits`` is the path of the data set's file."""

    def load() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        with np.load(digits) as stored:
            pixels, labels, train = stored["pixels"], stored["labels"], int(stored["train"])
        x, y = pixels.astype(np.float32) / np.float32(16), labels.astype(np.int64)
        return (x[:train], y[:train]), (x[train:], y[train:])

    data = _module("nnlab.data", digits=load)
    grading = _module("nnlab.grading", check=_check_nothing)
    _module("nnlab", data=data, grading=grading, __path__=[])
    classes = {name: type(name, (_Shown,), {}) for name in ("HTML", "Markdown", "Math", "Latex", "Image", "SVG")}
    display = _module("IPython.display", display=_display, clear_output=_check_nothing, **classes)
    _module("IPython", display=display, get_ipython=lambda: None, version_info=(9, 0, 0), __path__=[])
    sys.meta_path.insert(0, _Refuse())
    builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]


def _module(name: str, **contents: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(contents)
    sys.modules[name] = module
    return module


def _check_nothing(*args: Any, **kwargs: Any) -> None:
    """The checks run outside the sandbox."""


def _display(*values: Any, **_: Any) -> None:
    print(*map(repr, values), sep="\n")


class _Shown:
    """Something to display; only its data is kept."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"
