"""A file from the internet, once: kept in a cache, resumed when a download breaks off, checked before it is used."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CHUNK = 1 << 16
PARTIAL_CONTENT, RANGE_NOT_SATISFIABLE = 206, 416


def cache_folder() -> Path:
    """Where downloads are kept: ``$NNLAB_CACHE`` if it is set, else the system's own folder for caches."""
    if chosen := os.environ.get("NNLAB_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "nnlab"


def fetch(name: str, mirrors: Sequence[str], sha256: str, size: int, folder: Path, timeout: float = 30.0) -> Path:
    """The path of ``folder/name``, downloaded from the first mirror that serves it unless it is there already.

    Mirrors are addresses of folders that end in "/". What arrived before a connection broke stays in ``name.part``, and
    the next attempt asks for the rest. The file gets its name only when its size and SHA-256 are right, in one step, so
    no other process ever sees half of it. Raises ConnectionError with what each mirror answered when none served it.
    """
    from http.client import HTTPException

    path = folder / name
    if path.exists() and _is_right(path, sha256, size):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{name}.part"
    failures = []
    waiting = list(mirrors)
    while waiting:
        address, resumed = waiting[0] + name, part.exists()
        try:
            _download(address, part, size, timeout)
        except (OSError, HTTPException) as error:
            failures.append(f"{address}: {error or type(error).__name__}")
            del waiting[0]
            continue
        if _is_right(part, sha256, size):
            os.replace(part, path)
            return path
        part.unlink()
        if not resumed:  # else what was wrong may be what was there before: ask the same mirror for all of it
            failures.append(f"{address}: the file has another checksum or size than the data set's")
            del waiting[0]
    raise ConnectionError("\n".join(failures) or "no mirrors were given")


def _download(address: str, part: Path, size: int, timeout: float) -> None:
    """Append to ``part`` what it lacks; start again where the server does not send the rest alone."""
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    have = part.stat().st_size if part.exists() else 0
    if have >= size:
        part.unlink()
        have = 0
    headers = {"User-Agent": "nnlab", "Accept-Encoding": "identity"}
    try:
        response = urlopen(Request(address, headers=headers | _range(have)), timeout=timeout)
    except HTTPError as error:
        if error.code != RANGE_NOT_SATISFIABLE:
            raise
        have = 0
        response = urlopen(Request(address, headers=headers), timeout=timeout)
    with response:
        resumed = _starts_at(response, have)
        with part.open("ab" if resumed else "wb") as file:
            left = size - (have if resumed else 0)
            # one byte more than is due shows that the file is too long, without storing all of it
            while left >= 0 and (chunk := response.read(min(CHUNK, left + 1))):
                file.write(chunk)
                left -= len(chunk)
    if left > 0:
        raise ConnectionError(f"the connection ended {left} bytes early")


def _range(have: int) -> dict[str, str]:
    return {"Range": f"bytes={have}-"} if have else {}


def _starts_at(response: Any, have: int) -> bool:
    """Whether the answer is the rest of the file from byte ``have`` on, rather than the whole of it."""
    content_range = response.headers.get("Content-Range", "")
    return bool(have) and response.status == PARTIAL_CONTENT and content_range.startswith(f"bytes {have}-")


def _is_right(path: Path, sha256: str, size: int) -> bool:
    import hashlib

    if path.stat().st_size != size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
