"""Read a submission's folder without following a link, and without taking more than a notebook needs."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

NOTEBOOK_BYTES = 10 << 20
FILE_BYTES = 5 << 20
TOTAL_BYTES = 30 << 20
ENTRIES = 200
OURS = {errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE, errno.ETIMEDOUT}


@dataclass
class Folder:
    """The plain files of one submission. notebooks, extras: contents by name. remarks: what was left out, and why.

    unreadable: those of the remarks that are this machine's fault and not the student's.
    """

    notebooks: dict[str, bytes] = field(default_factory=dict)
    extras: dict[str, bytes] = field(default_factory=dict)
    timestamp: str = ""
    remarks: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def leave_out(self, what: str, error: OSError) -> None:
        """Remark that something cannot be read."""
        self.remarks.append(f"{what} cannot be read: {error.strerror}")
        if error.errno in OURS:
            self.unreadable.append(self.remarks[-1])


def read_folder(path: Path, allowed: tuple[str, ...] = ()) -> Folder:
    """Read the notebooks at the top of a folder, ``timestamp.txt``, and the other files whose names match ``allowed``.

    Links, devices, pipes and subfolders are left out with a remark. Every file is opened without following links and
    measured before it is read; not more than its limit is read, and not more than TOTAL_BYTES in all. A folder that is
    itself a link, or is missing, gives an empty one.
    """
    folder = Folder()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        folder.leave_out("the folder", error)
        return folder
    try:
        with os.scandir(descriptor) as entries:
            names = [entry.name for entry, _ in zip(entries, range(ENTRIES + 1), strict=False)]
        if len(names) > ENTRIES:
            folder.remarks.append(f"it holds more than {ENTRIES} files; the others were left out")
        for name in sorted(names[:ENTRIES]):
            _take(folder, descriptor, name, allowed)
    finally:
        os.close(descriptor)
    return folder


def _take(folder: Folder, descriptor: int, name: str, allowed: tuple[str, ...]) -> None:
    notebook = name.endswith(".ipynb")
    if not (notebook or name == "timestamp.txt" or any(fnmatch(name, pattern) for pattern in allowed)):
        if not name.startswith("."):
            folder.remarks.append(f"{shown(name)} was left out")
        return
    taken = sum(map(len, [*folder.notebooks.values(), *folder.extras.values()]))
    try:
        data = _read(descriptor, name, min(NOTEBOOK_BYTES if notebook else FILE_BYTES, TOTAL_BYTES - taken))
    except OSError as error:
        folder.leave_out(shown(name), error)
        return
    if isinstance(data, str):
        folder.remarks.append(f"{shown(name)} {data}")
    elif notebook:
        folder.notebooks[name] = data
    elif name == "timestamp.txt":
        folder.timestamp = data.decode("utf-8", "replace").strip()[:100]
    else:
        folder.extras[name] = data


def _read(descriptor: int, name: str, limit: int) -> bytes | str:
    """A plain file's content, or why there is none; raises OSError when it cannot be opened or read."""
    try:
        # O_NONBLOCK: opening a named pipe would otherwise wait for somebody to write into it.
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=descriptor)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return "is a link, which grading does not follow"
        raise
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            return "is no plain file"
        if found.st_size > limit:
            return f"is too large: {found.st_size:,} bytes, at most {limit:,} are read"
        with os.fdopen(os.dup(file), "rb") as opened:
            data = opened.read(limit + 1)
        return data if len(data) <= limit else f"is larger than {limit:,} bytes"
    finally:
        os.close(file)


def shown(name: str) -> str:
    """A file's name for a message: printable, and short."""
    plain = name.encode("utf-8", "replace").decode()
    return repr(plain if len(plain) <= 80 else plain[:79] + "…")
