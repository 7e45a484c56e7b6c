"""Start a submission's process in the kind of sandbox that was asked for."""

from __future__ import annotations

from typing import Protocol

from nnlab.grading.sandbox.containers import ContainerProcess
from nnlab.grading.sandbox.forked import ForkedProcess
from nnlab.grading.sandbox.inside.channel import Channel
from nnlab.grading.sandbox.limits import Limits

KINDS = ("bwrap", "container", "none")


class Process(Protocol):
    """One process of one submission, in its sandbox; ``channel`` speaks with it."""

    channel: Channel

    def ending(self, patience: float = 1.0) -> str:
        """How the process ended, in words; "" when it has not within ``patience`` seconds."""

    def close(self) -> None:
        """End the process, all it started, and all it wrote."""


def start(address: str, kind: str, limits: Limits) -> Process:
    """A new process; raises SandboxError when this machine has no such sandbox, and ValueError for an unknown kind.

    address: where the warm interpreter listens; a container does without it.
    """
    if kind not in KINDS:
        raise ValueError(f"sandbox must be one of {', '.join(KINDS)}, got {kind!r}")
    return ContainerProcess(limits) if kind == "container" else ForkedProcess(address, kind, limits)
