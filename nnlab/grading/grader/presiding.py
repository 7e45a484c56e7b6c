"""The judges' process: everything the tests need is in its memory, and it forks a judge for each notebook.

    python -m nnlab.grading.grader.presiding LISTENER IMPORTS

LISTENER is the number of a listening socket, IMPORTS a JSON list of import statements to run beforehand.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import resource
import select
import shutil
import signal
import socket
import sys

import numpy as np

from nnlab.grading import misconceptions
from nnlab.grading.grader.framing import receive, send
from nnlab.grading.grader.judging import Job, judge
from nnlab.grading.sandbox import Limits, SandboxError
from nnlab.grading.sandbox.bubblewrap import command as sandbox_command

PR_SET_PDEATHSIG = 1
COLLECT_AFTER = 20_000  # new objects: a judge is short-lived, and makes few cycles


def serve(listener: socket.socket) -> None:
    """Fork a judge for each connection, until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        ready, _, _ = select.select([listener.fileno(), 0], [], [])
        if 0 in ready:
            # Whoever started this may have been killed, and then nobody else clears up.
            shutil.rmtree(os.path.dirname(listener.getsockname()), ignore_errors=True)
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            try:
                listener.close()
                _preside(connection)
            finally:
                os._exit(0)
        connection.close()


def prepare(imports: list[str]) -> None:
    """Import what tests will need, so that no judge has to."""
    for line in imports:
        with contextlib.suppress(Exception):
            exec(line, {})
    for module in pkgutil.iter_modules(misconceptions.__path__, f"{misconceptions.__name__}."):
        importlib.import_module(module.name)
    with contextlib.suppress(SandboxError):
        sandbox_command(Limits(), (), os.geteuid() != 0)  # looks up, once, which files the sandboxes show
    # A collection in a judge would write to, and so copy, every page it shares with the others.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def _preside(connection: socket.socket) -> None:
    """Judge the one job that comes over this connection."""
    # Whoever ends the server, even by SIGKILL, ends its judges; their sandboxes end with them.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    send(connection, str(os.getpid()).encode())
    job = Job.from_text(receive(connection).decode())
    # Tests work on what a student returned; that must not take the machine's memory.
    room = 2 * Limits().with_changes(**job.limits).memory_bytes + (2 << 30)
    resource.setrlimit(resource.RLIMIT_AS, (room, resource.getrlimit(resource.RLIMIT_AS)[1]))
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    np.random.seed()  # noqa: NPY002  (a fork inherits the legacy state: every student would get the same numbers)
    try:
        answer = judge(job).as_dict()
    except SandboxError as problem:
        answer = {"problem": str(problem)}
    send(connection, json.dumps(answer).encode())


if __name__ == "__main__":
    prepare(json.loads(sys.argv[2]))
    serve(socket.socket(fileno=int(sys.argv[1])))
