"""Look into what students hand in, folders, zip and tar files, and take out notebooks and allowed files, bounded."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import IO

ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz")
LARGEST_NOTEBOOK = 20_000_000
MOST_BYTES = 200_000_000
MOST_MEMBERS = 2_000
LONGEST_NAME = 200
TIME = "timestamp.txt"
_CLUTTER = ("__MACOSX", ".ipynb_checkpoints")


@dataclass
class Contents:
    """What one submission holds: notebooks by path, other files by name, what could not be opened, and when it came.

    allowed: patterns of the names of files that are taken beside notebooks. extras: those files by path. timestamp:
    the text of ``timestamp.txt`` at the top of a folder, "" where there is none. One in an archive does not count: the
    student packed it.
    """

    allowed: tuple[str, ...] = ()
    notebooks: dict[str, bytes] = field(default_factory=dict)
    extras: dict[str, bytes] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    timestamp: str = ""

    def allows(self, name: str) -> bool:
        """Whether a file that is no notebook is taken; a time is not, as it tells how late the work is."""
        name = PurePosixPath(name).name
        plain = name.isprintable() and not set(name) & set("\\:") and len(name.encode()) <= LONGEST_NAME
        return plain and name.lower() != TIME and any(fnmatch(name, pattern) for pattern in self.allowed)

    def wants(self, name: str) -> bool:
        """Whether the content of a file in an archive is looked at."""
        return name.lower().endswith((".ipynb", *ARCHIVES)) or self.allows(name)


def look_into(path: Path, allowed: tuple[str, ...] = ()) -> Contents:
    """The contents of a file, an archive or a folder. Links are not followed and nothing is written to disk."""
    contents = Contents(allowed)
    if path.is_symlink():
        contents.problems.append(f"{path.name} is a link")
    elif path.is_dir():
        for inside in sorted(path.rglob("*")):
            if inside == path / TIME and inside.is_file() and not inside.is_symlink():
                with inside.open("rb") as file:
                    contents.timestamp = file.read(100).decode("utf-8", "replace").strip()
            elif inside.is_file() and not inside.is_symlink():
                _add(contents, str(PurePosixPath(inside.relative_to(path))), inside)
    elif path.is_file():
        _add(contents, path.name, path)
    else:
        contents.problems.append(f"{path.name} is no plain file")
    return contents


def _add(contents: Contents, name: str, path: Path) -> None:
    if path.stat().st_size > LARGEST_NOTEBOOK and not name.lower().endswith(ARCHIVES):
        contents.problems.append(f"{name} is larger than {LARGEST_NOTEBOOK // 1_000_000} MB")
    elif name.lower().endswith(ARCHIVES):
        with path.open("rb") as file:
            _open_archive(contents, name, file, depth=2)
    else:
        _sort_in(contents, name, path.read_bytes())


def _open_archive(contents: Contents, name: str, file: IO[bytes], depth: int) -> None:
    if not depth:
        contents.problems.append(f"{name} is an archive in an archive in an archive")
        return
    try:
        members = (_zipped if zipfile.is_zipfile(file) else _tarred)(file, contents.wants)
        for count, (inside, size, data) in enumerate(members):
            if count >= MOST_MEMBERS:
                contents.problems.append(f"{name} holds more than {MOST_MEMBERS} files")
                return
            if size > LARGEST_NOTEBOOK or len(data) > LARGEST_NOTEBOOK:
                contents.problems.append(f"{inside} in {name} is larger than {LARGEST_NOTEBOOK // 1_000_000} MB")
            elif inside.lower().endswith(ARCHIVES):
                _open_archive(contents, inside, io.BytesIO(data), depth - 1)
            else:
                _sort_in(contents, inside, data)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        contents.problems.append(f"{name} cannot be opened ({error or type(error).__name__})")


def _zipped(file: IO[bytes], wanted: Callable[[str], bool]) -> Iterator[tuple[str, int, bytes]]:
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.is_dir() or stat.S_ISLNK(member.external_attr >> 16):
                continue
            with archive.open(member) if wanted(member.filename) else io.BytesIO() as opened:
                yield member.filename, member.file_size, opened.read(LARGEST_NOTEBOOK + 1)


def _tarred(file: IO[bytes], wanted: Callable[[str], bool]) -> Iterator[tuple[str, int, bytes]]:
    file.seek(0)
    with tarfile.open(fileobj=file) as archive:
        for member in archive:
            if member.isfile():
                opened = archive.extractfile(member) if wanted(member.name) else None
                yield member.name, member.size, opened.read(LARGEST_NOTEBOOK + 1) if opened else b""


def _sort_in(contents: Contents, name: str, data: bytes) -> None:
    path = PurePosixPath(name)
    if path.name.startswith(".") or any(part in _CLUTTER for part in path.parts):
        return
    kept = contents.notebooks if path.suffix.lower() == ".ipynb" else contents.extras
    if kept is contents.extras and not contents.allows(name):
        contents.others.append(path.name)
    elif sum(map(len, [*contents.notebooks.values(), *contents.extras.values(), data])) > MOST_BYTES:
        contents.problems.append(f"{path.name} was left out: all files hold more than {MOST_BYTES // 1_000_000} MB")
    else:
        kept[name] = data
