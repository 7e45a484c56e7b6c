"""The warm interpreter: Python and NumPy in memory and nothing else, forked for each submission.

It never speaks with a submission. For each connection it forks a process that joins the namespaces that bubblewrap made
for that one submission, gives up its rights, and only then serves.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import traceback
from typing import Any

from . import standins
from .channel import Channel
from .lettering import draw_once
from .lockdown import keep_only, limit, lock_down, settle, silence
from .serving import run

NEW_NAMESPACES = 0x00020000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000  # mount, names, IPC, processes, network
NEW_USER = 0x10000000
LACKING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EAGAIN)


def main() -> None:
    """Listen on the socket that is standard output's number 1; end when standard input, a pipe, does."""
    options = json.loads(sys.argv[1])
    standins.install(options["digits"])
    for module in options["preload"]:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    if "matplotlib.pyplot" in sys.modules:
        draw_once()
    # A collection in a submission's process would write to, and so copy, every page it shares with the others.
    gc.collect()
    gc.freeze()
    listener = socket.socket(fileno=options["listener"])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    waiting = select.poll()
    waiting.register(listener, select.POLLIN)
    waiting.register(0, select.POLLIN | select.POLLHUP)
    with contextlib.suppress(BrokenPipeError):  # whoever started this has ended, as standard input will tell
        os.write(options["ready"], b"r")
    while True:
        ready = dict(waiting.poll())
        if 0 in ready:
            # Whoever started this may have been killed, and then nobody else clears up.
            shutil.rmtree(os.environ["HOME"], ignore_errors=True)
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            try:
                listener.close()
                _attend(connection)
            finally:
                os._exit(1)
        connection.close()


def _attend(connection: socket.socket) -> None:
    """Fork the submission's process, wait for it, and report how it ended on a pipe that it never holds."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    header, descriptors, _, _ = socket.recv_fds(connection, 4096, 2)
    order = json.loads(header)
    status, namespaces = descriptors[0], descriptors[1:]
    # Opened before the namespaces are joined, in which control groups are not to be seen.
    group = _opened(os.path.join(order["group"], "cgroup.procs")) if order["group"] else None
    if namespaces:
        _join(namespaces[0], order["new_user"])
    child = os.fork()
    if child == 0:
        try:
            if group is not None:
                with contextlib.suppress(OSError):
                    os.write(group, b"0")  # this process; what it starts stays with it
            _become(connection, order)
        except BaseException as error:
            # Of limits in which nothing can run the grader tells, in a sentence.
            if not isinstance(error, (MemoryError, ImportError)) and getattr(error, "errno", None) not in LACKING:
                traceback.print_exc()
        finally:
            os._exit(70)
    connection.close()
    os.write(status, b"started %d\n" % child)
    _, ended = os.waitpid(child, 0)
    os.write(status, b"ended %d\n" % os.waitstatus_to_exitcode(ended))


def _opened(path: str) -> int | None:
    try:
        return os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _join(process: int, new_user: bool) -> None:
    """Enter all namespaces of the process that a descriptor stands for; its root becomes ours."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(process, NEW_NAMESPACES | (NEW_USER if new_user else 0)):
        error = ctypes.get_errno()
        raise OSError(error, f"cannot join the sandbox: {os.strerror(error)}")


def _become(connection: socket.socket, order: dict[str, Any]) -> None:
    """Turn into the submission's process."""
    os.setsid()
    limits = order["limits"]
    served = socket.socket(fileno=keep_only(connection.detach()))
    if order["sandboxed"]:
        lock_down(limits, order["user"])
    else:
        limit(limits)
        settle(order["home"])
    silence()
    run(Channel(served, limits["message_bytes"]), limits)
