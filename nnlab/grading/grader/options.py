"""What a course may set about grading in its ``nbgrader_config.py``, beside nbgrader's own options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import BasePlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Bool, Dict, Enum, List, TraitError, Unicode, validate
from traitlets.config import Config, LoggingConfigurable, PyFileConfigLoader

from nnlab.grading.sandbox import KINDS, Limits


class Sandbox(LoggingConfigurable):
    """How students' code runs when it is graded."""

    kind = Enum(KINDS, "bwrap", help="bwrap, or none: no sandbox at all, students' code runs as you.").tag(config=True)
    limits = Dict(
        value_trait=None,
        key_trait=Unicode(),
        help="Changes to the limits of one submission; see nnlab.grading.sandbox.",
    ).tag(config=True)
    assignment_limits = Dict(
        value_trait=Dict(key_trait=Unicode()),
        key_trait=Unicode(),
        help='Further changes for single assignments, such as {"ps6": {"cell_seconds": 120}}.',
    ).tag(config=True)
    allowed_files = List(
        Unicode(), help="Patterns of files, beside notebooks, that students may hand in, such as *.csv."
    ).tag(config=True)
    show_hidden_tests = Bool(False, help="Whether feedback shows the text of hidden tests.").tag(config=True)

    @validate("limits")
    def _known_limits(self, proposal: Any) -> dict[str, Any]:
        try:
            Limits().with_changes(**proposal["value"])
        except ValueError as error:
            raise TraitError(f"c.Sandbox.limits: {error}") from None
        return dict(proposal["value"])

    @validate("assignment_limits")
    def _known_assignment_limits(self, proposal: Any) -> dict[str, Any]:
        for assignment, changes in proposal["value"].items():
            try:
                Limits().with_changes(**changes)
            except ValueError as error:
                raise TraitError(f"c.Sandbox.assignment_limits, {assignment}: {error}") from None
        return dict(proposal["value"])

    def limits_of(self, assignment: str) -> dict[str, Any]:
        """The changes to the limits of one submission that hold for this assignment."""
        return {**self.limits, **self.assignment_limits.get(assignment, {})}


def course_config(course: Path) -> Config:
    """The configuration of a course; raises FileNotFoundError when the folder is no course."""
    if not (course / "nbgrader_config.py").is_file():
        raise FileNotFoundError(f"{course} is no nbgrader course: it has no nbgrader_config.py")
    return PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()


def course_directory(course: Path, config: Config) -> CourseDirectory:
    """nbgrader's view of the course's folders."""
    return CourseDirectory(config=config, root=str(course))


def late_penalties(config: Config) -> BasePlugin:
    """The course's rule for late submissions."""
    return AssignLatePenalties(config=config).plugin_class(config=config)
