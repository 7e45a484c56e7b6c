"""Judges on this machine: a clean process forked for each notebook, so that nothing is left from one to the next."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from nnlab.grading.grader.framing import receive, send
from nnlab.grading.grader.judging import Job, Judgement, unjudged
from nnlab.grading.sandbox import Limits, SandboxError, Session, WarmInterpreter
from nnlab.grading.sandbox.sockets import socket_folder

GRACE = 30.0
TRIES = 5
RENEWALS = 10


class JudgesClosed(RuntimeError):
    """Grading was interrupted; nothing is to be concluded about the submission."""


class Judges:
    """Judges notebooks, each in a process of its own; ``judge`` may be called from several threads.

    imports: the release's import statements; what they import is held ready.
    """

    def __init__(self, imports: Sequence[str] = ()) -> None:
        self._imports = list(imports)
        self._closed = False
        self._renewing = threading.Lock()
        self._renewals = 0
        self._staff = _Staff(self._imports)

    @property
    def address(self) -> str:
        """Where the warm interpreter listens."""
        return self._staff.warm.address

    def probe(self, kind: str, limits: dict[str, Any]) -> None:
        """Run a line that takes 32 MiB; raises SandboxError when there is no sandbox, or the limits let nothing run."""
        with Session(self.address, kind, Limits().with_changes(**limits)) as session:
            try:
                error = session.run(1, "import numpy; numpy.ones(1 << 22)").error
            except Exception as problem:
                error = (type(problem).__name__, str(problem), [])
        if error:
            raise SandboxError(f"nothing can run within c.Sandbox.limits = {limits}: {error[1] or error[0]}")

    def judge(self, job: Job) -> Judgement:
        """The judgement of one notebook.

        A judge that takes too long, or ends early TRIES times, fails every test for that reason. When what forks the
        judges or the sandboxes has ended, which no submission can bring about, it is started anew and the notebook
        judged again. Raises SandboxError when no sandbox can be made TRIES times (what makes one may be killed for
        want of memory, as anything may), or when those end RENEWALS times before any notebook is judged, and
        JudgesClosed after ``close``.
        """
        tries = 0
        while tries < TRIES:
            staff = self._staff
            try:
                judgement = staff.judge(job)
            except EOFError:
                tries += not self._renewed(staff)
            except SandboxError:
                tries += not self._renewed(staff)
                if tries == TRIES:
                    raise
            else:
                self._renewals = 0
                return judgement
        return unjudged(job, f"the process that ran the tests ended early {TRIES} times; it may lack memory")

    def _renewed(self, staff: _Staff) -> bool:
        """Whether the processes that failed had ended and others have taken their place."""
        with self._renewing:
            if self._closed:
                raise JudgesClosed("grading was interrupted")
            if self._staff is not staff:
                return True
            if staff.alive:
                return False
            staff.close()
            while self._renewals < RENEWALS:
                self._renewals += 1
                with contextlib.suppress(SandboxError):  # what ended the others may also end one that is starting
                    self._staff = _Staff(self._imports)
                    return True
            raise SandboxError(
                f"the processes that grade ended {RENEWALS} times in a row; this machine may lack memory"
            )

    def close(self) -> None:
        """End all judges, and with them their sandboxes."""
        with self._renewing:
            self._closed = True
            self._staff.close()

    def __enter__(self) -> Judges:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Staff:
    """The two processes that fork: one the judges, the other, ``warm``, the students' processes."""

    def __init__(self, imports: list[str]) -> None:
        self._folder = socket_folder("nnlab-judges-")
        self._address = str(Path(self._folder.name) / "judges")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address)
            listener.listen(256)
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "nnlab.grading.grader.presiding",
                    str(listener.fileno()),
                    json.dumps(imports),
                ],
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )
        try:
            self.warm = WarmInterpreter(("matplotlib.pyplot",) if any("matplotlib" in line for line in imports) else ())
        except SandboxError:
            self._end()
            raise

    @property
    def alive(self) -> bool:
        """Whether both run; a process that was killed a moment ago counts as ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)
            return False
        return self.warm.alive

    def judge(self, job: Job) -> Judgement:
        """Judge once; raises EOFError when the judge ends early."""
        patience = Limits().with_changes(**job.limits).total_seconds + GRACE
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(self._address)
            except OSError:
                raise EOFError from None
            connection.settimeout(patience)
            process = 0
            try:
                process = int(receive(connection))
                send(connection, replace(job, address=self.warm.address).as_text().encode())
                answer = json.loads(receive(connection))
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
                return unjudged(job, f"the tests took more than {patience:g} seconds in all")
        if "problem" in answer:
            raise SandboxError(answer["problem"])
        return Judgement.from_dict(answer)

    def close(self) -> None:
        self.warm.close()
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()
