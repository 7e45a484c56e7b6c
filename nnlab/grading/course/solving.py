"""``nbgrader generate_solution``: a problem set with its solutions, to give out when everybody has handed in."""

from __future__ import annotations

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

_MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION")


class ShowSolutions(NbGraderPreprocessor):
    """Leaves the solutions and takes the lines around them out."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, cell_index: int) -> tuple[NotebookNode, dict]:
        lines = [line for line in cell.source.splitlines() if line.strip() not in _MARKERS]
        cell.source = "\n".join(lines)
        return cell, resources
