"""What the workers of a Dask cluster run for the grader. They need nnlab and bubblewrap, no course and no gradebook."""

from __future__ import annotations

import json
import threading
from typing import Any

import nnlab
from nnlab.grading.grader.judges import Judges
from nnlab.grading.grader.judging import Job
from nnlab.grading.grader.store import grader_version
from nnlab.grading.sandbox import SandboxError

_lock = threading.Lock()
_judges: dict[tuple[str, ...], Judges] = {}


def obstacle(version: str, imports: tuple[str, ...], kind: str, limits: dict[str, Any]) -> str:
    """Why this worker cannot grade, "" when it can."""
    if version != grader_version():
        return f"its nnlab ({nnlab.__version__}) or its NumPy is another than the one of `nnlab grade`"
    try:
        _judges_for(imports).probe(kind, limits)
    except SandboxError as problem:
        return str(problem)
    return ""


def judge_here(text: str, version: str, imports: tuple[str, ...]) -> str:
    """Judge a job, both as JSON; a worker that cannot answers with its "problem"."""
    if version != grader_version():
        return json.dumps({"problem": "a worker joined whose nnlab is another than the one of `nnlab grade`"})
    try:
        return json.dumps(_judges_for(imports).judge(Job.from_text(text)).as_dict())
    except SandboxError as problem:
        return json.dumps({"problem": str(problem)})
    except Exception as error:  # words travel; an exception and its traceback can be too much for a connection
        return json.dumps({"problem": f"{type(error).__name__} on a worker: {error}"})


def _judges_for(imports: tuple[str, ...]) -> Judges:
    """The judges of this worker, for one assignment after another; they end when nobody holds them any more."""
    with _lock:
        if imports not in _judges:
            _judges.clear()
            _judges[imports] = Judges(imports)
        return _judges[imports]
