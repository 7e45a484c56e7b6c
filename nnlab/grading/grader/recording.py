"""Write judged submissions into nbgrader's gradebook, as ``nbgrader autograde`` would, each in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from nbformat.notebooknode import NotebookNode
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
    new_uuid,
)
from nbgrader.plugins import BasePlugin
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task, parse_utc

from nnlab.grading.course.notebooks import grade_id


class Recorder:
    """Puts scores of one assignment into an open gradebook.

    nbgrader's own methods ask the database about every cell of every student, and end a transaction three times a
    submission. What is the same for all students is asked for once here, and a submission is written whole.
    """

    def __init__(self, gradebook: Gradebook, assignment: str, penalties: BasePlugin) -> None:
        self._session, self._penalties = gradebook.db, penalties
        # What was read before stays as it was read, which saves reading it again for each student.
        self._session().expire_on_commit = False
        self._assignment = gradebook.find_assignment(assignment)
        self._notebooks = {entry.id: entry for entry in self._assignment.notebooks}
        self._cells = {entry.id: list(entry._base_cells) for entry in self._notebooks.values()}
        self._cell_names = {cell.id: cell.name for cells in self._cells.values() for cell in cells}

    def record(self, student: str, notebooks: Mapping[str, NotebookNode], timestamp: str) -> float:
        """Write the scores of every notebook of a submission; returns its score, before penalties.

        A score that a person gave stays, and asks to be looked at again. Late penalties are nbgrader's.
        """
        submission = self._find(student)
        entries = self._entries(submission) if submission else {}
        if submission is None:
            submission, entries = self._add(student)
        if timestamp:
            submission.timestamp = parse_utc(timestamp)
        late = submission.total_seconds_late
        score = 0.0
        for entry, (grades, comments) in entries.items():
            cells = {grade_id(cell): cell for cell in notebooks[self._notebooks[entry.notebook_id].name].cells}
            self._fill(grades, comments, cells)
            own = sum(map(_score, grades))
            score += own
            penalty = self._penalties.late_submission_penalty(student, own, late) if late > 0 else None
            entry.late_submission_penalty = None if penalty is None else min(max(penalty, 0), own)
        self._session.commit()
        return score

    def score(self, student: str) -> float | None:
        """The score in the gradebook; None when it has no such submission."""
        found = self._session.query(SubmittedAssignment.score)
        return found.filter_by(assignment_id=self._assignment.id, student_id=student).scalar()

    def _find(self, student: str) -> SubmittedAssignment | None:
        found = self._session.query(SubmittedAssignment)
        return found.filter_by(assignment_id=self._assignment.id, student_id=student).one_or_none()

    def _entries(self, submission: SubmittedAssignment) -> dict[SubmittedNotebook, tuple[list[Grade], list[Comment]]]:
        query = self._session.query
        return {
            entry: (
                query(Grade).filter_by(notebook_id=entry.id).all(),
                query(Comment).filter_by(notebook_id=entry.id).all(),
            )
            for entry in query(SubmittedNotebook).filter_by(assignment_id=submission.id)
        }

    def _add(
        self, student: str
    ) -> tuple[SubmittedAssignment, dict[SubmittedNotebook, tuple[list[Grade], list[Comment]]]]:
        """A new submission, in the structure of the assignment."""
        if self._session.get(Student, student) is None:
            self._session.add(Student(id=student))
        submission = SubmittedAssignment(id=new_uuid(), student_id=student, assignment_id=self._assignment.id)
        self._session.add(submission)
        self._session.flush()
        entries = {}
        for notebook, cells in self._cells.items():
            entry = SubmittedNotebook(id=new_uuid(), assignment_id=submission.id, notebook_id=notebook)
            graded = [cell for cell in cells if isinstance(cell, (GradeCell, TaskCell))]
            commented = [cell for cell in cells if isinstance(cell, (SolutionCell, TaskCell))]
            grades = [Grade(cell_id=cell.id, notebook_id=entry.id) for cell in graded]
            comments = [Comment(cell_id=cell.id, notebook_id=entry.id) for cell in commented]
            self._session.add_all([entry, *grades, *comments])
            entries[entry] = grades, comments
        return submission, entries

    def _fill(self, grades: list[Grade], comments: list[Comment], cells: Mapping[str | None, NotebookNode]) -> None:
        for grade in grades:
            cell = cells.get(self._cell_names[grade.cell_id])
            if cell is not None and is_grade(cell):
                grade.auto_score, _ = determine_grade(cell)
                grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        for comment in comments:
            cell = cells.get(self._cell_names[comment.cell_id])
            if cell is not None and (is_solution(cell) or is_task(cell)):
                untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
                comment.auto_comment = "No response." if untouched else None


def _score(grade: Grade) -> float:
    """A grade's score by nbgrader's rule, which it has the database work out."""
    given = grade.auto_score if grade.manual_score is None else grade.manual_score
    return 0.0 if given is None else given + (grade.extra_credit or 0.0)
