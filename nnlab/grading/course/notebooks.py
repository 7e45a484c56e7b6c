"""Read notebooks that may be damaged, and write the ones that stand in for what cannot be read."""

from __future__ import annotations

import contextlib
import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook
from nbformat.v4.nbbase import random_cell_id

NOTE = "**A note from grading.** "


class Unreadable(Exception):
    """A file is no notebook; the message says why, for its author to read."""


def read(text: str) -> NotebookNode:
    """A notebook from its text, with every cell that can be used; raises Unreadable when there is no telling.

    Outputs are dropped and cells get new ids: grading makes its own, and editors copy ids along with cells.
    """
    if not text.strip():
        raise Unreadable("The file is empty.")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"The file is not a complete notebook: {error}.") from None
    if not isinstance(raw, dict):
        raise Unreadable("The file holds JSON, but no notebook.")
    found = raw
    # Of today's format every cell is looked at below; checking the form of all of it first would take most of the time.
    if raw.get("nbformat") != 4:
        with warnings.catch_warnings(), contextlib.suppress(Exception):
            warnings.simplefilter("ignore")
            found = nbformat.reads(text, as_version=4, capture_validation_error={})
    cells = found.get("cells")
    if not isinstance(cells, list):
        raise Unreadable("The file holds JSON, but no notebook: it has no list of cells.")
    return new_notebook(cells=list(_usable(cells)))


def decode(data: bytes) -> str:
    """The text of a notebook file; raises Unreadable when it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"The file is not text in UTF-8: {error.reason} at byte {error.start}.") from None


def stand_in(reason: str) -> NotebookNode:
    """A notebook without work that tells its reader why there is none."""
    return new_notebook(cells=[note(f"{reason} So there was no work to grade.")])


def stood_in_for(notebook: NotebookNode) -> str:
    """Why there was no work to grade, where a notebook is such a stand-in; otherwise "".

    To be asked before the release's cells are put back.
    """
    cells = notebook.cells
    return cells[0].source.removeprefix(NOTE) if len(cells) == 1 and is_note(cells[0]) else ""


def note(text: str) -> NotebookNode:
    """A text cell from grading to the student."""
    return new_markdown_cell(NOTE + text)


def is_note(cell: NotebookNode) -> bool:
    """Whether a cell is such a text."""
    return cell.cell_type == "markdown" and cell.source.startswith(NOTE)


def grade_id(cell: NotebookNode) -> str | None:
    """The name nbgrader knows a cell by, or None for a cell that it does not know."""
    own = cell.metadata.get("nbgrader")
    found = own.get("grade_id") if isinstance(own, Mapping) else None
    return found if isinstance(found, str) else None


def grade_ids(notebook: NotebookNode) -> set[str]:
    """The names of all cells that nbgrader knows in a notebook."""
    return {name for cell in notebook.cells if (name := grade_id(cell))}


def released(folder: Path) -> dict[str, NotebookNode]:
    """The notebooks of a released assignment by their names without extension; empty when it was not released."""
    return {path.stem: nbformat.read(path, as_version=4) for path in sorted(folder.glob("*.ipynb"))}


def _usable(cells: list[Any]) -> Iterator[NotebookNode]:
    for cell in cells:
        source = cell.get("source") if isinstance(cell, Mapping) else None
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str) or "\0" in source:
            continue
        metadata = cell.get("metadata")
        # nbformat's new_code_cell checks each cell against the format's schema, which takes longer than all the rest;
        # the notebook is checked as a whole when it is written.
        made = NotebookNode(id=random_cell_id(), cell_type="markdown", metadata=NotebookNode(), source=source)
        if cell.get("cell_type") == "code":
            made.update(cell_type="code", execution_count=None, outputs=[])
        made.metadata.update(metadata if isinstance(metadata, Mapping) else {})
        yield made
