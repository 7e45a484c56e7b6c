"""Leave only plain, allowed files in a submission's folder before nbgrader, which follows links, reads it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from nnlab.grading.grader.folders import read_folder
from nnlab.grading.grader.options import Sandbox, course_config

LEFT_OUT = ".left-out"


def set_aside(folder: Path, allowed: tuple[str, ...]) -> list[str]:
    """Move all but the notebooks, ``timestamp.txt`` and ``allowed`` files out of a submission's folder.

    What goes, such as links, pipes, subfolders and files that are too large, is what ``nnlab grade`` leaves out, too.
    It is renamed, never opened or followed, to ``.left-out`` beside the folder; so is a folder, or a student's folder,
    that is itself a link, and an empty one takes its place. Returns what was done, in words.
    """
    for path in (folder.parent, folder):
        if path.is_symlink():
            _move(path, path.parent / LEFT_OUT)
            folder.mkdir(parents=True)
            return [f"the folder {path.name} is a link, which grading does not follow"]
    found = read_folder(folder, allowed)
    plain = {*found.notebooks, *found.extras, *(["timestamp.txt"] if found.timestamp else [])}
    for name in sorted(set(os.listdir(folder)) - plain):
        _move(folder / name, folder.parent / LEFT_OUT / folder.name)
    return found.remarks


def allowed_files(course: Path) -> tuple[str, ...]:
    """``c.Sandbox.allowed_files`` of a course; none where it has no configuration."""
    config = course / "nbgrader_config.py"
    return _allowed(course.resolve(), config.stat().st_mtime_ns) if config.is_file() else ()


def _move(path: Path, into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    number, place = 0, into / path.name
    while os.path.lexists(place):
        number += 1
        place = into / f"{path.name}.{number}"
    os.rename(path, place)


@cache
def _allowed(course: Path, changed: int) -> tuple[str, ...]:
    return tuple(Sandbox(config=course_config(course)).allowed_files)
