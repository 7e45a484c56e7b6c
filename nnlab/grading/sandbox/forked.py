"""A fork of the warm interpreter as a submission's process, in a sandbox of its own or, if so asked, in none."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import select
import signal
import socket
import tempfile
import time
from pathlib import Path

from nnlab.grading.sandbox.bubblewrap import PATIENCE, Bubblewrap, SandboxError
from nnlab.grading.sandbox.cgroups import group_for
from nnlab.grading.sandbox.endings import in_words
from nnlab.grading.sandbox.inside.channel import Channel
from nnlab.grading.sandbox.limits import Limits
from nnlab.grading.sandbox.warm import digits_file

FIRST_USER = 0x70000000
_started = itertools.count()


class ForkedProcess:
    """One process of one submission, in its sandbox; ``channel`` speaks with it."""

    def __init__(self, address: str, kind: str, limits: Limits) -> None:
        self._home = None if kind == "bwrap" else tempfile.TemporaryDirectory(prefix="nnlab-unsafe-")
        self._sandbox = Bubblewrap(limits, (digits_file(),)) if kind == "bwrap" else None
        self._group = group_for(limits) if kind == "bwrap" else None
        self._status, report = os.pipe()
        order = {
            "sandboxed": kind == "bwrap",
            "new_user": bool(self._sandbox and self._sandbox.new_user),
            "user": user_of_its_own() if self._sandbox and not self._sandbox.new_user else None,
            "home": self._home and self._home.name,
            "limits": limits.as_dict(),
            "group": str(self._group.path) if self._group else "",
        }
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(PATIENCE)
            connection.connect(self.address_checked(address))
            descriptors = [report, *([self._sandbox.process] if self._sandbox else [])]
            socket.send_fds(connection, [json.dumps(order).encode()], descriptors)
        except OSError as error:
            connection.close()
            raise SandboxError(f"the interpreter that runs submissions is gone: {error}") from error
        finally:
            os.close(report)
        self.channel = Channel(connection, limits.message_bytes)
        self._told = ""

    @staticmethod
    def address_checked(address: str) -> str:
        """The socket's path, which other users must not own: they could put an interpreter of their own there."""
        if os.stat(address).st_uid != os.geteuid():
            raise PermissionError(f"{address} belongs to another user")
        return address

    def ending(self, patience: float = 1.0) -> str:
        """How the process ended, in words; "" when it has not within ``patience`` seconds."""
        deadline = time.monotonic() + patience
        while "ended" not in self._told:
            ready, _, _ = select.select([self._status], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(self._status, 4096) if ready else b""
            self._told += part.decode()
            if not part:
                break
        lines = dict(line.split() for line in self._told.splitlines() if len(line.split()) == 2)
        if "ended" in lines and self._group and self._group.ran_out_of_memory:
            return "it was ended because it used up its memory"
        return in_words(int(lines["ended"])) if "ended" in lines else ""

    def close(self) -> None:
        """End the process, all it started, and all it wrote."""
        # An alarm that rings for a slow student, again and again, must not leave this half done.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        try:
            self._close()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _close(self) -> None:
        if self._sandbox:
            self._sandbox.close()
        else:
            self.ending(0.0)
            lines = dict(line.split() for line in self._told.splitlines())
            if "started" in lines and "ended" not in lines:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(int(lines["started"]), signal.SIGKILL)
        if self._group:
            self._group.close()
        self.channel.connection.close()
        os.close(self._status)
        if self._home:
            self._home.cleanup()


def user_of_its_own() -> int:
    """A user of its own for each process, so that none can signal or count against another; for root alone."""
    number = FIRST_USER + (os.getpid() & 0xFFFFF) * 256 + next(_started) % 256
    ranges = (line.split() for line in Path("/proc/self/uid_map").read_text().splitlines())
    if any(int(first) <= number < int(first) + int(count) for first, _, count in ranges):
        return number
    return 20_000 + number % 40_000
