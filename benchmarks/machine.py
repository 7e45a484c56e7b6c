"""The machine that the figures come from."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def description() -> dict[str, str]:
    """Processor, cores, system and Python, in words."""
    return {
        "processor": _processor(),
        "cores": str(cores()),
        "system": platform.platform(),
        "Python": platform.python_version(),
    }


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or platform.machine()
    pairs = (line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
    fields = {name.strip(): value.strip() for name, value in pairs}
    numbers = [f"{name} {fields[name]}" for name in ("cpu family", "model") if name in fields]
    return ", ".join([fields.get("model name", platform.machine()), *numbers])
