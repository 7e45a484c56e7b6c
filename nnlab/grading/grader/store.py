"""Results on disk, each under the fingerprint of everything that decided it, written whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import nnlab.grading
from nnlab.grading.grader.judging import Judgement


class AlreadyGrading(RuntimeError):
    """Somebody else grades this assignment at the moment."""


class Store:
    """The judgements and marks of one assignment, in ``.nnlab/ASSIGNMENT`` of the course."""

    def __init__(self, course: Path, assignment: str) -> None:
        self.folder = course / ".nnlab" / assignment

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other grader away from this assignment; raises AlreadyGrading when there is one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "lock", "wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyGrading(f"another nnlab grade is at work on {self.folder.name} of this course") from None
            yield

    def find(self, fingerprint: str) -> Judgement | None:
        """The judgement under a fingerprint, or None; a damaged file counts as none."""
        try:
            return Judgement.from_dict(json.loads((self.folder / f"{fingerprint}.json").read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, fingerprint: str, judgement: Judgement) -> None:
        """Keep a judgement."""
        write_whole(self.folder / f"{fingerprint}.json", json.dumps(judgement.as_dict()).encode())

    def recorded(self, student: str) -> str:
        """The fingerprint of the submission that the gradebook holds for a student, "" when there is none."""
        try:
            return (self.folder / "recorded" / _file_name(student)).read_text("utf-8")
        except OSError:
            return ""

    def record(self, student: str, fingerprint: str) -> None:
        """Remember that the gradebook now holds this one."""
        write_whole(self.folder / "recorded" / _file_name(student), fingerprint.encode())


def fingerprint(*parts: Any) -> str:
    """A name for whatever these parts are; equal parts, equal name."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=_plain).encode()).hexdigest()[:40]


@cache
def grader_version() -> str:
    """Changes whenever the grader, the checks or the core they compare with change."""
    digest = hashlib.sha256(np.__version__.encode())
    for path in sorted(Path(nnlab.__path__[0]).rglob("*.py")):
        if "widgets" not in path.parts and "plots" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that whoever reads it, also after a crash, sees all of it or the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # What a crash leaves under this name, the next run writes over.
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(part, mode)
    os.replace(part, path)


def _file_name(student: str) -> str:
    """Students' names may hold what file names may not."""
    return hashlib.sha256(student.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(f"{type(value).__name__} has no fingerprint")
