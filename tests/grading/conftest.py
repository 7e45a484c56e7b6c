"""The right answers of problem set 1, as functions in a namespace of their own, like a notebook's."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "assignments"))

import variants
from classroom import solutions

STYLES: dict[str, Mapping[str, str]] = {"reference": {}, "loops": variants.LOOPS, "einsum": variants.EINSUM}


@pytest.fixture
def notebook() -> Callable[..., dict[str, Any]]:
    """What running a notebook's cells defines: ``notebook("loops", softmax="def softmax …")``."""

    def run(style: str = "reference", **sources: str) -> dict[str, Any]:
        scope: dict[str, Any] = {"np": np}
        for name, source in {**solutions("ps1", "backpropagation"), **STYLES[style], **sources}.items():
            if "def " in source:
                exec(compile(source, f"<cell {name}>", "exec"), scope)
        return scope

    return run
