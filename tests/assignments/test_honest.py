"""A class of honest students, each with a style of their own: the right marks, and no one accused of anything.

Sixty of them; ``NNLAB_HONEST=200`` grades two hundred.
"""

import os
import re
from pathlib import Path

import nbformat
import pytest
from classroom import copy_course, run, solutions, text
from honest import shuffled_metadata, submission
from nbgrader.api import Gradebook

from nnlab import cli
from nnlab.grading.course.notebooks import grade_id

STUDENTS = int(os.environ.get("NNLAB_HONEST", "60"))


@pytest.mark.timeout(1200)
def test_honest_students_get_the_right_marks_and_are_accused_of_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = copy_course(tmp_path / "course")
    made = run(course, "nbgrader", "generate_assignment", "ps1")
    assert made.returncode == 0, made.stderr
    release = nbformat.read(course / "release" / "ps1" / "backpropagation.ipynb", as_version=4)
    tests = {
        grade_id(cell): float(cell.metadata.nbgrader.points)
        for cell in release.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
    }
    reference, lost = solutions("ps1", "backpropagation"), {}
    for seed in range(STUDENTS):
        student = f"student{seed:03}"
        made_by = submission(seed, release, reference)
        folder = course / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        notebook = shuffled_metadata(made_by.notebook) if seed % 4 == 0 else made_by.notebook
        (folder / "backpropagation.ipynb").write_bytes(text(notebook))
        lost[student] = made_by.lost
    assert cli.main(["grade", "ps1", "--course", str(course), "--jobs", str(os.cpu_count())]) == 0
    said = capsys.readouterr().out
    assert f"{STUDENTS} graded, 0 flagged, 0 failed" in said, said
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for student, names in lost.items():
            found = gradebook.find_submission_notebook("backpropagation", "ps1", student)
            scores = {grade.name: grade.auto_score for grade in found.grades if grade.name in tests}
            expected = {name: 0.0 if name in names else points for name, points in tests.items()}
            assert scores == expected, _explained(course, student, scores, expected)
    assert sum(map(bool, lost.values())) > STUDENTS // 5, "some left something unfinished"


def _explained(course: Path, student: str, scores: dict[str, float], expected: dict[str, float]) -> str:
    """What the student was told where the marks are wrong."""
    notebook = nbformat.read(course / "autograded" / student / "ps1" / "backpropagation.ipynb", as_version=4)
    wrong = [name for name in expected if scores[name] != expected[name]]
    cells = [cell for cell in notebook.cells if grade_id(cell) in wrong or grade_id(cell) == wrong[0][5:]]
    return re.sub(r"\n{3,}", "\n\n", "\n\n".join(f"{cell.source}\n{cell.outputs}" for cell in cells))[:6000]
