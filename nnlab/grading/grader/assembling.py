"""From what was handed in to a notebook in the form of the release, and to the job of judging it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import is_grade, is_locked, is_solution

from nnlab.grading.course.misnamed import choose
from nnlab.grading.course.notebooks import Unreadable, decode, grade_id, note, read, stand_in, stood_in_for
from nnlab.grading.course.recovering import restore
from nnlab.grading.grader.testcells import imports_of

CELLS = 2_000


class NotReleased(ValueError):
    """The assignment cannot be graded yet; the message says what to do."""


@dataclass(frozen=True)
class ReleasedNotebook:
    """One notebook of the assignment as students got it, with the whole tests from the gradebook."""

    name: str
    notebook: NotebookNode
    sources: Mapping[str, str]
    checksums: Mapping[str, str]
    kernelspec: Mapping[str, Any]

    @cached_property
    def imports(self) -> list[str]:
        """What the release imports, for its tests.

        To be asked for once before threads share this: Python 3.11 cannot always parse in two threads at a time
        (https://github.com/python/cpython/issues/106905).
        """
        return imports_of([cell.source for cell in self.notebook.cells if cell.cell_type == "code"])


@dataclass
class Assembled:
    """A notebook ready to be judged. repairs: what had to be mended, in words."""

    notebook: NotebookNode
    repairs: list[str] = field(default_factory=list)


def released_notebooks(
    gradebook: Gradebook, assignment: str, notebooks: Mapping[str, NotebookNode]
) -> list[ReleasedNotebook]:
    """The assignment's notebooks; raises NotReleased when the gradebook or the release folder lacks them."""
    command = f"Run `nbgrader generate_assignment {assignment}` first."
    try:
        known = gradebook.find_assignment(assignment).notebooks
    except MissingEntry:
        raise NotReleased(f"the gradebook has no assignment {assignment!r}. {command}") from None
    result = []
    for entry in known:
        if entry.name not in notebooks:
            raise NotReleased(f"release/{assignment}/{entry.name}.ipynb is missing. {command}")
        cells = {cell.name: cell for cell in entry.source_cells}
        result.append(
            ReleasedNotebook(
                entry.name,
                notebooks[entry.name],
                {name: cell.source for name, cell in cells.items() if cell.locked},
                {name: cell.checksum for name, cell in cells.items()},
                json.loads(entry.kernelspec or "{}"),
            )
        )
    return sorted(result, key=lambda one: one.name)


def assemble(release: ReleasedNotebook, handed_in: Mapping[str, bytes]) -> Assembled:
    """The submission's notebook in the form of the release: tests and statements whole, the student's own work kept.

    A file under a wrong name is recognized by its cells. What cannot be read becomes a notebook that says so. Nothing
    on a submitted cell but its source counts: points, types, tags and the like come from the release.
    """
    names, right = sorted(handed_in), f"{release.name}.ipynb"
    chosen = choose(release.name, release.notebook, names, handed_in)
    if chosen is None:
        given = ", ".join(names) or "no notebook"
        notebook, lacking = stand_in(f"There is no file {right}. Handed in: {given}."), f"there is no {right}"
    else:
        try:
            notebook = read(_bounded(decode(handed_in[chosen])))
            lacking = stood_in_for(notebook)  # collecting has found nothing that could be it
        except Unreadable as problem:
            notebook, lacking = stand_in(str(problem)), f"{chosen} cannot be read: {problem}"
    mended = restore(notebook, release.notebook)
    if lacking:  # and then it goes without saying that every cell was missing
        repairs = [lacking]
    else:
        repairs = [*([f"{chosen} was graded as {right}"] if chosen != right else []), *mended]
        if mended:
            notebook.cells.insert(0, note("This notebook was mended before grading: " + "; ".join(mended) + "."))
    complete(notebook, release.sources, release.checksums)
    if release.kernelspec:
        notebook.metadata["kernelspec"] = dict(release.kernelspec)
    return Assembled(notebook, repairs)


def _bounded(text: str) -> str:
    """The text, unless it is a notebook of so many cells that checking their form would take minutes."""
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(text)
        cells = found.get("cells") if isinstance(found, dict) else None
        if isinstance(cells, list) and len(cells) > CELLS:
            raise Unreadable(f"The notebook has {len(cells):,} cells; at most {CELLS:,} are read.")
    return text


def complete(notebook: NotebookNode, sources: Mapping[str, str], checksums: Mapping[str, str]) -> None:
    """Put the whole text of every locked cell in place, hidden tests included, and nothing but nbgrader's metadata."""
    for cell in notebook.cells:
        name = grade_id(cell)
        own = cell.metadata.get("nbgrader")
        cell.metadata = NotebookNode({"nbgrader": own} if name else {})
        if name and is_locked(cell) and name in sources:
            cell.source = sources[name]
        if name and name in checksums:
            cell.metadata.nbgrader["checksum"] = checksums[name]


def cells_of(notebook: NotebookNode) -> list[dict[str, Any]]:
    """The cells as a Job wants them."""
    return [
        {
            "role": _role(cell),
            "source": cell.source,
            "grade_id": grade_id(cell) or "",
            "points": float(cell.metadata.nbgrader.get("points", 0)) if grade_id(cell) else 0.0,
        }
        for cell in notebook.cells
    ]


def _role(cell: NotebookNode) -> str:
    if cell.cell_type != "code":
        return "text"
    if is_grade(cell) and not is_solution(cell):
        return "test"
    return "setup" if is_locked(cell) else "student"
