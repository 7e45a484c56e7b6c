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

from benchmarks.contestants import CONTESTANTS
from benchmarks.environment import REQUIREMENTS, ROOT
from benchmarks.problems import PROBLEMS

CHECKED_STEPS = 50
WARM_UP_SECONDS = 0.3
THREAD_VARIABLES = ("OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "NUMBA_NUM", "NUMEXPR_NUM", "VECLIB_MAXIMUM")


class Failure(RuntimeError):
    """A contestant could not do what it was asked."""


@dataclass
class Worker:
    """A contestant's process, waiting for requests."""

    process: subprocess.Popen[str]
    title: str
    processor_time: bool

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

    def train(self, problem: str, steps: int, losses: bool = False) -> dict[str, Any]:
        """Train so many steps on: {"seconds": …, "losses": …}."""
        return self.ask(problem=problem, steps=steps, losses=losses, processor_time=self.processor_time)

    def steps_in(self, problem: str, seconds: float) -> int:
        """About how many steps take so long, after a warm-up."""
        steps, spent, took = 1, 0.0, 0.0
        while spent < WARM_UP_SECONDS:
            took = self.train(problem, steps)["seconds"]
            spent += took
            steps = max(1, min(4 * steps, round(steps * WARM_UP_SECONDS / max(took, 1e-9))))
        return max(1, round(steps * seconds / self.train(problem, steps)["seconds"]))


@contextmanager
def worker(python: Path, device: str, title: str, threads: int) -> Iterator[Worker]:
    """Start a contestant's process with so many threads.

    With one thread it keeps to one core and is timed by the processor's time, which the machine's other work does not
    add to. With more it is timed by the clock.
    """
    alone = threads == 1 and device == "cpu"
    cores = [max(os.sched_getaffinity(0))] if alone and hasattr(os, "sched_getaffinity") else []
    environment = os.environ | {f"{name}_THREADS": str(threads) for name in THREAD_VARIABLES}
    environment |= {
        "NNLAB_BENCH_CORES": json.dumps(cores),
        "PYTHONPATH": str(ROOT),
        "JAX_PLATFORMS": "cpu",
    }
    process = subprocess.Popen(
        [str(python), "-m", "benchmarks.worker", device, title],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        yield Worker(process, title, processor_time=alone)
    finally:
        process.kill()
        process.communicate()


@dataclass
class Result:
    """Seconds a step by problem, contestant and round; why contestants are missing; versions of the libraries."""

    threads: int
    times: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


def measure(
    python: Path,
    device: str,
    titles: Sequence[str],
    threads: int,
    rounds: int,
    seconds: float,
    tell: Callable[[str, int], None],
) -> Result:
    """Let every contestant train for about ``seconds`` in each round; ``tell(what, timings done)`` shows progress.

    Before that, each shows the losses of its first steps. Raises Failure when they are not those of the others.
    """
    result = Result(threads)
    with ExitStack() as stack:
        workers = [stack.enter_context(worker(python, device, title, threads)) for title in titles]
        for problem in PROBLEMS[device]:
            where = f"{threads} thread{'s' * (threads > 1)}, {PROBLEMS[device][problem].title}"
            ready: list[tuple[Worker, int]] = []
            losses: dict[str, list[float]] = {}
            for one in workers:
                tell(f"{where}: starting {one.title}", 0)
                try:
                    losses[one.title] = one.train(problem, CHECKED_STEPS, losses=True)["losses"]
                    ready.append((one, one.steps_in(problem, seconds)))
                except Failure as failure:
                    result.failures.append(f"{PROBLEMS[device][problem].title}: {failure}")
                    tell(where, rounds)
            check_losses(device, problem, losses)
            times = result.times[problem] = {one.title: [] for one, _ in ready}
            for number in range(rounds):
                first = number % max(len(ready), 1)
                for one, steps in ready[first:] + ready[:first]:
                    times[one.title].append(one.train(problem, steps)["seconds"] / steps)
                    tell(where, 1)
        lines = REQUIREMENTS[device].read_text(encoding="utf-8").splitlines()
        names = [line.partition("==")[0] for line in lines if "==" in line]
        result.versions = workers[0].ask(versions=names)["versions"]
    return result


def check_losses(device: str, problem: str, losses: dict[str, list[float]]) -> None:
    """Who trains the same network from the same weights on the same batches has the same losses, up to float32."""
    learners = [title for title in losses if CONTESTANTS[device][title].learns]
    for title in learners[1:]:
        expected, got = np.array(losses[learners[0]]), np.array(losses[title])
        if title == "scikit-learn" and PROBLEMS[device][problem].sizes[-1] == 2:
            # it starts from the same function, but with one output where the others have two it takes other steps
            same = np.isclose(got[0], expected[0], rtol=1e-4) and got[-9:].mean() < got[:9].mean()
        else:
            same = np.allclose(got, expected, rtol=1e-2)
        if not same:
            raise Failure(
                f"{title} does not train {PROBLEMS[device][problem].title} as {learners[0]} does: its loss goes from "
                f"{got[0]:.4f} to {got[-1]:.4f}, not from {expected[0]:.4f} to {expected[-1]:.4f}"
            )
