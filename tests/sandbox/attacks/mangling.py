"""Hand in a notebook whose file or cells are not what they should be."""

import copy
import json

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from attacks.attack import TESTS, Attack

EVERYTHING = frozenset(TESTS)


def _cell(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def _empty_tests(notebook: NotebookNode) -> None:
    for name in TESTS:
        _cell(notebook, name).source = "pass"


def _raise_points(notebook: NotebookNode) -> None:
    for name in TESTS:
        _cell(notebook, name).metadata.nbgrader.points = 1000


def _unlock(notebook: NotebookNode) -> None:
    for name in TESTS:
        _cell(notebook, name).metadata.nbgrader.update(locked=False, solution=True, grade=False)
        _cell(notebook, name).source = "pass"


def _delete_tests(notebook: NotebookNode) -> None:
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") not in TESTS]


def _duplicate(notebook: NotebookNode) -> None:
    for name in TESTS:
        again = copy.deepcopy(_cell(notebook, name))
        again.source = "1000"
        notebook.cells.append(again)


def _swap_names(notebook: NotebookNode) -> None:
    first, second = _cell(notebook, "test_softmax"), _cell(notebook, "test_triple")
    first.metadata.nbgrader.grade_id, second.metadata.nbgrader.grade_id = "test_triple", "test_softmax"


def _retype(notebook: NotebookNode) -> None:
    for name in TESTS:
        _cell(notebook, name).cell_type = "markdown"
        del _cell(notebook, name)["outputs"]


def _tags(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception", "remove-cell"]
        cell.metadata["verdict"] = "passed"


def _outputs(notebook: NotebookNode) -> None:
    for name in TESTS:
        value = nbformat.v4.new_output("execute_result", {"text/plain": "3.0"}, execution_count=1)
        _cell(notebook, name).outputs = [value]


def _own_test_cell(notebook: NotebookNode) -> None:
    settings = {"grade": True, "solution": False, "locked": True, "points": 1000, "grade_id": "bonus"}
    notebook.cells.append(new_code_cell("1000", metadata={"nbgrader": {**settings, "schema_version": 3}}))


def _kernel(notebook: NotebookNode) -> None:
    notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "bash", "language": "bash"}


def _text(notebook: NotebookNode, source: str) -> bytes:
    raw = json.loads(nbformat.writes(notebook))
    next(cell for cell in raw["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "triple")[
        "source"
    ] = source
    return json.dumps(raw).encode()


ATTACKS = [
    Attack("empty_tests", "empty the test cells", mangle=_empty_tests, says="set back"),
    Attack("raise_points", "raise the points", mangle=_raise_points),
    Attack("unlock", "turn tests into solutions", mangle=_unlock, says="set back"),
    Attack("delete_tests", "delete the tests", mangle=_delete_tests, says="missing"),
    Attack("duplicate", "add test cells of the same names", mangle=_duplicate, says="copy"),
    Attack("swap_names", "exchange two tests", mangle=_swap_names, says="set back"),
    Attack("retype", "turn tests into text", mangle=_retype, says="type"),
    Attack("tags", "put tags and metadata on the cells", mangle=_tags),
    Attack("outputs", "put outputs under the tests", mangle=_outputs),
    Attack("own_test", "add a test worth 1000 points", mangle=_own_test_cell),
    Attack("kernel", "name another kernel", mangle=_kernel),
    Attack(
        "truncated",
        "cut the file off",
        mangle=lambda nb: nbformat.writes(nb).encode()[:900],
        lost=EVERYTHING,
        says="not a complete",
    ),
    Attack("empty_file", "hand in nothing", mangle=lambda nb: b"", lost=EVERYTHING, says="empty"),
    Attack("not_text", "hand in bytes", mangle=lambda nb: b"\xff\xfe\0" * 100, lost=EVERYTHING, says="UTF-8"),
    Attack(
        "deep_json", "nest the file 100,000 deep", mangle=lambda nb: b"[" * 100_000, lost=EVERYTHING, says="notebook"
    ),
    Attack(
        "many_cells",
        "hand in a hundred thousand cells",
        mangle=lambda nb: json.dumps(
            {"cells": [{}] * 100_000, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}
        ).encode(),
        lost=EVERYTHING,
        says="100,000 cells",
    ),
    Attack("nul_source", "put NUL into a cell", mangle=lambda nb: _text(nb, "def triple(x):\0 return 3 * x")),
    Attack("surrogate_source", "put half a character into a cell", mangle=lambda nb: _text(nb, "y = '\ud800'")),
    Attack(
        "script",
        "put a script into a message",
        {"triple": "def triple(x): raise ValueError('<script>alert(1)</script>')"},
        says="script",
    ),
]
