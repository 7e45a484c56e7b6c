"""The right answers of the problem sets, as functions in a namespace of their own, like a notebook's."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "assignments"))

from classroom import COURSE, namespace, solutions
from variants import variants


@pytest.fixture
def notebook() -> Callable[..., dict[str, Any]]:
    """What running a notebook's cells defines: ``notebook("loops", softmax="def softmax …")``."""

    def run(style: str = "reference", problem_set: str = "ps1", **sources: str) -> dict[str, Any]:
        (path,) = (COURSE / "source" / problem_set).glob("*.ipynb")
        own = variants(problem_set).get(style, {})
        return namespace({**solutions(problem_set, path.stem), **own, **sources})

    return run
