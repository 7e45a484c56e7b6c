"""Give up every right this process does not need, for good, before the first line of a student's code runs."""

from __future__ import annotations

import ctypes
import errno
import os
import random
import resource
import struct
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.random  # which NumPy itself imports only when it is first used: here, before the fork

from . import seccomp

HOME = "/tmp/home"
CAPABILITY_VERSION_3 = 0x20080522
PR_CAPBSET_DROP = 24
MS_NOSUID, MS_NODEV, MS_REMOUNT = 2, 4, 32
ENVIRONMENT = {"HOME": HOME, "TMPDIR": "/tmp", "LANG": "C.UTF-8", "MPLBACKEND": "Agg", "OPENBLAS_NUM_THREADS": "1"}


def keep_only(descriptor: int) -> int:
    """Close every file but that one, which becomes number 3, and the standard ones."""
    os.dup2(descriptor, 3)
    os.closerange(4, min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 1 << 20))
    return 3


def silence() -> None:
    """Standard input and output lead nowhere from here on."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    os.close(nowhere)


def limit(limits: Mapping[str, Any]) -> None:
    """Set the resource limits, soft and hard."""
    for name, value in (
        ("RLIMIT_CPU", limits["cpu_seconds"]),
        ("RLIMIT_AS", limits["memory_bytes"]),
        ("RLIMIT_FSIZE", limits["disk_bytes"]),
        ("RLIMIT_NOFILE", limits["open_files"]),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_MEMLOCK", 0),
        ("RLIMIT_MSGQUEUE", 0),
    ):
        if hasattr(resource, name):
            resource.setrlimit(getattr(resource, name), (value, value))


def limit_files(disk_bytes: int, files: int) -> None:
    """Bound the number of files in /tmp: an empty one has no bytes, and takes memory of the kernel all the same."""
    options = f"size={disk_bytes},nr_inodes={files},mode=1777".encode()
    libc = ctypes.CDLL(None, use_errno=True)
    refused = libc.mount(b"tmpfs", b"/tmp", b"tmpfs", MS_REMOUNT | MS_NOSUID | MS_NODEV, options)
    if refused and ctypes.get_errno() == errno.EINVAL:
        raise OSError(errno.ENOSPC, f"more than {files} files are there from the start")


def drop_rights(user: int | None, threads: int) -> None:
    """Become ``user`` (None: stay), hold no capability, and start at most ``threads`` threads.

    The limit on threads counts what a user runs, so it holds where each submission has a user, or a user namespace, of
    its own.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    number = 0
    while libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0:
        number += 1
    resource.setrlimit(resource.RLIMIT_NPROC, (threads, threads))
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    header = ctypes.create_string_buffer(struct.pack("<Ii", CAPABILITY_VERSION_3, 0))
    if libc.capset(header, ctypes.create_string_buffer(24)):
        raise OSError(ctypes.get_errno(), "the kernel kept this process's capabilities")


def lock_down(limits: Mapping[str, Any], user: int | None) -> None:
    """All of it, for a process that is already in its own namespaces."""
    os.umask(0o077)
    limit_files(limits["disk_bytes"], limits["files"])
    limit(limits)
    drop_rights(user, limits["threads"])
    settle()
    seccomp.install()


def settle(home: str = HOME) -> None:
    """Move into an empty home, with an environment and random numbers of its own."""
    os.makedirs(home, exist_ok=True)
    os.chdir(home)
    os.environ.clear()
    os.environ.update(ENVIRONMENT, HOME=home)
    sys.argv = [""]
    # plt.show() has nowhere to show; the figures are kept after the cell.
    warnings.filterwarnings("ignore", ".*non-interactive", UserWarning)
    random.seed()
    np.random.seed()  # noqa: NPY002  (a fork would share the legacy state with every other submission)
