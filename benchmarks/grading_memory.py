"""The most memory that ``nnlab grade`` and all its processes hold together, for classes of several sizes.

    python -m benchmarks.grading_memory --students 200 1000

The class is that of tests/scale: tiny notebooks in forty kinds, right, wrong, endless, crashing and damaged. Ten times
a second the memory of the command and of every process below it is added up, in two ways: resident memory, which counts
a page once for each process that shares it, and the proportional share of Linux, which counts each page once.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import machine

EVERY = 0.1
SCALE = Path(__file__).resolve().parents[1] / "tests" / "scale"


@dataclass
class Peak:
    """The largest sums seen, in bytes; the processes at that moment; and how long grading took."""

    resident: int = 0
    proportional: int = 0
    processes: int = 0
    own: int = 0
    seconds: float = 0.0


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, nargs="+", default=[200, 1_000], help="sizes of classes")
    parser.add_argument("--jobs", type=int, default=machine.cores(), help="how many at a time (default: one a core)")
    given = parser.parse_args(arguments)
    print("| students | jobs | resident | proportional | the command alone | processes | seconds |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for students in given.students:
        peak = measure(students, given.jobs)
        sizes = " | ".join(f"{size / 2**20:,.0f} MiB" for size in (peak.resident, peak.proportional, peak.own))
        print(f"| {students:,} | {given.jobs} | {sizes} | {peak.processes} | {peak.seconds:.0f} |", flush=True)
    print(f"\n{machine.description()}, load {machine.load()}")


def measure(students: int, jobs: int) -> Peak:
    """Grade a class of that size; raises SystemExit when grading fails."""
    sys.path.insert(0, str(SCALE))
    from schools import make_course, submit_class

    with tempfile.TemporaryDirectory(prefix="nnlab-memory-") as folder:
        course = make_course(Path(folder) / "course")
        submit_class(course, students)
        command = [sys.executable, "-m", "nnlab.cli", "grade", "set", "--course", str(course), "--jobs", str(jobs)]
        said = Path(folder) / "said"
        start = time.monotonic()
        with open(said, "wb") as file:
            grading = psutil.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        peak = Peak()
        while grading.poll() is None:
            _look(grading, peak)
            time.sleep(EVERY)
        peak.seconds = time.monotonic() - start
        if grading.returncode:
            raise SystemExit(f"nnlab grade ended with {grading.returncode}:\n{said.read_text()[-2000:]}")
    return peak


def _look(grading: psutil.Process, peak: Peak) -> None:
    """Add up the memory of the process and of all below it, and keep the largest sums."""
    resident = proportional = processes = 0
    try:
        family = [grading, *grading.children(recursive=True)]
    except psutil.Error:
        return
    for process in family:
        try:
            own = process.memory_info().rss
            proportional += _proportional(process.pid)
        except (psutil.Error, OSError):
            continue  # it ended a moment ago
        resident += own
        processes += 1
        if process is grading:
            peak.own = max(peak.own, own)
    if resident > peak.resident:
        peak.resident, peak.processes = resident, processes
    peak.proportional = max(peak.proportional, proportional)


def _proportional(process: int) -> int:
    """A process's memory, each page divided by the number of processes that share it; 0 off Linux."""
    rollup = Path(f"/proc/{process}/smaps_rollup")
    if not rollup.exists():
        return 0
    return 1024 * sum(int(line.split()[1]) for line in rollup.read_text().splitlines() if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
