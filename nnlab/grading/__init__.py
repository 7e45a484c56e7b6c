"""Grading: checks that explain themselves, and what plugs them and the course into nbgrader."""

from nnlab.grading.checking import check
from nnlab.grading.naming import explain_in_notebooks
from nnlab.grading.wording import CheckFailed

__all__ = ["CheckFailed", "check"]

explain_in_notebooks()
