"""What a course may set about grading in its ``nbgrader_config.py``, beside nbgrader's own options."""

from __future__ import annotations

import inspect
import sys
import traceback
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import BasePlugin
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import Bool, Dict, Enum, List, TraitError, Unicode, validate
from traitlets.config import Config, LoggingConfigurable, PyFileConfigLoader

from nnlab.grading.grader.problems import CourseError, config_file
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
        _check_limits("c.Sandbox.limits", proposal["value"])
        return dict(proposal["value"])

    @validate("assignment_limits")
    def _known_assignment_limits(self, proposal: Any) -> dict[str, Any]:
        for assignment, changes in proposal["value"].items():
            _check_limits(f"c.Sandbox.assignment_limits, {assignment}", changes)
        return dict(proposal["value"])

    def limits_of(self, assignment: str) -> dict[str, Any]:
        """The changes to the limits of one submission that hold for this assignment."""
        return {**self.limits, **self.assignment_limits.get(assignment, {})}


def _check_limits(option: str, changes: dict[str, Any]) -> None:
    try:
        Limits().with_changes(**changes)
    except ValueError as error:
        raise TraitError(f"{option}: {error}") from None


def course_config(course: Path) -> Config:
    """The configuration of a course, which may import what stands beside it, as it may under nbgrader.

    Raises FileNotFoundError when the folder is no course, and CourseError when the file cannot be run.
    """
    path = config_file(course)
    if str(course.resolve()) not in sys.path:
        sys.path.append(str(course.resolve()))
    try:
        return PyFileConfigLoader(path.name, path=str(course)).load_config()
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if Path(frame.filename).name == path.name]
        where = f", line {lines[-1]}" if lines else ""
        raise CourseError(f"{path}{where}: {type(error).__name__}: {error}") from None


def sandbox_options(config: Config) -> Sandbox:
    """What the course says of the sandbox; raises CourseError for an unknown option, TraitError for a wrong value."""
    known = Sandbox.class_trait_names(config=True)
    unknown = sorted(set(config.Sandbox) - set(known))
    if unknown:
        raise CourseError(f"nbgrader_config.py: there is no c.Sandbox.{unknown[0]}; there are {', '.join(known)}")
    return Sandbox(config=config)


def course_directory(course: Path, config: Config) -> CourseDirectory:
    """nbgrader's view of the course's folders."""
    return CourseDirectory(config=config, root=str(course))


def late_penalties(config: Config) -> BasePlugin:
    """The course's rule for late submissions; raises CourseError when its plug-in cannot be had."""
    try:
        return AssignLatePenalties(config=config).plugin_class(config=config)
    except (ImportError, TraitError):
        named = config.AssignLatePenalties.get("plugin_class")
        raise CourseError(
            f"nbgrader_config.py: c.AssignLatePenalties.plugin_class = {named!r} cannot be imported; "
            "its module belongs beside nbgrader_config.py"
        ) from None


def rule_of(penalties: BasePlugin) -> list[Any]:
    """All that decides what a plug-in takes off late work: its code and its settings."""
    kind = type(penalties)
    try:
        code = inspect.getsource(kind)
    except (OSError, TypeError):
        code = ""
    return [
        kind.__qualname__,
        code,
        {name: repr(getattr(penalties, name)) for name in kind.class_trait_names(config=True)},
    ]
