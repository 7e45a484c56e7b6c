"""Grade every submission of an assignment, in parallel, and record each result as soon as it is there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import parse_utc

from nnlab.grading.course.notebooks import is_note, note, released
from nnlab.grading.grader.assembling import ReleasedNotebook, assemble, cells_of, released_notebooks
from nnlab.grading.grader.cluster import Cluster, ClusterError
from nnlab.grading.grader.feedback import FeedbackPages
from nnlab.grading.grader.folders import Folder, read_folder, shown
from nnlab.grading.grader.judges import Judges, JudgesClosed
from nnlab.grading.grader.judging import Job, Judgement
from nnlab.grading.grader.options import course_config, course_directory, late_penalties, rule_of, sandbox_options
from nnlab.grading.grader.problems import EXPECTED, in_words
from nnlab.grading.grader.recording import Recorder
from nnlab.grading.grader.store import Store, fingerprint, grader_version, write_whole
from nnlab.grading.sandbox import clean

AHEAD = 8
FLAGGED = "While your work was graded: "


@dataclass
class Row:
    """What came of one submission.

    status: "graded"; "flagged", graded with something that an instructor should look at; or "failed", not graded.
    again: whether the result was there already.
    """

    student: str
    status: str = "graded"
    score: float = 0.0
    reasons: list[str] = field(default_factory=list)
    again: bool = False


@dataclass
class _Submission:
    """A submission on its way: its notebooks with outputs, and the fingerprint of all that decided them."""

    student: str
    folder: Folder
    notebooks: dict[str, NotebookNode] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    mark: str = ""


class Grader:
    """Grades one assignment of a course.

    sandbox: overrides the course's kind of sandbox. again: run submissions anew whose results are known.
    Raises FileNotFoundError when ``course`` is no course, CourseError or TraitError when its configuration cannot be
    used, NotReleased when the assignment was not generated, and SandboxError when this machine has no sandbox.
    """

    def __init__(self, course: Path, assignment: str, *, sandbox: str | None = None, again: bool = False) -> None:
        self.course, self.assignment, self.again = course.resolve(), assignment, again
        self.config = course_config(self.course)
        self.options = sandbox_options(self.config)
        self.penalties = late_penalties(self.config)
        self.kind = sandbox or self.options.kind
        self.limits = self.options.limits_of(assignment)
        self.directory = course_directory(self.course, self.config)
        self.store = Store(self.course, assignment)
        with self._gradebook() as gradebook:
            folder = Path(self._path(self.directory.release_directory, "."))
            self.releases = released_notebooks(gradebook, assignment, released(folder))
            due = gradebook.find_assignment(assignment).duedate
        self._late_mark = [str(due), rule_of(self.penalties)]
        self._release_mark = [[one.name, nbformat.writes(one.notebook), dict(one.sources)] for one in self.releases]
        self.max_score = sum(cell["points"] for one in self.releases for cell in cells_of(one.notebook))

    def students(self) -> list[str]:
        """Everyone with a folder for this assignment, or with one that cannot be looked into."""
        root = Path(self.course, self.directory.submitted_directory)
        names = sorted(os.listdir(root)) if root.is_dir() else []
        return [name for name in names if _may_be(self._path(self.directory.submitted_directory, name))]

    def run(
        self,
        students: list[str],
        jobs: int,
        done: Callable[[Row], None] = lambda row: None,
        *,
        cluster: str = "",
        feedback: bool = False,
    ) -> list[Row]:
        """Grade these students' submissions, ``jobs`` at a time; ``done`` hears of each as it ends.

        cluster: the address of a Dask cluster that does the work instead of this machine; see ``Cluster``.
        feedback: whether to write a student's feedback page as soon as the mark is known.
        One that fails stops no other. Whatever was done when this is interrupted is kept.
        """
        rows: list[Row] = []
        pages = FeedbackPages(self.course, self.assignment, self.config) if feedback else None
        imports = list(dict.fromkeys(line for one in self.releases for line in one.imports))
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.store.alone())
            threads = stack.enter_context(ThreadPoolExecutor(jobs))
            stack.callback(threads.shutdown, wait=False, cancel_futures=True)
            # Closed first, so that an interrupted run does not wait for the judges at work.
            judges: Judges | Cluster = Cluster(cluster, imports) if cluster else Judges(imports)
            stack.enter_context(judges)
            judges.probe(self.kind, self.limits)
            gradebook = stack.enter_context(self._gradebook())
            recorder = Recorder(gradebook, self.assignment, self.penalties)
            for submission, student in _in_turn(threads, jobs, students, lambda one: self._judge(one, judges)):
                row = self._finish(gradebook, recorder, student, submission)
                if pages and row.status != "failed":
                    _write_feedback(pages, student, row)
                rows.append(row)
                done(row)
        return sorted(rows, key=lambda row: row.student)

    def _judge(self, student: str, judges: Judges | Cluster) -> _Submission:
        """Read, mend and judge one submission."""
        if student != student.encode("utf-8", "replace").decode():
            raise ValueError("the name of the student's folder is no text in UTF-8; rename it")
        submitted = Path(self._path(self.directory.submitted_directory, student))
        if submitted.parent.is_symlink():
            raise ValueError("the student's folder is a link, which grading does not follow")
        submission = _Submission(student, read_folder(submitted, tuple(self.options.allowed_files)))
        if submission.folder.unreadable:
            raise OSError("; ".join(submission.folder.unreadable))
        submission.remarks += submission.folder.remarks
        marks = []
        for release in self.releases:
            assembled = assemble(release, submission.folder.notebooks)
            submission.remarks += assembled.repairs
            judgement, mark = self._judgement(release, assembled.notebook, submission, judges)
            put_outputs(assembled.notebook, judgement)
            submission.notebooks[release.name] = assembled.notebook
            submission.incidents += judgement.incidents
            marks.append(mark)
        submission.mark = fingerprint(marks, submission.folder.timestamp, self._late_mark)
        return submission

    def _judgement(
        self, release: ReleasedNotebook, notebook: NotebookNode, submission: _Submission, judges: Judges | Cluster
    ) -> tuple[Judgement, str]:
        cells, extras = cells_of(notebook), submission.folder.extras
        mark = fingerprint(
            grader_version(), self._release_mark, submission.student, cells, extras, self.kind, self.limits
        )
        known = None if self.again else self.store.find(mark)
        if known is None:
            job = Job(cells, release.imports, "", self.kind, self.limits, extras)
            known = judges.judge(job)
            self.store.keep(mark, known)
        return known, mark

    def _finish(self, gradebook: Gradebook, recorder: Recorder, student: str, submission: Future[_Submission]) -> Row:
        """Record one submission, or say why there is nothing to record."""
        row = Row(clean(student, 80))
        try:
            judged = submission.result()
            before = None if self.again else self._recorded(recorder, judged)
            row.again = before is not None
            if before is None:
                self._write(judged)
                row.score = recorder.record(student, judged.notebooks, _timestamp(judged))
                self.store.record(student, judged.mark)
            else:
                row.score = before
            row.reasons = [clean(reason, 300) for reason in judged.incidents + judged.remarks]
            row.status = "flagged" if row.reasons else "graded"
        except (ClusterError, JudgesClosed):
            raise
        except Exception as error:
            gradebook.db.rollback()
            words = in_words(error) if isinstance(error, EXPECTED) else f"{type(error).__name__}: {error}"
            row.status, row.reasons = "failed", [clean(words, 300)]
        return row

    def _recorded(self, recorder: Recorder, judged: _Submission) -> float | None:
        """The score in the gradebook, if it and the autograded folder hold this very result."""
        if self.store.recorded(judged.student) != judged.mark:
            return None
        folder = Path(self._path(self.directory.autograded_directory, judged.student))
        if not all((folder / f"{name}.ipynb").is_file() for name in judged.notebooks):
            return None
        return recorder.score(judged.student)

    def _write(self, judged: _Submission) -> None:
        folder = Path(self._path(self.directory.autograded_directory, judged.student))
        for name, notebook in judged.notebooks.items():
            write_whole(folder / f"{name}.ipynb", nbformat.writes(notebook).encode("utf-8", "replace"), 0o444)
        for name, data in judged.folder.extras.items():
            write_whole(folder / name, data)
        if judged.folder.timestamp:
            write_whole(folder / "timestamp.txt", judged.folder.timestamp.encode())

    def _gradebook(self) -> Gradebook:
        return Gradebook(self.directory.db_url, self.directory.course_id)

    def _path(self, step: str, student: str) -> str:
        return str(self.directory.format_path(step, student, self.assignment))


def _may_be(path: str) -> bool:
    """Whether there is something at a path, as far as this process may know."""
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _write_feedback(pages: FeedbackPages, student: str, row: Row) -> None:
    """Write the feedback page; that it cannot be written is a reason to look, and changes no mark."""
    try:
        pages.write(student)
    except Exception as error:
        row.status = "flagged"
        row.reasons.append(clean(f"no feedback page was written: {error}", 300))


def put_outputs(notebook: NotebookNode, judgement: Judgement) -> None:
    """Write a judgement into the notebook it is about, with a note on what was out of order, if anything was."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.execution_count = index + 1
            cell.outputs = [nbformat.from_dict(output) for output in judgement.outputs.get(index, [])]
    if judgement.incidents:
        notebook.cells.insert(sum(map(is_note, notebook.cells)), note(FLAGGED + "; ".join(judgement.incidents) + "."))


def _in_turn(
    threads: ThreadPoolExecutor, jobs: int, students: list[str], work: Callable[[str], Any]
) -> Iterator[tuple[Future[Any], str]]:
    """Run ``work`` for every student, a few ahead of the results that were taken; results come as they are ready."""
    waiting: dict[Future[Any], str] = {}
    left = iter(students)
    while True:
        for student in left:
            waiting[threads.submit(work, student)] = student
            if len(waiting) >= jobs + min(jobs, AHEAD):
                break
        if not waiting:
            return
        finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in finished:
            yield future, waiting.pop(future)


def _timestamp(judged: _Submission) -> str:
    """The time of handing in, when it is one."""
    given = judged.folder.timestamp.splitlines()[0] if judged.folder.timestamp else ""
    try:
        parse_utc(given or None)
    except (ValueError, OverflowError):
        judged.remarks.append(f"timestamp.txt holds no time: {shown(given)}")
        return ""
    return given
