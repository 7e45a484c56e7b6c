"""The one form that source notebooks are kept in: no outputs, stable cell ids, nothing that an editor left behind."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from nnlab.grading.course.notebooks import grade_id
from nnlab.grading.grader.store import write_whole

_CELL_METADATA = ("nbgrader", "tags")
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def tidied(text: str) -> str:
    """A notebook's text in the form it is kept in."""
    notebook = nbformat.reads(text, as_version=4)
    notebook.metadata = NotebookNode(_METADATA)
    for cell in notebook.cells:
        cell.metadata = NotebookNode({key: cell.metadata[key] for key in _CELL_METADATA if key in cell.metadata})
        cell.source = "\n".join(line.rstrip() for line in cell.source.splitlines())
        name = grade_id(cell)
        if name:
            cell.id = name.replace("_", "-")
            cell.metadata.nbgrader.pop("checksum", None)
            cell.metadata.nbgrader.pop("cell_type", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.writes(notebook) + "\n"


def tidy(course: Path) -> list[Path]:
    """Bring every source notebook of a course into that form; returns the ones that were not.

    Raises FileNotFoundError where there are none, and ValueError for a file that is no notebook, before any is changed.
    """
    paths = sorted(course.glob("source/*/*.ipynb"))
    if not paths:
        raise FileNotFoundError(f"{course} is no nbgrader course: it has no source/ASSIGNMENT/NOTEBOOK.ipynb")
    changed = {}
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
            better = tidied(text)
        except (ValueError, AttributeError, KeyError, TypeError):
            raise ValueError(f"{path} is no notebook") from None
        if better != text:
            changed[path] = better
    for path, better in changed.items():
        write_whole(path, better.encode())
    return list(changed)
