"""A control group a submission: memory, processes and processor time bounded for all of it together.

Resource limits bound each process by its address space; a control group bounds what is really used, pages of files in
/tmp and the kernel's own buffers included. It can be had where a subtree of the second version of control groups is
delegated to this process: within ``systemd-run --user --scope -p Delegate=yes``, or in a container that may write its
own. Elsewhere the resource limits stand alone.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from functools import cache
from pathlib import Path

from nnlab.grading.sandbox.limits import Limits

ROOT = Path("/sys/fs/cgroup")
CONTROLLERS = frozenset({"memory", "pids"})
PERIOD = 100_000
LEAF = "nnlab-grader"
_made = itertools.count()


class ControlGroup:
    """One submission's group below ``parent``: whoever is in its ``cgroup.procs`` is bounded, and ended by ``close``.

    Raises OSError where the group cannot be made.
    """

    def __init__(self, parent: Path, limits: Limits) -> None:
        self.path = parent / f"nnlab-{os.getpid()}-{next(_made)}"
        self.path.mkdir()
        memory = limits.memory_bytes + limits.disk_bytes
        wanted = {"memory.max": memory, "memory.swap.max": 0, "memory.oom.group": 1, "pids.max": limits.threads + 2}
        for name, value in {**wanted, "cpu.max": f"{PERIOD} {PERIOD}"}.items():
            if (self.path / name).exists() or name in ("memory.max", "pids.max"):
                (self.path / name).write_text(str(value))

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the kernel ended a process of the group for want of memory."""
        try:
            events = dict(line.split() for line in (self.path / "memory.events").read_text().splitlines())
        except OSError:
            return False
        return int(events.get("oom_kill", 0)) > 0

    def close(self) -> None:
        """End every process in the group, and remove it."""
        with contextlib.suppress(OSError):
            (self.path / "cgroup.kill").write_text("1")
        for _ in range(100):
            try:
                self.path.rmdir()
                return
            except FileNotFoundError:
                return
            except OSError:  # processes in it are still ending
                time.sleep(0.01)


def group_for(limits: Limits) -> ControlGroup | None:
    """A group for a submission, or None where there is none to be had."""
    above = parent()
    with contextlib.suppress(OSError):
        return ControlGroup(above, limits) if above else None
    return None


@cache
def parent() -> Path | None:
    """The group below which this process may make others, or None where there is none."""
    return delegated(ROOT, Path("/proc/self/cgroup").read_text()) if Path("/proc/self/cgroup").exists() else None


def delegated(root: Path, own: str) -> Path | None:
    """The same for a hierarchy at ``root`` and the text of ``/proc/self/cgroup``.

    A group that hands controllers on may hold no process itself, so those in it move into a group of their own below.
    """
    line = next((line for line in own.splitlines() if line.startswith("0::")), "")
    group = root / line.removeprefix("0::").strip("/")
    if group.name == LEAF:
        group = group.parent
    try:
        there = set((group / "cgroup.controllers").read_text().split()) & {*CONTROLLERS, "cpu"}
        if not line or not there >= CONTROLLERS or not (group == root or _is_delegated(group)):
            return None
        (group / LEAF).mkdir(exist_ok=True)
        for process in (group / "cgroup.procs").read_text().split():
            (group / LEAF / "cgroup.procs").write_text(process)
        (group / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in sorted(there)))
        return group if os.access(group / LEAF / "memory.max", os.W_OK) else None
    except OSError:
        return None


def _is_delegated(group: Path) -> bool:
    """Whether systemd says that the group is this process's own to divide."""
    for name in ("user.delegate", "trusted.delegate"):
        with contextlib.suppress(OSError):
            if os.getxattr(group, name) == b"1":
                return True
    return False


def in_force() -> str:
    """Which kind of limits holds here, in words."""
    if parent():
        return "control groups (memory, processes, processor) and resource limits"
    return "resource limits; no control group is delegated to this process"
