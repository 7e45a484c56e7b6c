"""Find a submission's notebook under whatever name it was handed in."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from nnlab.grading.course.notebooks import Unreadable, decode, grade_ids, read, released, stand_in
from nnlab.grading.course.plainfiles import allowed_files, set_aside

log = logging.getLogger(__name__)


def choose(expected: str, release: NotebookNode, names: Sequence[str], contents: Mapping[str, bytes]) -> str | None:
    """Which of the files is the notebook ``expected``: by its name, else by its cells, else by being the only one.

    names: paths of the candidates; contents: their bytes. Returns None when nothing tells them apart.
    """
    right_name = [name for name in names if Path(name).stem == expected]
    if right_name:
        return min(right_name, key=lambda name: (name.count("/"), name))
    own_cells = [name for name in names if _cells(contents[name]) & grade_ids(release)]
    if len(own_cells) == 1:
        return own_cells[0]
    return names[0] if len(names) == 1 and not _readable(contents[names[0]]) else None


def adopt_misnamed(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's pre_convert_hook of autograde: leave plain files alone in the folder, each under its right name.

    Links and the like are set aside first. A misnamed notebook gets a copy beside it under its right name. When no file
    can be it, a stand-in that says so goes there; without either, nbgrader would grade nothing.
    """
    folder = Path(notebooks[0]).parent
    remarks = set_aside(folder, allowed_files(Path(".")))
    for remark in remarks:
        log.warning("%s: %s", folder, remark)
    notebooks[:] = [name for name in notebooks if Path(name).is_file()]
    releases = released(Path("release") / assignment)
    missing = [name for name in releases if not (folder / f"{name}.ipynb").exists()]
    strangers = sorted(name for name in notebooks if Path(name).stem not in releases)
    contents = {name: Path(name).read_bytes() for name in strangers}
    for name in missing:
        right = folder / f"{name}.ipynb"
        chosen = choose(name, releases[name], strangers, contents)
        if chosen:
            log.warning("%s is graded as %s", chosen, right.name)
            shutil.copy(chosen, right)
        else:
            handed_in = "; ".join([", ".join(Path(one).name for one in strangers) or "nothing", *remarks])
            log.warning("%s has no %s, only: %s", folder, right.name, handed_in)
            nbformat.write(stand_in(f"There is no file {right.name}. Handed in: {handed_in}."), right)
        notebooks.append(str(right))


def _cells(content: bytes) -> set[str]:
    try:
        return grade_ids(read(decode(content)))
    except Unreadable:
        return set()


def _readable(content: bytes) -> bool:
    try:
        read(decode(content))
    except Unreadable:
        return False
    return True
