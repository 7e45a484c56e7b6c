"""What may be wrong with a course, its gradebook or its disk, in one sentence for whoever gave the command."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from traitlets import TraitError

from nnlab.grading.sandbox import clean

EXPECTED = (OSError, SQLAlchemyError, TraitError)


class CourseError(ValueError):
    """A course's configuration cannot be used; the message says where and why."""


def in_words(problem: BaseException) -> str:
    """What went wrong, without the statements and numbers that a library adds for its own authors."""
    if isinstance(problem, SQLAlchemyError):
        reason = str(getattr(problem, "orig", None) or problem).splitlines()[0]
        return f"the gradebook cannot be used: {clean(reason, 200)}{_advice(reason)}"
    if isinstance(problem, OSError) and problem.strerror:
        return f"{problem.filename}: {problem.strerror}" if problem.filename else problem.strerror
    return f"nbgrader_config.py: {problem}" if isinstance(problem, TraitError) else str(problem)


def _advice(reason: str) -> str:
    if "locked" in reason:
        return ". Another program is writing to it; when that is done, run the same command again"
    if "readonly" in reason:
        return ". Its file and its folder must be writable"
    return ""


def config_file(course: Path) -> Path:
    """The course's nbgrader_config.py; raises FileNotFoundError when the folder is no course."""
    path = course / "nbgrader_config.py"
    if not path.is_file():
        raise FileNotFoundError(f"{course} is no nbgrader course: it has no nbgrader_config.py")
    return path
