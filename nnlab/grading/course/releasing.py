"""Make the zip file that students download: the released assignment, without an exchange folder."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from nnlab.grading.course.notebooks import grade_ids, released
from nnlab.grading.grader.problems import config_file
from nnlab.grading.grader.store import write_whole

_DATE = (1980, 1, 1, 0, 0, 0)  # the same release makes the same bytes


def release(course: Path, assignment: str) -> Path:
    """Zip ``release/ASSIGNMENT`` into ``release/ASSIGNMENT.zip``; returns its path.

    Raises FileNotFoundError where there is no course and before ``nbgrader generate_assignment``, and ValueError when a
    solution or a hidden test is still in a notebook.
    """
    config_file(course)
    folder = course / "release" / assignment
    notebooks = released(folder)
    if not any(map(grade_ids, notebooks.values())):
        raise FileNotFoundError(f"{folder} has no notebook; run nbgrader generate_assignment {assignment} first")
    for name, notebook in notebooks.items():
        for cell in notebook.cells:
            for mark in ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS"):
                if mark in cell.source:
                    raise ValueError(f"{name}.ipynb still holds {mark}: run nbgrader generate_assignment {assignment}")
    target = folder.with_suffix(".zip")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder.parent)
            if path.is_file() and not any(part.startswith(".") for part in inside.parts):
                info = zipfile.ZipInfo(inside.as_posix(), _DATE)
                info.external_attr = 0o644 << 16
                archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
    write_whole(target, packed.getvalue())
    return target
