"""Start the warm interpreter, and have it fork a process into a sandbox of its own for each submission."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

import nnlab
from nnlab.grading.sandbox.bubblewrap import PATIENCE, Bubblewrap, SandboxError
from nnlab.grading.sandbox.inside.channel import Channel
from nnlab.grading.sandbox.limits import Limits

KINDS = ("bwrap", "none")
FIRST_USER = 0x70000000
_started = itertools.count()


class WarmInterpreter:
    """A clean Python that holds NumPy and forks on demand; ``address`` is where ``enter`` finds it.

    It is a new program with an empty environment, so its memory holds no tests, no solutions and no secrets to inherit.
    """

    def __init__(self, preload: tuple[str, ...] = ()) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="nnlab-")
        self.address = str(Path(self._folder.name) / "warm")
        here = Path(__file__).parent
        site = {
            str(Path(spec.origin).parent.parent)
            for spec in map(importlib.util.find_spec, ("numpy",))
            if spec and spec.origin
        }
        ready, say_ready = os.pipe()
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen(64)
            options = {
                "listener": listener.fileno(),
                "ready": say_ready,
                "digits": str(digits_file()),
                "preload": preload,
            }
            code = f"import sys; sys.path[:0] = [{str(here)!r}]; sys.path += {sorted(site)!r}; "
            code += "from inside.zygote import main; sys.path[:1] = []; main()"
            environment = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", code, json.dumps(options)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[listener.fileno(), say_ready],
                env={**environment, "MPLBACKEND": "Agg", "MPLCONFIGDIR": self._folder.name, "HOME": self._folder.name},
                start_new_session=True,
            )
        os.close(say_ready)
        with os.fdopen(ready, "rb") as file:
            if file.read(1) != b"r":
                self.close()
                raise SandboxError("the interpreter that runs submissions did not start; its error is above")

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it; processes it forked live on until their own sandboxes end."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()

    def __enter__(self) -> WarmInterpreter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Process:
    """One process of one submission, in its sandbox; ``channel`` speaks with it."""

    def __init__(self, address: str, kind: str, limits: Limits) -> None:
        if kind not in KINDS:
            raise ValueError(f"sandbox must be one of {', '.join(KINDS)}, got {kind!r}")
        self._home = None if kind == "bwrap" else tempfile.TemporaryDirectory(prefix="nnlab-unsafe-")
        self._sandbox = Bubblewrap(limits, (digits_file(),)) if kind == "bwrap" else None
        self._status, report = os.pipe()
        order = {
            "sandboxed": kind == "bwrap",
            "new_user": bool(self._sandbox and self._sandbox.new_user),
            "user": _user() if self._sandbox and not self._sandbox.new_user else None,
            "home": self._home and self._home.name,
            "limits": limits.as_dict(),
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
        return _words(int(lines["ended"])) if "ended" in lines else ""

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
        self.channel.connection.close()
        os.close(self._status)
        if self._home:
            self._home.cleanup()


def digits_file() -> Path:
    """The digits data set, the one file of nnlab that a submission may read."""
    return Path(nnlab.__path__[0], "datasets", "digits.npz")


def _user() -> int:
    """A user of its own for each process, so that none can signal or count against another; for root alone."""
    number = FIRST_USER + (os.getpid() & 0xFFFFF) * 256 + next(_started) % 256
    ranges = (line.split() for line in Path("/proc/self/uid_map").read_text().splitlines())
    if any(int(first) <= number < int(first) + int(count) for first, _, count in ranges):
        return number
    return 20_000 + number % 40_000


def _words(status: int) -> str:
    """An exit status as a student would want to read it."""
    if status >= 0:
        return f"it ended itself with exit status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
    reasons = {"SIGSEGV": "memory was misused or the recursion went too deep", "SIGXCPU": "no processor time was left"}
    reasons |= {"SIGKILL": "it was stopped from outside, or used up its processor time", "SIGABRT": "it gave up"}
    return f"it was ended by {name}" + (f": {reasons[name]}" if name in reasons else "")
