"""Bring a submission back into the form of the release, whatever was done to its file and cells."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_locked

from nnlab.grading.course.notebooks import (
    Unreadable,
    grade_id,
    is_note,
    note,
    read,
    released,
    stand_in,
    stood_in_for,
)


class RecoveringExporter(NotebookExporter):
    """Reads what stock nbgrader would give up on; an unreadable file becomes a notebook that says so, worth 0."""

    def from_file(
        self, file_stream: Any, resources: dict | None = None, **kwargs: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        try:
            notebook = read(file_stream.read())
        except (Unreadable, UnicodeDecodeError) as problem:
            self.log.warning("Unreadable notebook: %s", problem)
            notebook = stand_in(str(problem))
        return self.from_notebook_node(notebook, resources=resources, **kwargs)


class RestoreCells(NbGraderPreprocessor):
    """Give each released cell back: once, where it belongs, of its type, with its own metadata; tests whole.

    A cell that occurs twice keeps its name the last time. Without this a duplicated or edited cell stops the whole
    round, and a deleted test is never graded.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        names = resources["nbgrader"]
        release = released(Path("release") / names["assignment"]).get(names["notebook"])
        if release is None:
            self.log.warning("release/%s has no %s.ipynb to restore cells from", names["assignment"], names["notebook"])
            return nb, resources
        lacking = stood_in_for(nb)  # and then it goes without saying that every cell was missing
        repairs = restore(nb, release)
        if repairs and not lacking:
            self.log.warning("Restored cells of %s: %s", names["student"], "; ".join(repairs))
            nb.cells.insert(0, note("This notebook was mended before grading: " + "; ".join(repairs) + "."))
        with Gradebook(names["db_url"]) as gradebook:
            for cell in filter(is_locked, nb.cells):
                full = gradebook.find_source_cell(grade_id(cell), names["notebook"], names["assignment"])
                cell.source = full.source
        return nb, resources


def restore(notebook: NotebookNode, release: NotebookNode) -> list[str]:
    """Bring ``notebook`` into the form of ``release`` in place; returns what was done, in words."""
    known = {name: cell for cell in release.cells if (name := grade_id(cell))}
    repairs: dict[str, list[str]] = {}
    seen: set[str] = set()
    for index in reversed(range(len(notebook.cells))):
        cell, name = notebook.cells[index], grade_id(notebook.cells[index])
        if name is None or name not in known or name in seen:
            cell.metadata.pop("nbgrader", None)
            if name in seen:
                repairs.setdefault("a copy of a cell was set aside", []).append(str(name))
            continue
        seen.add(name)
        if cell.cell_type != known[name].cell_type:
            make = new_code_cell if known[name].cell_type == "code" else new_markdown_cell
            cell = notebook.cells[index] = make(cell.source, metadata=cell.metadata)
            repairs.setdefault("the type of a cell was set back", []).append(name)
        cell.metadata["nbgrader"] = copy.deepcopy(known[name].metadata["nbgrader"])
        if is_locked(cell) and cell.source != known[name].source:
            cell.source = known[name].source
            repairs.setdefault("an edited test or statement was set back", []).append(name)
    missing = [name for name in known if name not in seen]
    if missing:
        repairs[f"{len(missing)} of {len(known)} cells were missing and were put back as released"] = missing
    place, names = sum(map(is_note, notebook.cells)), [grade_id(cell) for cell in notebook.cells]
    for name, cell in known.items():
        if name in seen:
            place = 1 + names.index(name)
        else:
            notebook.cells.insert(place, copy.deepcopy(cell))
            names.insert(place, name)
            place += 1
    return [f"{what} ({', '.join(which[:4])}{', …' if len(which) > 4 else ''})" for what, which in repairs.items()]
