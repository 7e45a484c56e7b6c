"""The assignment under attack, and what an attack on it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

MARKER = "the-text-of-a-hidden-test"

SETUP = "import numpy as np\nfrom nnlab.grading import check"
SOFTMAX = """\
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
"""
TRIPLE = "def triple(x):\n    return 3 * x\n"
TWICE = "def twice(f, x):\n    return f(f(x))\n"
HONEST = {"softmax": SOFTMAX, "triple": TRIPLE, "twice": TWICE}

TESTS = {
    "test_softmax": (
        4,
        f"""\
check(softmax, "ps1.softmax")
### BEGIN HIDDEN TESTS
"{MARKER}"
z = np.random.default_rng().normal(size=(3, 4))
p = softmax(z)
assert p.shape == z.shape and np.abs(p.sum(axis=1) - 1).max() < 1e-9
assert np.abs(np.log(p[0, 0] / p[0, 1]) - (z[0, 0] - z[0, 1])) < 1e-9
### END HIDDEN TESTS
""",
    ),
    "test_triple": (
        3,
        """\
given = np.random.default_rng().normal(size=5)
x = given.copy()
got = triple(given)
assert np.shape(got) == x.shape, f"expected shape {x.shape}, got {np.shape(got)}"
assert np.abs(got - 3 * x).max() < 1e-9, "triple(x) is not 3x"
assert sum(abs(float(a) - float(b)) for a, b in zip(got, 3 * x)) < 1e-9
""",
    ),
    "test_twice": (
        2,
        """\
step = np.random.default_rng().normal()
assert twice(lambda v: v + step, 1.0) == 1.0 + step + step
calls = []
assert twice(lambda v: calls.append(v) or v * 2, 3) == 12 and calls == [3, 6]
""",
    ),
}
POINTS = {name: points for name, (points, _) in TESTS.items()}


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    tries: what it does, in a few words.
    cells: sources that replace those of the solutions of the same name; by default ``triple`` is wrong, so that a point
        for it is a point gained by the attack. first, last: sources of extra cells at the beginning and the end.
    mangle: changes the notebook, or gives the file's bytes instead.
    lost: tests that must fail; every other must pass.
    says: words that must be found in the lost tests' explanations, the incidents or the repairs.
    seconds: the limit of wall clock a cell. limits: changes to other limits.
    """

    name: str
    tries: str
    cells: dict[str, str] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    mangle: Callable[[NotebookNode], Any] | None = None
    lost: frozenset[str] = frozenset({"test_triple"})
    says: str = ""
    seconds: float = 10.0
    limits: dict[str, Any] = field(default_factory=dict)

    def notebook(self) -> bytes:
        """The submitted file."""
        notebook = released_notebook()
        wrong = {"triple": "def triple(x):\n    return 0 * x\n"} if "test_triple" in self.lost else {}
        sources = {**HONEST, **wrong, **self.cells}
        for cell in notebook.cells:
            cell.source = sources.get(cell.metadata.nbgrader.grade_id, cell.source)
        if self.first:
            notebook.cells.insert(0, new_code_cell(self.first))
        if self.last:
            notebook.cells.append(new_code_cell(self.last))
        changed = self.mangle(notebook) if self.mangle else None
        return changed if isinstance(changed, bytes) else nbformat.writes(notebook).encode("utf-8", "surrogatepass")


def released_notebook() -> NotebookNode:
    """The notebook as students get it."""
    cells = [_cell(SETUP, "setup", locked=True), new_markdown_cell("Write three functions.")]
    cells[1].metadata["nbgrader"] = {**cells[0].metadata["nbgrader"], "grade_id": "statement"}
    for name, test in zip(HONEST, TESTS, strict=True):
        cells.append(_cell("raise NotImplementedError()", name, solution=True))
        points, source = TESTS[test]
        visible = source.split("### BEGIN")[0]
        cells.append(_cell(visible, test, grade=True, locked=True, points=points))
    return new_notebook(cells=cells)


def _cell(source: str, grade_id: str, **flags: Any) -> NotebookNode:
    settings = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return new_code_cell(source, metadata={"nbgrader": {**settings, "grade_id": grade_id, **flags}})
