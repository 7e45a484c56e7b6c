"""The machine that the figures come from."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path


def description() -> str:
    """Processor, cores, graphics card, system and Python, in words."""
    count = cores()
    words = [_processor(), f"{count} core{'s' * (count > 1)}", *_graphics(), platform.platform(terse=True)]
    return ", ".join([*words, f"Python {platform.python_version()}"])


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> str:
    """How many processes were running or ready to run in the last minute, where the system tells."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or platform.machine()
    pairs = (line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
    fields = {name.strip(): value.strip() for name, value in pairs}
    numbers = [f"{name} {fields[name]}" for name in ("cpu family", "model") if name in fields]
    return " ".join([fields.get("model name", platform.machine()), *([f"({', '.join(numbers)})"] if numbers else [])])


def _graphics() -> list[str]:
    try:
        query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
        return subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip().splitlines()[:1]
    except (OSError, subprocess.CalledProcessError):
        return []
