"""``nnlab grade``: grade a class from the command line."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnlab.grading.grader.grading import Row

QUEUED = 128
STATUSES = ("graded", "flagged", "failed")
INTERRUPTED = "Interrupted. Run the same command again to go on; what is done is kept."


class Terminated(KeyboardInterrupt):
    """The system, or a scheduler of jobs, asked this process to end."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("assignment", help="for example ps1")
    parser.add_argument("--course", type=Path, default=Path("."), help="the nbgrader course (default: here)")
    parser.add_argument(
        "--jobs",
        type=_positive,
        help=f"how many at a time (default: one a processor that this process may use; with --dask, {QUEUED})",
    )
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        default="",
        help="send the work to this Dask cluster: its address or scheduler file",
    )
    parser.add_argument(
        "--sandbox", choices=("bwrap", "container", "none"), help="override the course's c.Sandbox.kind"
    )
    parser.add_argument(
        "--student", action="append", help="grade only this student; may be given more than once; --student=-x for -x"
    )
    parser.add_argument("--feedback", action="store_true", help="write each student's feedback page at once")
    parser.add_argument("--again", action="store_true", help="run submissions anew whose results are known")


def run(given: argparse.Namespace) -> int:
    """Grade, print a table, and return 0 only when every submission has a result."""
    try:
        with _ending_as_by_control_c():
            return _run(given)
    except KeyboardInterrupt as stop:
        print(INTERRUPTED, file=sys.stderr)
        return 128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)


def _run(given: argparse.Namespace) -> int:
    from nnlab.grading.grader.starting import import_notebooks

    import_notebooks()
    from tqdm import tqdm

    from nnlab.grading.grader.assembling import NotReleased
    from nnlab.grading.grader.cluster import ClusterError
    from nnlab.grading.grader.grading import Grader
    from nnlab.grading.grader.problems import EXPECTED, CourseError, in_words
    from nnlab.grading.grader.store import AlreadyGrading
    from nnlab.grading.sandbox import SandboxError

    # What libraries have to say about a damaged notebook is in the table, in our words.
    warnings.simplefilter("ignore")
    try:
        grader = Grader(given.course, given.assignment, sandbox=given.sandbox, again=given.again)
        known = grader.students()
        students = list(dict.fromkeys(given.student or known))
        for student in students:
            if student not in known:
                raise FileNotFoundError(f"{student} has handed in nothing for {given.assignment}")
        if not students:
            folder = f"{given.course / grader.directory.submitted_directory}/STUDENT/{given.assignment}"
            raise FileNotFoundError(f"there are no submissions of {given.assignment}: {folder} is where they belong")
        if grader.kind == "none":
            print(NO_SANDBOX, file=sys.stderr)
        with tqdm(total=len(students), unit="", desc=given.assignment, disable=not _on_a_terminal()) as bar:
            jobs = given.jobs or (QUEUED if given.dask else _processors())
            rows = grader.run(students, jobs, lambda row: bar.update(), cluster=given.dask, feedback=given.feedback)
    except (AlreadyGrading, ClusterError, CourseError, NotReleased, SandboxError, *EXPECTED) as problem:
        print(f"nnlab grade: {in_words(problem)}", file=sys.stderr)
        return 2
    print(table(rows, grader.max_score))
    return 0 if all(row.status != "failed" for row in rows) else 1


NO_SANDBOX = """\
WARNING: --sandbox none runs students' code as you, with your files and your network.
Use it only for code that you have read."""


def table(rows: list[Row], max_score: float) -> str:
    """The rows as text: a line each, its reasons below it, and the sums."""
    width = max([len("student"), *(len(row.student) for row in rows)])
    lines = [f"{'student':<{width}}  {'status':<8} {'score':>6} / {max_score:g}"]
    for row in rows:
        score = "–" if row.status == "failed" else f"{row.score:g}"
        lines.append(f"{row.student:<{width}}  {row.status:<8} {score:>6}{'  (as before)' if row.again else ''}")
        lines += [f"{'':<{width}}  · {reason}" for reason in row.reasons]
    counts = Counter(row.status for row in rows)
    lines.append(", ".join(f"{counts[status]} {status}" for status in STATUSES) + f"; {len(rows)} submissions")
    return "\n".join(lines)


@contextlib.contextmanager
def _ending_as_by_control_c() -> Iterator[None]:
    """SIGTERM ends grading in the same way as Ctrl-C; only a main thread can be told so."""

    def end(*_: object) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _on_a_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _processors() -> int:
    """How many processors this process may use: a scheduler may have lent it some of the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _positive(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return value
