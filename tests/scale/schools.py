"""A tiny course, and a class of any size whose marks are known beforehand."""

from __future__ import annotations

import copy
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
from kinds import KINDS, Kind
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Grade, Gradebook, GradeCell, SubmittedAssignment, SubmittedNotebook
from nbgrader.apps.api import NbGraderAPI
from numpy.random import default_rng

from nnlab.grading.grader.grading import Grader
from nnlab.grading.grader.options import course_config

SETUP = "import numpy as np\nfrom nnlab.grading import check"
TESTS = {
    "test_squares": (
        2,
        """\
for size in (1, 4, 9):
    x = np.random.default_rng().normal(size=size)
    got = squares(x.copy())
    assert abs(float(got) - float(np.sum(x * x))) < 1e-9, f"squares is {got}"
""",
    ),
    "test_softmax": (3, 'check(softmax, "ps1.softmax", draws=2)'),
    "test_twice": (
        1,
        """\
step = np.random.default_rng().normal()
assert twice(lambda v: v + step, 1.0) == 1.0 + step + step
""",
    ),
}
POINTS = {name: points for name, (points, _) in TESTS.items()}
CONFIG = """\
import os, sys
from pathlib import Path

c = get_config()
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
c.CourseDirectory.course_id = "tiny"
c.CourseDirectory.db_url = {database!r}
"""

Marks = dict[tuple[str, str], tuple[float | None, float | None, bool]]


def make_course(root: Path, database: str = "") -> Path:
    """Generate the course with real nbgrader; its assignment is ``set``, of one notebook, ``tiny``."""
    folder = root / "source" / "set"
    folder.mkdir(parents=True)
    configure(root, database)
    cells = [_cell(SETUP, "setup", locked=True)]
    for test, (points, source) in TESTS.items():
        cells.append(_cell("### BEGIN SOLUTION\npass\n### END SOLUTION", test.removeprefix("test_"), solution=True))
        cells.append(_cell(source, test, grade=True, locked=True, points=points))
    nbformat.write(new_notebook(cells=cells), folder / "tiny.ipynb")
    config = course_config(root)
    config.CourseDirectory.root = str(root)
    answer = NbGraderAPI(config=config).generate_assignment("set")
    assert answer["success"], answer["log"]
    return root


def configure(root: Path, database: str = "") -> None:
    """Write the course's configuration; by default its gradebook is a file of its own."""
    text = CONFIG.format(database=database or f"sqlite:///{root / 'gradebook.db'}")
    (root / "nbgrader_config.py").write_text(text)


def submit_class(root: Path, students: int, seed: int = 7) -> Marks:
    """Hand in that many notebooks, no two alike; returns the marks that each must get."""
    release = json.loads((root / "release" / "set" / "tiny.ipynb").read_text())
    rng = default_rng(seed)
    marks: Marks = {}
    for number in range(students):
        kind: Kind = KINDS[number % len(KINDS)]
        student = f"s{number:04}"
        folder = root / "submitted" / student / "set"
        folder.mkdir(parents=True)
        name, data = kind.write(copy.deepcopy(release), rng, number)
        (folder / name).write_bytes(data)
        for test, points in POINTS.items():
            marks[student, test] = (0.0 if test in kind.lost else float(points), None, False)
    return marks


def copy_course(root: Path, target: Path) -> Path:
    """A copy with a gradebook of its own; the submissions, which nobody writes to, are the same files."""
    shutil.copytree(root, target, ignore=lambda folder, names: ["submitted"] if folder == str(root) else [])
    shutil.copytree(root / "submitted", target / "submitted", copy_function=os.link)
    configure(target)
    return target


@dataclass(frozen=True)
class School:
    """A course, the class that handed in, and the marks that are right."""

    root: Path
    marks: Marks

    def copy(self, target: Path, students: int | None = None) -> School:
        """A copy to be graded, of the whole class or of some of it."""
        root = copy_course(self.root, target)
        names = sorted(path.name for path in (root / "submitted").iterdir())
        for name in names[students:] if students else ():
            shutil.rmtree(root / "submitted" / name)
        kept = set(names[:students])
        return School(root, {cell: mark for cell, mark in self.marks.items() if cell[0] in kept})


def read_marks(root: Path) -> Marks:
    """All marks in the gradebook: automatic, manual, and whether a person has to look."""
    grader = Grader(root, "set")
    with Gradebook(grader.directory.db_url, "tiny") as gradebook:
        rows = (
            gradebook.db.query(
                SubmittedAssignment.student_id,
                GradeCell.name,
                Grade.auto_score,
                Grade.manual_score,
                Grade.needs_manual_grade,
            )
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(GradeCell, GradeCell.id == Grade.cell_id)
            .all()
        )
    found = {(student, name): (auto, manual, needs) for student, name, auto, manual, needs in rows}
    assert len(found) == len(rows), "a submission is in the gradebook twice"
    return found


def _cell(source: str, grade_id: str, **flags: object) -> nbformat.NotebookNode:
    settings = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return new_code_cell(source, metadata={"nbgrader": {**settings, "grade_id": grade_id, **flags}})
