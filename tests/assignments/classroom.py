"""A class to grade: a copy of the course, and submissions made from the released notebook."""

import copy
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "assignments"
GENERATED = (
    "release",
    "solution",
    "submitted",
    "autograded",
    "feedback",
    "downloaded",
    "*.db",
    "*.csv",
    "*.zip",
    "__pycache__",
)


def copy_course(to: Path) -> Path:
    """A fresh copy of the course as it is in the repository."""
    shutil.copytree(COURSE, to, ignore=shutil.ignore_patterns(*GENERATED))
    return to


def run(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python module as an instructor does in the course's folder, without an activated environment."""
    environment = {**os.environ, "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=course, env=environment, capture_output=True, text=True
    )


def grade_id(cell: NotebookNode) -> str:
    """The name nbgrader knows a cell by, or an empty one."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def solutions(problem_set: str, name: str) -> dict[str, str]:
    """The reference solutions in the source notebook, by cell."""
    notebook = nbformat.read(COURSE / "source" / problem_set / f"{name}.ipynb", as_version=4)
    return {grade_id(cell): cell.source for cell in notebook.cells if cell.metadata["nbgrader"]["solution"]}


def namespace(sources: Mapping[str, str]) -> dict[str, Any]:
    """What running these cells defines; each has a file of its own, which messages quote."""
    scope: dict[str, Any] = {"np": np}
    for name, source in sources.items():
        if "def " in source:
            exec(compile(source, f"<cell {name}>", "exec"), scope)
    return scope


def filled(release: NotebookNode, sources: Mapping[str, str]) -> NotebookNode:
    """The released notebook with these cells' sources."""
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        cell.source = sources.get(grade_id(cell), cell.source)
    return notebook


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    """The cell of that name."""
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def without(notebook: NotebookNode, *names: str) -> NotebookNode:
    """The notebook with cells deleted."""
    notebook = copy.deepcopy(notebook)
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) not in names]
    return notebook


def with_copies(notebook: NotebookNode, *names: str) -> NotebookNode:
    """The notebook with cells copied, metadata and all, each to just after itself."""
    notebook = copy.deepcopy(notebook)
    notebook.cells = [again for cell in notebook.cells for again in [cell] * (2 if grade_id(cell) in names else 1)]
    return notebook


def tampered(notebook: NotebookNode) -> NotebookNode:
    """The notebook with its tests emptied, their points raised, a type and a schema version changed."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            cell.source = "pass"
            cell.metadata.nbgrader.points = 1000
    cell_of(notebook, "test_softmax").metadata.nbgrader.schema_version = 1
    cell_of(notebook, "softmax").metadata.nbgrader = {}
    code = cell_of(notebook, "experiment_answer")
    notebook.cells[notebook.cells.index(code)] = new_code_cell("", metadata=code.metadata)
    return notebook


def text(notebook: NotebookNode) -> bytes:
    """The bytes of a notebook's file."""
    return json.dumps(notebook).encode()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The bytes of a zip file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
