"""Write a student's feedback page with nbgrader's own converter, kept ready from one student to the next."""

from __future__ import annotations

import logging
from pathlib import Path

from nbgrader.converters.generate_feedback import GenerateFeedback
from traitlets.config import Config

from nnlab.grading.grader.options import course_directory


class FeedbackPages:
    """The pages of one assignment, ``feedback/STUDENT/ASSIGNMENT/*.html``."""

    def __init__(self, course: Path, assignment: str, config: Config) -> None:
        self._directory = course_directory(course, config)
        self._directory.assignment_id = assignment
        self._converter = GenerateFeedback(coursedir=self._directory, config=config)
        self._converter.log = logging.getLogger("nnlab.feedback")
        self._converter.log.addHandler(logging.NullHandler())
        self._converter.log.propagate = False
        self._converter.force = True

    def write(self, student: str) -> None:
        """Write the pages of a student whose marks are in the gradebook; raises NbGraderException when it cannot."""
        self._directory.student_id = student
        self._converter.start()
