"""What importing nnlab adds to NumPy's import, and what a training step allocates."""

from __future__ import annotations

import statistics
import subprocess
import tracemalloc
from pathlib import Path

from benchmarks.contestants.with_nnlab import start
from benchmarks.environment import ROOT
from benchmarks.problems import PROBLEMS

IMPORT = """
import time
start = time.process_time()
import numpy
middle = time.process_time()
import nnlab
print(middle - start, time.process_time() - middle)
"""


def import_seconds(python: Path, times: int = 11) -> tuple[float, float]:
    """Median processor seconds of ``import numpy``, and of ``import nnlab`` after it, in fresh processes."""
    runs = []
    for _ in range(times + 1):  # the first one writes the compiled bytecode
        run = subprocess.run([str(python), "-c", IMPORT], cwd=ROOT, capture_output=True, text=True, check=True)
        runs.append([float(word) for word in run.stdout.split()])
    numpy, nnlab = zip(*runs[1:], strict=True)
    return statistics.median(numpy), statistics.median(nnlab)


def step_bytes(problem: str, steps: int = 500) -> tuple[int, float]:
    """(the most bytes that were allocated at one time during a step, bytes kept a step), once training has begun."""
    train = start(PROBLEMS["cpu"][problem], "plain")
    train(50, False)
    tracemalloc.start()
    train(50, False)
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    train(steps, False)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak - before, (after - before) / steps
