"""Grades in the form that Moodle imports into its gradebook."""

from __future__ import annotations

from nbgrader.api import Gradebook

from nnlab.grading.exporters.grades import PlatformExporter

MOST = 100


class MoodleExporter(PlatformExporter):
    """``nbgrader export --exporter=nnlab.grading.exporters.MoodleExporter`` writes ``moodle.csv``.

    Comma separated, UTF-8. Moodle asks which column says whose a row is ("Map from", "Map to"): Username is the
    student's id, ID number is nbgrader's ``lms_user_id``. Each assignment has a column under its own name, or the one
    in ``c.MoodleExporter.columns = {"ps1": "Assignment: Problem set 1"}``.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the file."""
        grades = self.gather(gradebook)
        for assignment in grades.assignments:
            if assignment.max_score > MOST:
                message = "%s has %g points; Moodle takes at most %d, unless its administrator allows more"
                self.log.warning(message, assignment.name, assignment.max_score, MOST)
        titles = [self.field(self.title(assignment)) for assignment in grades.assignments]
        rows = [["First name", "Last name", "ID number", "Username", "Email address", *titles]]
        for student in grades.students:
            known = (student.first_name, student.last_name, student.lms_user_id, student.id, student.email)
            rows.append([*map(self.field, known), *map(self.written, grades.of(student))])
        self.write("moodle.csv", rows)
