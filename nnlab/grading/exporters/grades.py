"""A class's grades as a table, and the table as a CSV file that no spreadsheet takes for a program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, Gradebook, MissingEntry, Student
from nbgrader.plugins import ExportPlugin
from traitlets import Dict, Unicode

from nnlab.grading.grader.store import write_whole
from nnlab.grading.sandbox import clean

# A cell that begins with one of these is a formula to Excel and LibreOffice.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Grades:
    """Scores by student, late penalties taken off; None where nothing was handed in."""

    assignments: list[Assignment]
    students: list[Student]
    scores: dict[tuple[str, str], float | None]

    def of(self, student: Student) -> list[float | None]:
        """One student's scores, in the order of the assignments."""
        return [self.scores[student.id, assignment.name] for assignment in self.assignments]


class PlatformExporter(ExportPlugin):
    """What the exporters share: which grades there are, and how the file is written.

    An assignment that nobody has handed in yet is left out, unless it was asked for by name.
    """

    columns = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Titles of the columns on the platform by assignment, such as {'ps1': 'Problem set 1 (4711)'}.",
    ).tag(config=True)
    missing = Unicode("0", help="What stands where a student has handed in nothing; '' leaves the grade open.").tag(
        config=True
    )

    def gather(self, gradebook: Gradebook) -> Grades:
        """The grades that ``--assignment`` and ``--student`` ask for; a name that nobody knows ends the command."""
        students = self._chosen("student", gradebook.students, self.student, lambda one: one.id)
        assignments = self._chosen("assignment", gradebook.assignments, self.assignment, lambda one: one.name)
        if not self.assignment:
            assignments = [one for one in assignments if one.submissions]
        scores: dict[tuple[str, str], float | None] = {}
        for assignment in assignments:
            waiting = 0
            for student in students:
                try:
                    found = gradebook.find_submission(assignment.name, student.id)
                except MissingEntry:
                    scores[student.id, assignment.name] = None
                    continue
                waiting += bool(found.needs_manual_grade)
                scores[student.id, assignment.name] = max(0.0, found.score - found.late_submission_penalty)
            if waiting:
                self.log.warning("%s: submissions that wait for a person's marks: %d", assignment.name, waiting)
        return Grades(assignments, students, scores)

    def title(self, assignment: Assignment) -> str:
        """The title of an assignment's column."""
        return self.columns.get(assignment.name, assignment.name)

    def written(self, score: float | None) -> str:
        """A score as it stands in the file."""
        return self.missing if score is None else f"{round(score, 4):g}"

    def write(self, default: str, rows: Iterable[list[str]]) -> None:
        """Write the file, whole or not at all."""
        target = Path(self.to or default)
        if target.is_dir():
            self.parent.fail("%s is a folder; name the file to write, such as %s", target, target / default)
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        try:
            write_whole(target, text.getvalue().encode())
        except OSError as error:
            self.parent.fail("%s cannot be written: %s", target, error.strerror)
        self.log.info("Exported grades to %s", target)

    def field(self, value: Any) -> str:
        """A text as it stands in the file: one line, valid Unicode, and no formula."""
        text = " ".join(clean(str(value or ""), 200).split())
        if text.startswith(FORMULA):
            self.log.warning("%r would be a formula in a spreadsheet; it is written with a ' before it", text)
            return "'" + text
        return text

    def _chosen(self, kind: str, everything: list[Any], asked: list[Any], name: Any) -> list[Any]:
        wanted = [str(one) for one in asked]
        unknown = sorted(set(wanted) - {name(one) for one in everything})
        if unknown:
            self.parent.fail("the gradebook has no %s %s", kind, ", ".join(unknown))
        return [one for one in everything if not wanted or name(one) in wanted]
