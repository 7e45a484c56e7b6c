"""Gather a class's results: scores from nbgrader's gradebook, explanations from the graded notebooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import numpy as np
from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment

from nnlab.grading.course.notebooks import NOTE, grade_id, is_note
from nnlab.grading.grader.grading import FLAGGED
from nnlab.grading.grader.options import course_config, course_directory


@dataclass(frozen=True)
class Mistake:
    """A known mistake as students were told of it, and where the book explains it."""

    explanation: str
    section: str


@dataclass
class ClassResults:
    """An assignment's results.

    students, tests: names, in the order of the rows and columns of ``points``, which holds NaN where a person has yet
    to mark. most: points of each test. scores: of each student, late penalties taken off. mistakes: who made each,
    by test. flags: what was out of order, by student.
    """

    assignment: str
    students: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    points: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    most: np.ndarray = field(default_factory=lambda: np.empty(0))
    scores: np.ndarray = field(default_factory=lambda: np.empty(0))
    mistakes: Counter[tuple[str, Mistake]] = field(default_factory=Counter)
    flags: dict[str, str] = field(default_factory=dict)

    @property
    def max_score(self) -> float:
        """The points of the whole assignment."""
        return float(self.most.sum())


def gather(course: Path, assignment: str) -> ClassResults:
    """The results of an assignment; raises FileNotFoundError where there is no course or nothing graded."""
    config = course_config(course.resolve())
    directory = course_directory(course.resolve(), config)
    results = ClassResults(assignment)
    with Gradebook(directory.db_url) as gradebook:
        try:
            released = gradebook.find_assignment(assignment)
        except MissingEntry:
            raise FileNotFoundError(f"the gradebook of {course} knows no assignment {assignment}") from None
        cells = [cell for notebook in released.notebooks for cell in notebook.grade_cells]
        submissions = sorted(gradebook.assignment_submissions(assignment), key=lambda one: one.student.id)
        if not submissions:
            raise FileNotFoundError(f"no submission of {assignment} has been graded in {course}")
        results.tests, results.most = [cell.name for cell in cells], np.array([cell.max_score for cell in cells])
        results.students = [one.student.id for one in submissions]
        results.points = np.array([_points(one, results.tests) for one in submissions])
        results.scores = np.array([one.score - (one.late_submission_penalty or 0) for one in submissions])
    for student in results.students:
        _read_notebooks(
            Path(directory.format_path(directory.autograded_directory, student, assignment)), student, results
        )
    return results


def _points(submission: SubmittedAssignment, tests: list[str]) -> list[float]:
    grades = {grade.name: grade for notebook in submission.notebooks for grade in notebook.grades}
    unmarked = {name for name, grade in grades.items() if grade.auto_score is None and grade.manual_score is None}
    return [float("nan") if name in unmarked or name not in grades else grades[name].score for name in tests]


def _read_notebooks(folder: Path, student: str, results: ClassResults) -> None:
    for path in sorted(folder.glob("*.ipynb")):
        try:
            notebook = nbformat.read(path, as_version=4)
        except (OSError, ValueError):
            results.flags[student] = f"{path.name} in the autograded folder cannot be read; grade again"
            continue
        for cell in notebook.cells:
            if is_note(cell):
                words = cell.source.removeprefix(NOTE).removeprefix(FLAGGED)
                results.flags[student] = f"{results.flags.get(student, '')} {words}".strip()
            for output in cell.get("outputs", []):
                if output.output_type == "error":
                    for mistake in mistakes_in(output.traceback):
                        results.mistakes[(grade_id(cell) or "", mistake)] += 1


def mistakes_in(lines: list[str]) -> Iterator[Mistake]:
    """The known mistake that a check's message names, if it does."""
    rows: dict[str, str] = {}
    label = ""
    for line in lines:
        head, text = line[:12].strip(), line[12:].strip()
        label = head or label
        rows[label] = f"{rows.get(label, '')} {text}".strip()
    if "mistake" in rows:
        yield Mistake(rows["mistake"], rows.get("read", ""))
