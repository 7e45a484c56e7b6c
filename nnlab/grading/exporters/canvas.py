"""Grades in the form that Canvas imports into its gradebook."""

from __future__ import annotations

from nbgrader.api import Gradebook, Student
from traitlets import Enum

from nnlab.grading.exporters.grades import PlatformExporter

POINTS = "Points Possible"


class CanvasExporter(PlatformExporter):
    """``nbgrader export --exporter=nnlab.grading.exporters.CanvasExporter`` writes ``canvas.csv``.

    The columns are those of Canvas's own export: Student, ID, SIS User ID, SIS Login ID, Section, then the assignments,
    with their points in the second row. Canvas finds a student by ID (nbgrader's ``lms_user_id``), else by login (the
    student's id, or the address with ``login = "email"``), else by name. It finds an assignment by the number in its
    title, as in ``c.CanvasExporter.columns = {"ps1": "Problem set 1 (4711)"}``, else by the whole title, and makes a
    new one otherwise.
    """

    login = Enum(("id", "email"), "id", help="What students log in to Canvas with.").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the file."""
        grades = self.gather(gradebook)
        titles = [self.field(self.title(assignment)) for assignment in grades.assignments]
        rows = [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles],
            [f"    {POINTS}", "", "", "", "", *(f"{one.max_score:g}" for one in grades.assignments)],
        ]
        for student in grades.students:
            number = str(student.lms_user_id or "")
            known = [self._name(student), number if number.isascii() and number.isdigit() else "", ""]
            rows.append([*known, self.field(getattr(student, self.login)), "", *map(self.written, grades.of(student))])
        self.write("canvas.csv", rows)

    def _name(self, student: Student) -> str:
        """The name as Canvas sorts it. A row whose name speaks of points would be taken for the points."""
        parts = [part for part in (student.last_name, student.first_name) if part]
        return self.field(", ".join(parts) or student.id).replace(POINTS, POINTS.replace(" ", "_"))
