"""Run a test cell outside the sandbox, with the student's names as handles.

A function that changes its argument changes it here too, as it would in one process. So a test that compares with what
it handed over keeps a copy of its own, or begins with ``check``, which notices the change.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib
import io
import math
import traceback
import warnings
from typing import Any

from nnlab.grading.grader.verdicts import PRINTED, Verdict
from nnlab.grading.naming import not_defined
from nnlab.grading.sandbox import RemoteEnded, RemoteModule, RemoteTimeout, Session
from nnlab.grading.wording import CheckFailed

MODULES = ("numpy", "numpy.linalg", "numpy.random", "math")
HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")


class TestNamespace(dict[str, Any]):
    """The names of the test cells; a name that none of them defines is looked up at the student's.

    What the tests import and define themselves, and Python's built-in functions, always come first: a student who
    defines ``check``, ``np`` or ``abs`` changes nothing here.
    """

    __test__ = False

    def __init__(self, session: Session, imports: list[str]) -> None:
        super().__init__(__name__="__main__", __builtins__=builtins)
        self.session = session
        self._seen: dict[str, Any] = {}
        for line in imports:
            with contextlib.suppress(ImportError):
                exec(line, self)

    def begin(self) -> None:
        """Look the student's names up anew, for the next cell."""
        self._seen.clear()

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name):
            raise KeyError(name)
        if name not in self._seen:
            if not self.session.alive:
                raise RemoteEnded(f"{name} cannot be reached: {self.session.incidents[-1]}")
            value = self.session.look(name)
            if isinstance(value, RemoteModule):
                if value.name not in MODULES:
                    raise KeyError(name)
                value = importlib.import_module(value.name)
            self._seen[name] = value
        return self._seen[name]


class _Printed(io.StringIO):
    def write(self, text: str) -> int:
        return super().write(text[: max(0, PRINTED - self.tell())])


def run_test(source: str, grade_id: str, points: float, namespace: TestNamespace) -> Verdict:
    """The verdict of one test cell; nothing that happens in it, or in the student's process, stops the others."""
    verdict = Verdict(grade_id, points)
    filename = f"<test {grade_id}>"
    printed = _Printed()
    namespace.begin()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = _execute(source, filename, namespace)
            namespace.session.end_cell()
        _pass(verdict, value)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        _fail(verdict, error, source, filename, namespace.session)
        # What this cell's calls left behind is laid to this cell; it has lost its points already.
        with contextlib.suppress(RemoteEnded, RemoteTimeout):
            namespace.session.end_cell()
    verdict.printed = printed.getvalue()
    return verdict


def run_setup(source: str, namespace: TestNamespace) -> None:
    """Run a locked cell of the release that is no test, for its imports and helpers.

    It may lean on the student's cells; what fails here, the tests that need it report.
    """
    silent = io.StringIO()
    with contextlib.redirect_stdout(silent), contextlib.redirect_stderr(silent), contextlib.suppress(Exception):
        exec(compile(source, "<setup>", "exec"), namespace)


def imports_of(sources: list[str]) -> list[str]:
    """The import statements at the top level of these cells, each as one line of source.

    Tests may use what a cell that students may edit imports; they get the module, not what the student left there.
    """
    lines: list[str] = []
    for source in sources:
        with contextlib.suppress(SyntaxError):
            tree = ast.parse(source)
            lines += [ast.unparse(node) for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return list(dict.fromkeys(lines))


def _execute(source: str, filename: str, namespace: TestNamespace) -> Any:
    """Run the cell; the value of its last expression, or None."""
    tree = ast.parse(source, filename)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, filename, "exec"), namespace)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), filename, "eval"), namespace)
    return None


def _pass(verdict: Verdict, value: Any) -> None:
    """Full marks, or a number as partial credit. A number that is no score is a mistake of the test, and counts 0."""
    verdict.status, verdict.score, verdict.kind, verdict.explanation = "passed", verdict.points, "", []
    if type(value) not in (int, float):
        return
    if not (math.isfinite(value) and 0 <= value <= verdict.points):
        verdict.status, verdict.score, verdict.kind = "failed", 0.0, "InvalidScore"
        verdict.explanation = [f"The test ended in {value!r}, which is no score from 0 to {verdict.points:g}."]
    elif value < verdict.points:
        verdict.status, verdict.score = "partial", float(value)


def _fail(verdict: Verdict, error: BaseException, source: str, filename: str, session: Session) -> None:
    verdict.kind = type(error).__name__
    try:
        words = str(error)
    except Exception:
        words = "(its message cannot be shown)"
    if isinstance(error, CheckFailed):
        verdict.explanation = words.splitlines()
        return
    verdict.explanation = (f"{verdict.kind}: {words}" if words else verdict.kind).splitlines()
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, NameError) and error.name and frames and frames[-1].filename == filename:
        verdict.explanation = [not_defined(error.name, session.sources)]
    places = [frame.lineno for frame in frames if frame.filename == filename]
    if places and places[-1]:
        verdict.explanation += _quote(source, places[-1])


def _quote(source: str, line: int) -> list[str]:
    """The line of the test that failed, unless it is hidden from students."""
    lines = source.splitlines()
    if not 0 < line <= len(lines):
        return []
    hidden = False
    for text in lines[:line]:
        hidden = (hidden or HIDDEN[0] in text) and HIDDEN[1] not in text
    return ["in a hidden test"] if hidden else [f"in line {line} of this test: {lines[line - 1].strip()}"]
