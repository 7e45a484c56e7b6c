"""Write a judged submission into nbgrader's gradebook, as ``nbgrader autograde`` would, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.plugins import BasePlugin
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task

from nnlab.grading.course.notebooks import grade_id


def record(
    gradebook: Gradebook,
    assignment: str,
    student: str,
    notebooks: Mapping[str, NotebookNode],
    timestamp: str,
    penalties: BasePlugin,
) -> SubmittedAssignment:
    """Put the scores of every notebook of a submission into the gradebook; returns the submission.

    A score that a person gave stays, and asks to be looked at again. Late penalties are nbgrader's.
    """
    gradebook.update_or_create_student(student)
    details = {"timestamp": timestamp} if timestamp else {}
    submission = gradebook.update_or_create_submission(assignment, student, **details)
    for entry in submission.notebooks:
        cells = {grade_id(cell): cell for cell in notebooks[entry.name].cells if grade_id(cell)}
        for grade in entry.grades:
            cell = cells.get(grade.name)
            if cell is not None and is_grade(cell):
                grade.auto_score, _ = determine_grade(cell)
                grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None
        for comment in entry.comments:
            cell = cells.get(comment.name)
            if cell is not None and (is_solution(cell) or is_task(cell)):
                untouched = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell) and not is_task(cell)
                comment.auto_comment = "No response." if untouched else None
    gradebook.db.flush()
    for entry in submission.notebooks:
        entry.late_submission_penalty = None
        late = submission.total_seconds_late
        if late > 0:
            gradebook.db.refresh(entry)  # the score is computed by the database
            penalty = penalties.late_submission_penalty(student, entry.score, late)
            if penalty is not None:
                entry.late_submission_penalty = min(max(penalty, 0), entry.score)
    gradebook.db.commit()
    return submission
