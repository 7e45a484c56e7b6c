"""Run a submission to its end, and keep its warnings from costing points."""

from __future__ import annotations

from typing import Any

from nbclient.exceptions import DeadKernelError
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked

RESTARTS = 5


class ExecuteToTheEnd(Execute):
    """nbgrader's execution, begun again without the cell that killed the kernel.

    So a crash costs the tests of one exercise, not the submission its grade. When a locked cell that is no test fails,
    the set-up is broken on this machine: raises RuntimeError, and nbgrader reports the submission instead of giving 0.
    """

    def preprocess(self, nb: NotebookNode, resources: dict | None = None, km: Any = None) -> tuple[NotebookNode, dict]:
        self.deadly: set[int] = set()
        while True:
            try:
                return super().preprocess(nb, resources, km)
            except DeadKernelError:
                self.log.warning("The kernel died in cell %d", self.current)
                self.deadly.add(self.current)
                if len(self.deadly) > RESTARTS:
                    self.deadly.update(range(len(nb.cells)))

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        self.current = index
        if index in self.deadly and cell.cell_type == "code":
            words = "Python stopped when this cell ran: it called exit, or crashed."
            cell.outputs = [new_output("error", ename="KernelDied", evalue=words, traceback=[f"KernelDied: {words}"])]
            return cell, resources
        cell, resources = super().preprocess_cell(cell, resources, index)
        if cell.cell_type == "code" and is_locked(cell) and not is_grade(cell):
            for output in cell.outputs:
                if output.output_type == "error":
                    name = cell.metadata.nbgrader.grade_id
                    raise RuntimeError(f"The set-up cell {name} fails on this machine: {output.ename}: {output.evalue}")
        return cell, resources


class WarningsAreRemarks(NbGraderPreprocessor):
    """Moves what a test cell wrote to stderr to stdout, where nbgrader does not take it for a failure.

    An exception stays an exception; a NumPy warning beside a right answer costs nothing.
    """

    def preprocess_cell(self, cell: NotebookNode, resources: dict, cell_index: int) -> tuple[NotebookNode, dict]:
        if cell.cell_type == "code" and is_grade(cell):
            for output in cell.outputs:
                if output.output_type == "stream" and output.name == "stderr":
                    output.name = "stdout"
                    output.text = "Remark, costs no points:\n" + output.text
        return cell, resources
