"""Collect what a learning platform lets an instructor download: a student's notebooks, each under its right name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from nbgrader.utils import parse_utc

from nnlab.grading.course.archives import ARCHIVES, Contents, look_into
from nnlab.grading.course.misnamed import choose
from nnlab.grading.course.notebooks import released, stand_in
from nnlab.grading.grader.options import Sandbox

# The time in an extracted notebook's name.
_TIMED = re.compile(r"(?P<name>.+)@(?P<time>\d{8}T\d{6}Z)\.ipynb")

# Names of single files and folders as Moodle and Canvas write them.
_MOODLE = re.compile(r"(?P<student>.+?)_\d+_assignsubmission_file_?(?P<file>.*)")
_CANVAS = re.compile(r"(?P<student>[^_]+)(_LATE)?_\d+_\d+_(?P<file>.+)")


class CollectNotebooks(ExtractorPlugin):
    """nbgrader's extractor plug-in for zip_collect (``c.ZipCollectApp.extractor_plugin``).

    Everything in ``downloaded/ASSIGNMENT/archive`` is one submission: ``STUDENT.zip``, a folder ``STUDENT``, a file
    ``STUDENT_notebook.ipynb``, or what Moodle and Canvas make of these. Of each it writes
    ``extracted/STUDENT/notebook.ipynb``, or ``notebook@TIME.ipynb`` where a ``timestamp.txt`` says when it was handed
    in, and beside it the files that ``c.Sandbox.allowed_files`` allows, from whatever folder they were in. A student
    without a usable notebook gets one that says why, and so is graded 0 with a reason. What belongs to no student is
    reported and left alone.
    """

    def extract(self, archive_path: str, extracted_path: str) -> None:
        course, assignment = self.parent.coursedir, self.parent.coursedir.assignment_id
        releases = released(Path(course.format_path(course.release_directory, ".", assignment)))
        if not releases:
            self.parent.fail("release/%s has no notebook: run nbgrader generate_assignment %s", assignment, assignment)
        allowed = tuple(Sandbox(config=self.config).allowed_files)
        submissions: dict[str, Contents] = {}
        for path in sorted(Path(archive_path).iterdir()):
            if path.name.startswith("."):
                continue
            student = student_of(path, assignment, releases, allowed)
            if student is None:
                self.log.warning("%s: whose is it? Call it STUDENT_%s", path.name, path.name)
                continue
            _merge(submissions.setdefault(student, Contents()), _named(look_into(path, allowed), releases, path))
        for student, contents in submissions.items():
            folder = Path(extracted_path) / student
            folder.mkdir(parents=True, exist_ok=True)
            time = self.time(student, contents.timestamp)
            for name, release in releases.items():
                (folder / f"{name}{time}.ipynb").write_bytes(self.pick(student, name, release, contents))
            for extra in sorted(contents.extras, key=lambda one: (-one.count("/"), one)):  # the outermost comes last
                (folder / PurePosixPath(extra).name).write_bytes(contents.extras[extra])
        self.log.info("%d submissions of %s", len(submissions), assignment)

    def time(self, student: str, timestamp: str) -> str:
        """What a timestamp adds to the names of a student's notebooks: "@" and the time, or nothing."""
        try:
            return f"@{parse_utc(timestamp):%Y%m%dT%H%M%SZ}" if timestamp else ""
        except (ValueError, OverflowError):
            self.log.warning("%s: timestamp.txt holds no time: %r", student, timestamp)
            return ""

    def pick(self, student: str, name: str, release: NotebookNode, contents: Contents) -> bytes:
        """The bytes of the student's notebook ``name``, or of a stand-in that says what was found in its place."""
        chosen = choose(name, release, list(contents.notebooks), contents.notebooks)
        if chosen is None:
            found = [*contents.notebooks, *contents.extras, *contents.others]
            reasons = [f"There is no {name}.ipynb. Handed in: {', '.join(found[:8]) or 'no file'}.", *contents.problems]
            reason = " ".join(part if part.endswith(".") else part + "." for part in reasons)
            self.log.warning("%s: %s", student, reason)
            return nbformat.writes(stand_in(reason)).encode()
        if Path(chosen).stem != name:
            self.log.warning("%s: %s is taken for %s.ipynb", student, chosen, name)
        return contents.notebooks[chosen]


class CollectExtracted(FileNameCollectorPlugin):
    """nbgrader's collector plug-in for zip_collect (``c.ZipCollectApp.collector_plugin``): takes what was extracted."""

    def collect(self, submitted_file: str) -> dict[str, str | None]:
        """Whose a file in ``extracted/STUDENT`` is, how it is to be called, and when it was handed in."""
        path = Path(submitted_file)
        timed = _TIMED.fullmatch(path.name)
        name, time = (f"{timed['name']}.ipynb", timed["time"]) if timed else (path.name, None)
        return {"student_id": path.parent.name, "file_id": name, "timestamp": time}


def student_of(path: Path, assignment: str, notebooks: Iterable[str], allowed: Iterable[str] = ()) -> str | None:
    """The student a downloaded file or folder belongs to, by its name; None when the name does not say.

    ``ada.zip``, ``ada_ps1.zip``, ``ps1_ada.zip``, ``ada_backpropagation.ipynb`` and ``ada/`` are all ada's, and so is
    ``ada_data.csv`` where a pattern in ``allowed`` allows it.
    """
    for pattern in (_MOODLE, _CANVAS):
        found = pattern.fullmatch(path.name)
        if found:
            return found["student"]
    if not path.is_dir() and any(fnmatch(path.name, pattern) for pattern in allowed):
        student, parted, _ = path.name.partition("_")
        return student if parted and student else None
    stem = path.name
    while not path.is_dir() and Path(stem).suffix.lower() in (".ipynb", *ARCHIVES):
        stem = Path(stem).stem
    known = [assignment, *notebooks]
    for word in known:
        stem = stem.removesuffix(f"_{word}").removeprefix(f"{word}_")
    if path.suffix.lower() == ".ipynb":
        stem = stem.partition("_")[0]
    return None if stem in ("", ".", "..", *known) else stem


def _named(contents: Contents, notebooks: Iterable[str], path: Path) -> Contents:
    """``ada_backpropagation.ipynb`` is backpropagation.ipynb: what stands before it is only whose it is.

    So it is with other files that were downloaded as they are; of one in an archive or a folder the name is its own.
    """
    for own in list(contents.notebooks):
        for name in notebooks:
            if own.endswith(f"_{name}.ipynb"):
                contents.notebooks.setdefault(f"{name}.ipynb", contents.notebooks.pop(own))
                break
    if path.name in contents.extras and path.is_file():
        platform = _MOODLE.fullmatch(path.name) or _CANVAS.fullmatch(path.name)
        name = platform["file"] if platform else path.name.partition("_")[2]
        contents.extras[name or path.name] = contents.extras.pop(path.name)
    return contents


def _merge(into: Contents, more: Contents) -> None:
    into.notebooks.update(more.notebooks)
    into.extras.update(more.extras)
    into.others += more.others
    into.problems += more.problems
    into.timestamp = into.timestamp or more.timestamp
