"""Time contestants in turn, round after round, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.environment import ROOT
from benchmarks.problems import PROBLEMS

CHECKED_STEPS = 50
WARM_UP_SECONDS = 0.3


class Failure(RuntimeError):
    """A contestant could not do what it was asked."""


class Worker:
    """A contestant's process, waiting for requests."""

    def __init__(self, process: subprocess.Popen[str], title: str) -> None:
        self.process, self.title = process, title

    def ask(self, **request: Any) -> dict[str, Any]:
        """The answer to a request; raises Failure where it is an error or the process is gone."""
        assert self.process.stdin and self.process.stdout
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        reply = json.loads(line) if line else {"error": f"its process ended with code {self.process.wait()}"}
        if "error" in reply:
            raise Failure(f"{self.title}: {reply['error'].splitlines()[0]}")
        return reply

    def seconds(self, problem: str, steps: int) -> float:
        """How long so many steps took."""
        return self.ask(problem=problem, steps=steps, losses=False)["seconds"]


@contextmanager
def worker(python: Path, title: str, threads: int) -> Iterator[Worker]:
    """Start a contestant's process with so many threads; with one thread it keeps to one core."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA", "NUMEXPR", "VECLIB_MAXIMUM")
    environment = os.environ | {f"{name}_NUM_THREADS": str(threads) for name in names}
    cores = [max(os.sched_getaffinity(0))] if threads == 1 and hasattr(os, "sched_getaffinity") else []
    environment |= {"NNLAB_BENCH_CORES": json.dumps(cores), "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    command = [str(python), "-m", "benchmarks.worker", title]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    try:
        yield Worker(process, title)
    finally:
        process.kill()
        process.communicate()


@dataclass
class Result:
    """Seconds a step for each problem, contestant and round; why contestants are missing."""

    threads: int
    times: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


def measure(
    python: Path,
    titles: Sequence[str],
    learns: Callable[[str], bool],
    threads: int,
    rounds: int,
    seconds: float,
    tick: Callable[[str, int], None],
) -> Result:
    """Let every contestant train for about ``seconds`` in each round; ``tick(what, timings done)`` tells of progress.

    Before that, each shows the losses of its first steps. Raises Failure when they are not those of the others.
    """
    result = Result(threads)
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(python, title, threads)) for title in titles]
        for problem in PROBLEMS:
            ready: list[tuple[Worker, int]] = []
            losses: dict[str, list[float]] = {}
            where = f"{threads} thread{'s' * (threads > 1)}, {PROBLEMS[problem].title}"
            for one in workers:
                tick(f"{where}: starting {one.title}", 0)
                try:
                    losses[one.title] = one.ask(problem=problem, steps=CHECKED_STEPS, losses=True)["losses"]
                    ready.append((one, _calibrate(one, problem, seconds)))
                except Failure as failure:
                    result.failures.append(f"{PROBLEMS[problem].title}: {failure}")
                    workers = [other for other in workers if other is not one]
            _check_losses(problem, {title: curve for title, curve in losses.items() if learns(title) and curve})
            times = result.times[problem] = {one.title: [] for one, _ in ready}
            for round_ in range(rounds):
                first = round_ % max(len(ready), 1)
                for one, steps in ready[first:] + ready[:first]:
                    times[one.title].append(one.seconds(problem, steps) / steps)
                    tick(where, 1)
        for one in workers:
            result.versions |= one.ask(versions=["numpy", "numba", "torch", "jax", "optax", "scikit-learn"])["versions"]
            break
    return result


def _calibrate(one: Worker, problem: str, seconds: float) -> int:
    """How many steps take about ``seconds``, after a warm-up."""
    steps, spent = 1, 0.0
    while spent < WARM_UP_SECONDS:
        took = one.seconds(problem, steps)
        spent += took
        steps = max(steps, min(steps * 4, int(steps * WARM_UP_SECONDS / max(took, 1e-6) / 2)))
    took = one.seconds(problem, steps)
    return max(1, round(steps * seconds / took))


def _check_losses(problem: str, losses: dict[str, list[float]]) -> None:
    """Who trains the same network from the same weights on the same batches has the same losses, up to float32."""
    reference_title = next(iter(losses))
    reference = np.array(losses[reference_title])
    for title, curve in losses.items():
        if title == "scikit-learn" and PROBLEMS[problem].sizes[-1] == 2:
            same = np.isclose(curve[0], reference[0], rtol=1e-4) and np.mean(curve[-9:]) < np.mean(curve[:9])
        else:
            same = np.allclose(curve, reference, rtol=1e-2)
        if not same:
            raise Failure(
                f"{title} does not train {PROBLEMS[problem].title} as {reference_title} does: its loss goes from "
                f"{curve[0]:.4f} to {curve[-1]:.4f}, not from {reference[0]:.4f} to {reference[-1]:.4f}"
            )
