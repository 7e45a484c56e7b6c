"""What one submission may use: time, memory, threads, files, disk, output and messages."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

# What the system's own calls take with room to spare: a terabyte, and eleven days.
MOST = 1 << 40
MOST_SECONDS = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Limits of one submission; a course changes them in ``nbgrader_config.py`` (``c.Sandbox.limits``).

    cell_seconds, total_seconds: wall clock of one cell, and of all cells and tests together.
    cpu_seconds: processor time of one process of the submission.
    memory_bytes: address space. disk_bytes, files: all files together, which live in memory and vanish at the end.
    threads, open_files: at one time. New processes are never allowed.
    message_bytes, message_values, message_depth: of one value that crosses the border of the sandbox.
    callbacks: how often one call may call back functions it was given, such as a gradient.
    output_characters: printed by one cell. figures, figure_bytes: drawn by one cell.
    restarts: how often a submission that crashed is started again, to grade its other exercises.
    """

    cell_seconds: float = 30.0
    total_seconds: float = 300.0
    cpu_seconds: int = 240
    memory_bytes: int = 2 << 30
    disk_bytes: int = 64 << 20
    files: int = 4_096
    threads: int = 32
    open_files: int = 64
    message_bytes: int = 32 << 20
    message_values: int = 500_000
    message_depth: int = 32
    callbacks: int = 50_000
    output_characters: int = 100_001
    figures: int = 6
    figure_bytes: int = 1 << 20
    restarts: int = 20

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            whole = field.name not in ("cell_seconds", "total_seconds")
            number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
            if not number or not value > 0:
                kind = "whole number" if whole else "number"
                raise ValueError(f"limit {field.name} must be a {kind} above 0, got {value!r}")
            most = MOST if whole else MOST_SECONDS
            if value > most:
                raise ValueError(f"limit {field.name} must be at most {most:,}, got {value!r}")

    def with_changes(self, **changes: Any) -> Limits:
        """A copy with some limits changed; raises ValueError for a limit that does not exist."""
        unknown = sorted(set(changes) - {field.name for field in fields(self)})
        if unknown:
            known = ", ".join(field.name for field in fields(self))
            raise ValueError(f"there is no limit {unknown[0]!r}; there are {known}")
        return replace(self, **changes)

    def as_dict(self) -> dict[str, int | float]:
        """Plain data, for messages and for keys of results."""
        return asdict(self)
