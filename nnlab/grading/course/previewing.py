"""What a student sees before handing in: the points that the visible tests give, and what each failed one says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader.utils import determine_grade

from nnlab.grading.course.notebooks import Unreadable, decode, read
from nnlab.grading.naming import not_defined

CELL_SECONDS = 60
UNKNOWN = re.compile(r"name '(\w+)' is not defined")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class PreviewError(Exception):
    """The notebook cannot be run; the message says why."""


@dataclass(frozen=True)
class Result:
    """One test: its name, the points it gave and can give, and the message of a failure."""

    name: str
    points: float
    most: float
    message: str = ""


def preview(path: Path) -> list[Result]:
    """Run a notebook up to its last test, in its own folder, and return the result of every test.

    The file is left alone, and what comes after the tests, such as a long experiment, is not run. Raises PreviewError
    where there is no notebook, or none with tests, or its kernel dies.
    """
    notebook = _read(path)
    tests = [cell for cell in notebook.cells if _is_test(cell)]
    if not tests:
        raise PreviewError(f"{path} holds no tests. Take the notebook that the course released, and write into it.")
    while not _is_test(notebook.cells[-1]):
        notebook.cells.pop()
    _run(notebook, path.parent)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code" and not _is_test(cell)]
    return [_result(cell, sources) for cell in tests]


def report(path: Path, results: list[Result]) -> str:
    """The points of each test, then the messages."""
    width = max(len(one.name) for one in results)
    lines = [
        f"{one.points:5g} of {one.most:<3g} {one.name:<{width}}  {one.message.splitlines()[0] if one.message else ''}"
        for one in results
    ]
    total = f"{sum(one.points for one in results):5g} of {sum(one.most for one in results):<3g} points on visible tests"
    messages = [f"{one.name}\n{one.message}" for one in results if "\n" in one.message]
    more = "More tests, which you do not see, run when it is graded; written answers are read by a person."
    return "\n\n".join([path.name, "\n".join([*map(str.rstrip, lines), total]), *messages, more])


def _read(path: Path) -> NotebookNode:
    try:
        return read(decode(path.read_bytes()))
    except FileNotFoundError:
        raise PreviewError(f"there is no file {path}") from None
    except IsADirectoryError:
        raise PreviewError(f"{path} is a folder; name the notebook in it") from None
    except (OSError, Unreadable) as error:
        raise PreviewError(f"{path} cannot be read: {error}") from None


def _is_test(cell: NotebookNode) -> bool:
    own = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and bool(own.get("grade"))


def _run(notebook: NotebookNode, folder: Path) -> None:
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError
    from tqdm import tqdm

    late = {"ename": "TimeoutError", "evalue": f"still running after {CELL_SECONDS} s", "traceback": []}
    with tqdm(total=len(notebook.cells), unit="cell", leave=False, disable=None) as bar:
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            interrupt_on_timeout=True,
            error_on_timeout=late,
            allow_errors=True,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(folder)}},
            on_cell_complete=lambda cell, cell_index: bar.update(),
        )
        try:
            client.execute()
        except DeadKernelError:
            raise PreviewError("its kernel died: a cell ended Python or took too much memory") from None


def _result(cell: NotebookNode, sources: list[str]) -> Result:
    """nbgrader's own grade of a cell. A warning is a remark, so what stands on stderr does not count."""
    cell.outputs = [out for out in cell.outputs if not (out.output_type == "stream" and out.name == "stderr")]
    name = cell.metadata.nbgrader.grade_id.removeprefix("test_")
    points, most = determine_grade(cell)
    errors = [out for out in cell.outputs if out.output_type == "error"]
    message = _message(errors[0], cell.source, sources) if errors else ""
    return Result(name, points or 0.0, most, message)


def _message(error: NotebookNode, test: str, sources: list[str]) -> str:
    """What an error in a test says to the student."""
    unknown = UNKNOWN.match(error.evalue) if error.ename == "NameError" else None
    if unknown and re.search(rf"\b{unknown[1]}\b", test):
        return not_defined(unknown[1], sources)
    words = [error.evalue or error.ename] if error.ename == "CheckFailed" else error.traceback[-1:]
    return COLOURS.sub("", "\n".join(words or [f"{error.ename}: {error.evalue}"])).strip()
