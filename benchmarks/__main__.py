"""``python -m benchmarks``: time a training step of nnlab and its peers, one thread and all, and store the results."""

from __future__ import annotations

import argparse
import datetime
import os
import sys

from benchmarks import environment, machine, overheads, report
from benchmarks.contestants import CONTESTANTS
from benchmarks.measure import Failure, Result, measure
from benchmarks.problems import PROBLEMS

BASELINE = "matrix products alone"


def main() -> int:
    """Measure everything and print it; 1 when a contestant does not train what the others train."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=31, help="how often each contestant is timed")
    parser.add_argument("--seconds", type=float, default=0.1, help="how long, each time")
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, machine.cores()}))
    parser.add_argument("--only", nargs="+", metavar="WORD", help="contestants whose names hold one of these words")
    parser.add_argument("--store", default="cpu", help="the name of the results under benchmarks/results/")
    options = parser.parse_args()
    titles = [
        title
        for title in CONTESTANTS
        if title == BASELINE or not options.only or any(word.lower() in title.lower() for word in options.only)
    ]
    load = os.getloadavg()[0]
    try:
        results = run(options, titles)
    except (Failure, RuntimeError) as error:
        print(f"make bench: {error}", file=sys.stderr)
        return 1
    facts = [*about(results, load), *footprint()]
    folder = report.write(options.store, "A training step on the CPU", facts, results, BASELINE, titles, goals=True)
    print((folder / f"{options.store}.md").read_text(encoding="utf-8"))
    print(f"Stored in {folder.relative_to(environment.ROOT)}/{options.store}.md, .svg and .json")
    return 0


def run(options: argparse.Namespace, titles: list[str]) -> list[Result]:
    """One Result for each number of threads."""
    from tqdm import tqdm

    python = environment.python()
    total = len(options.threads) * len(PROBLEMS) * options.rounds * len(titles)
    with tqdm(total=total, unit="timing", smoothing=0) as bar:

        def tick(what: str, done: int) -> None:
            bar.set_description(what, refresh=not done)
            bar.update(done)

        return [
            measure(
                python, titles, lambda title: CONTESTANTS[title].learns, threads, options.rounds, options.seconds, tick
            )
            for threads in options.threads
        ]


def about(results: list[Result], load: float) -> list[str]:
    """Where, when and with what it was measured."""
    where = ", ".join(f"{name}: {value}" for name, value in machine.description().items())
    versions = ", ".join(f"{name} {version}" for name, version in results[0].versions.items())
    today = datetime.datetime.now(tz=datetime.UTC).date()
    rounds = len(next(iter(results[0].times[next(iter(PROBLEMS))].values())))
    return [
        f"{today}. {where}. Load before the start {load:.1f}. {versions}.",
        "float32, Adam, softmax cross-entropy, ReLU. Each cell: the median time of a step, and how many times the time "
        "of the step's matrix products alone, median and quartiles of "
        f"{rounds} rounds. All contestants take turns in every round, each in a process of its own; with one thread "
        "all keep to one core. Before they are timed, all show the same losses over the first steps.",
    ]


def footprint() -> list[str]:
    """Import time and memory, in words."""
    numpy, nnlab = overheads.import_seconds(environment.python())
    memory = []
    for name, problem in PROBLEMS.items():
        peak, kept = overheads.step_bytes(name, "plain")
        memory.append(f"{problem.title}: {peak:,} bytes at most, {kept:.1f} kept a step")
    return [
        f"`import nnlab` adds {1000 * nnlab:.0f} ms to NumPy's {1000 * numpy:.0f} ms.",
        "Allocated by a training step (NumPy alone) once training has begun: " + "; ".join(memory) + ".",
    ]


if __name__ == "__main__":
    sys.exit(main())
