"""Folders for sockets, whose addresses the operating system limits to about a hundred bytes."""

from __future__ import annotations

import tempfile

LONGEST_FOLDER = 60


def socket_folder(prefix: str) -> tempfile.TemporaryDirectory[str]:
    """A new private folder whose path is short enough for a socket in it: in /tmp where TMPDIR is too long."""
    parent = None if len(tempfile.gettempdir().encode()) <= LONGEST_FOLDER else "/tmp"
    return tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True)
