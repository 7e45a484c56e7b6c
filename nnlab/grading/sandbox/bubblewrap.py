"""One bubblewrap a submission: its file system, its namespaces, and a process that holds them open."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path

from nnlab.grading.sandbox.limits import Limits
from nnlab.grading.sandbox.packages import package_paths, python_paths, system_paths

DEVICES = ("null", "zero", "full", "random", "urandom")
PATIENCE = 20


class SandboxError(RuntimeError):
    """The sandbox cannot be had on this machine; the message says why and what to do."""


class Bubblewrap:
    """Namespaces made by ``bwrap`` and held open by ``cat`` until ``close``.

    ``cat`` echoes one byte when everything is in place, and ends when its input does, so that the sandbox also goes
    when this process is killed. ``process`` is a descriptor of it, which the warm interpreter's child joins.
    """

    def __init__(self, limits: Limits, files: tuple[Path, ...] = ()) -> None:
        self.new_user = os.geteuid() != 0
        reading, writing = os.pipe()
        try:
            self._bwrap = subprocess.Popen(
                [*command(limits, files, self.new_user), "--info-fd", str(writing), "--", holder()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[writing],
                env={},
                bufsize=0,
            )
        finally:
            os.close(writing)
        said = b""
        with os.fdopen(reading, "rb", buffering=0) as info:
            while b"}" not in said and (part := info.read(4096)):
                said += part
        assert self._bwrap.stdin and self._bwrap.stdout and self._bwrap.stderr
        with contextlib.suppress(OSError):
            self._bwrap.stdin.write(b"r")
        if self._bwrap.stdout.read(1) != b"r":
            reason = self._bwrap.stderr.read().decode(errors="replace").strip()
            self.close()
            raise SandboxError(
                f"bubblewrap cannot make a sandbox here: {reason or 'no reason given'}. "
                "User namespaces may be switched off on this machine; its administrator can allow them."
            )
        self.process = os.pidfd_open(json.loads(said)["child-pid"])

    def close(self) -> None:
        """End every process in the sandbox, and remove all it wrote."""
        if hasattr(self, "process"):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.process, signal.SIGKILL)
            # Process 1 ends after all others of its sandbox have.
            select.select([self.process], [], [], PATIENCE)
            os.close(self.process)
            del self.process
        self._bwrap.kill()
        self._bwrap.communicate()


@cache
def command(limits: Limits, files: tuple[Path, ...], new_user: bool) -> tuple[str, ...]:
    """The bubblewrap command: an empty root that holds read-only libraries and a small private /tmp, no network."""
    arguments = [program(), "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv", "--cap-drop", "ALL"]
    arguments += [f"--unshare-{kind}" for kind in (*(("user",) if new_user else ()), "ipc", "pid", "net", "uts")]
    # /tmp comes first, so that a Python installed somewhere below it is shown on top of it.
    arguments += ["--size", str(limits.disk_bytes), "--perms", "1777", "--tmpfs", "/tmp"]
    library, hidden = python_paths()
    binds = _Tree(Path("/tmp"))
    binds.show(*system_paths(), *library)
    for path in hidden:
        binds.arguments += ["--perms", "0755", "--tmpfs", str(path)]
    binds.show(*package_paths(), *files, Path(holder()))
    for path in hidden:
        binds.arguments += ["--remount-ro", str(path)]
    arguments += binds.arguments
    for name in ("/lib", "/lib32", "/lib64"):
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
    arguments += ["--perms", "0755", "--dir", "/dev"]
    for device in DEVICES:
        arguments += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    return (*arguments, "--remount-ro", "/", "--chdir", "/tmp")


class _Tree:
    """Read-only views of paths, each at its own place. Folders on the way can be entered, and hold nothing else.

    ``made`` are folders that are there already.
    """

    def __init__(self, *made: Path) -> None:
        self.arguments: list[str] = []
        self._made: set[Path] = {Path("/"), *made}
        self._shown: set[Path] = set()

    def show(self, *paths: Path) -> None:
        """Add paths."""
        for path in paths:
            for parent in reversed(path.parents):
                if parent not in self._made and not self._shown.intersection([parent, *parent.parents]):
                    self.arguments += ["--perms", "0755", "--dir", str(parent)]
                    self._made.add(parent)
            self.arguments += ["--ro-bind", str(path), str(path)]
            self._shown.add(path)


@cache
def program() -> str:
    """The path of ``bwrap``; raises SandboxError when it is not installed."""
    found = shutil.which("bwrap", path=os.environ.get("PATH", "") + ":/usr/bin:/usr/local/bin")
    if not found:
        raise SandboxError(
            "bubblewrap is not installed, and students' code must not run without a sandbox. "
            "On Debian and Ubuntu: apt install bubblewrap"
        )
    return found


@cache
def holder() -> str:
    """The path of ``cat``, as it is within the sandbox too."""
    found = shutil.which("cat", path="/usr/bin:/bin")
    if not found:
        raise SandboxError("there is no cat in /usr/bin, which holds a sandbox open")
    return os.path.realpath(found)
