"""Judges at work: a clean process forked for each notebook, so that nothing is left from one to the next."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from nnlab.grading.grader.judging import Job, Judgement, judge, unjudged
from nnlab.grading.sandbox import Limits, SandboxError, Session, WarmInterpreter

GRACE = 30.0
PR_SET_PDEATHSIG = 1
_LENGTH = struct.Struct("<Q")


class JudgesClosed(RuntimeError):
    """Grading was interrupted; nothing is to be concluded about the submission."""


class Judges:
    """Judges notebooks, each in a process of its own; ``judge`` may be called from several threads.

    preload: modules that submissions import, held ready in the warm interpreter.
    """

    def __init__(self, preload: tuple[str, ...] = ()) -> None:
        self._closed = False
        self._warm = WarmInterpreter(preload)
        self._folder = tempfile.TemporaryDirectory(prefix="nnlab-judges-")
        self._address = str(Path(self._folder.name) / "judges")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address)
            listener.listen(64)
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(listener.fileno())],
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )

    @property
    def address(self) -> str:
        """Where the warm interpreter listens; goes into a Job."""
        return self._warm.address

    def probe(self, kind: str, limits: dict[str, Any]) -> None:
        """Open and close one sandbox; raises SandboxError when this machine has none."""
        Session(self.address, kind, Limits().with_changes(**limits)).close()

    def judge(self, job: Job) -> Judgement:
        """The judgement of one notebook.

        A judge that takes too long, or ends early twice, fails every test for that reason. Raises SandboxError when
        this machine cannot run the sandbox, and JudgesClosed after ``close``.
        """
        for _ in range(2):
            with contextlib.suppress(EOFError):
                return self._judge_once(job)
            if self._closed:
                raise JudgesClosed("grading was interrupted")
        return unjudged(job, "the process that ran the tests ended early twice; it may have run out of memory")

    def _judge_once(self, job: Job) -> Judgement:
        patience = Limits().with_changes(**job.limits).total_seconds + GRACE
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(self._address)
            except OSError:
                raise EOFError from None
            connection.settimeout(patience)
            process = 0
            try:
                process = _LENGTH.unpack(_read(connection, _LENGTH.size))[0]
                _send(connection, _job_text(job))
                answer = json.loads(_receive(connection))
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
                return unjudged(job, f"the tests took more than {patience:g} seconds in all")
        if "problem" in answer:
            raise SandboxError(answer["problem"])
        return Judgement.from_dict(answer)

    def close(self) -> None:
        """End all judges, and with them their sandboxes."""
        self._closed = True
        self._process.kill()
        self._process.communicate()
        self._warm.close()
        self._folder.cleanup()

    def __enter__(self) -> Judges:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(listener: socket.socket) -> None:
    """Fork a judge for each connection, until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([listener.fileno(), 0], [], [])
        if 0 in ready:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            try:
                listener.close()
                _preside(connection)
            finally:
                os._exit(0)
        connection.close()


def _preside(connection: socket.socket) -> None:
    """Judge the one job that comes over this connection."""
    # Whoever ends the server, even by SIGKILL, ends its judges; their sandboxes end with them.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    connection.sendall(_LENGTH.pack(os.getpid()))
    raw = json.loads(_receive(connection))
    raw["files"] = {name: base64.b64decode(data) for name, data in raw["files"].items()}
    job = Job(**raw)
    # Tests work on what a student returned; that must not take the machine's memory.
    room = 2 * Limits().with_changes(**job.limits).memory_bytes + (2 << 30)
    resource.setrlimit(resource.RLIMIT_AS, (room, resource.getrlimit(resource.RLIMIT_AS)[1]))
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    np.random.seed()  # noqa: NPY002  (a fork inherits the legacy state: every student would get the same numbers)
    try:
        answer = judge(job).as_dict()
    except SandboxError as problem:
        answer = {"problem": str(problem)}
    _send(connection, json.dumps(answer).encode())


def _job_text(job: Job) -> bytes:
    raw = {**asdict(job), "files": {name: base64.b64encode(data).decode() for name, data in job.files.items()}}
    return json.dumps(raw).encode()


def _send(connection: socket.socket, data: bytes) -> None:
    try:
        connection.sendall(_LENGTH.pack(len(data)) + data)
    except BrokenPipeError:
        raise EOFError from None


def _receive(connection: socket.socket) -> bytes:
    return _read(connection, _LENGTH.unpack(_read(connection, _LENGTH.size))[0])


def _read(connection: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        try:
            part = connection.recv(min(count, 1 << 20))
        except ConnectionResetError:
            part = b""
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
