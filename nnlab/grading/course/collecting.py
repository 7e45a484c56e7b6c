"""Collect what a learning platform lets an instructor download: one notebook a student, under its right name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.plugins import ExtractorPlugin
from nbgrader.utils import parse_utc

from nnlab.grading.course.archives import ARCHIVES, Contents, look_into
from nnlab.grading.course.misnamed import choose
from nnlab.grading.course.notebooks import released, stand_in

# What nbgrader reads in the names of extracted files, for c.FileNameCollectorPlugin.named_regexp.
NAMES = r".*[/\\](?P<student_id>[^/\\]+)[/\\](?P<file_id>[^/\\]+?)(@(?P<timestamp>\d{8}T\d{6}Z))?\.ipynb$"

# Names of single files and folders as Moodle and Canvas write them.
_MOODLE = re.compile(r"(?P<student>.+?)_\d+_assignsubmission_file.*")
_CANVAS = re.compile(r"(?P<student>[^_]+)(_LATE)?_\d+_\d+_.+")


class CollectNotebooks(ExtractorPlugin):
    """nbgrader's extractor plug-in for zip_collect.

    Everything in ``downloaded/ASSIGNMENT/archive`` is one submission: ``STUDENT.zip``, a folder ``STUDENT``, a file
    ``STUDENT_notebook.ipynb``, or what Moodle and Canvas make of these. Of each it writes
    ``extracted/STUDENT/notebook.ipynb``, or ``notebook@TIME.ipynb`` where a ``timestamp.txt`` says when it was handed
    in; NAMES reads these names. A student without a usable notebook gets one that says why, and so is graded 0 with a
    reason. What belongs to no student is reported and left alone.
    """

    def extract(self, archive_path: str, extracted_path: str) -> None:
        course, assignment = self.parent.coursedir, self.parent.coursedir.assignment_id
        releases = released(Path(course.format_path(course.release_directory, ".", assignment)))
        if not releases:
            self.parent.fail("release/%s has no notebook: run nbgrader generate_assignment %s", assignment, assignment)
        submissions: dict[str, Contents] = {}
        for path in sorted(Path(archive_path).iterdir()):
            if path.name.startswith("."):
                continue
            student = student_of(path, assignment, releases)
            if student is None:
                self.log.warning("%s: whose is it? Call it STUDENT_%s", path.name, path.name)
                continue
            _merge(submissions.setdefault(student, Contents()), _named(look_into(path), releases))
        for student, contents in submissions.items():
            folder = Path(extracted_path) / student
            folder.mkdir(parents=True, exist_ok=True)
            time = self.time(student, contents.timestamp)
            for name, release in releases.items():
                (folder / f"{name}{time}.ipynb").write_bytes(self.pick(student, name, release, contents))
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
            found = [*contents.notebooks, *contents.others]
            reasons = [f"There is no {name}.ipynb. Handed in: {', '.join(found[:8]) or 'no file'}.", *contents.problems]
            reason = " ".join(part if part.endswith(".") else part + "." for part in reasons)
            self.log.warning("%s: %s", student, reason)
            return nbformat.writes(stand_in(reason)).encode()
        if Path(chosen).stem != name:
            self.log.warning("%s: %s is taken for %s.ipynb", student, chosen, name)
        return contents.notebooks[chosen]


def student_of(path: Path, assignment: str, notebooks: Iterable[str]) -> str | None:
    """The student a downloaded file or folder belongs to, by its name; None when the name does not say.

    ``ada.zip``, ``ada_ps1.zip``, ``ps1_ada.zip``, ``ada_backpropagation.ipynb`` and ``ada/`` are all ada's.
    """
    for pattern in (_MOODLE, _CANVAS):
        found = pattern.fullmatch(path.name)
        if found:
            return found["student"]
    stem = path.name
    while not path.is_dir() and Path(stem).suffix.lower() in (".ipynb", *ARCHIVES):
        stem = Path(stem).stem
    known = [assignment, *notebooks]
    for word in known:
        stem = stem.removesuffix(f"_{word}").removeprefix(f"{word}_")
    if path.suffix.lower() == ".ipynb":
        stem = stem.partition("_")[0]
    return None if stem in ("", ".", "..", *known) else stem


def _named(contents: Contents, notebooks: Iterable[str]) -> Contents:
    """``ada_backpropagation.ipynb`` is backpropagation.ipynb: what stands before it is only whose it is."""
    for path in list(contents.notebooks):
        for name in notebooks:
            if path.endswith(f"_{name}.ipynb"):
                contents.notebooks.setdefault(f"{name}.ipynb", contents.notebooks.pop(path))
                break
    return contents


def _merge(into: Contents, more: Contents) -> None:
    into.notebooks.update(more.notebooks)
    into.others += more.others
    into.problems += more.problems
    into.timestamp = into.timestamp or more.timestamp
