"""``python -m benchmarks``: time a training step of nnlab and its peers, one thread and all, and store the results."""

from __future__ import annotations

import argparse
import datetime
import sys

from benchmarks import environment, machine, overheads
from benchmarks.contestants import CONTESTANTS
from benchmarks.measure import Failure, Result, measure
from benchmarks.problems import PROBLEMS
from benchmarks.report import Report


def main() -> int:
    """Measure everything, store and print it; 1 when that fails, or someone does not train what the others train."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--rounds", type=int, default=31, help="how often each contestant is timed")
    parser.add_argument("--seconds", type=float, default=0.1, help="how long, each time")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads; by default one and all")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="contestants whose names hold one of these words")
    parser.add_argument("--dry", action="store_true", help="print the results and store nothing")
    options = parser.parse_args()
    baseline, *others = CONTESTANTS[options.device]
    words = [word.lower() for word in options.only or [""]]
    titles = [baseline, *(title for title in others if any(word in title.lower() for word in words))]
    load = machine.load()
    try:
        results = run(options, titles)
        facts = [about(options, results, load), *footprint(options.device)]
    except (Failure, RuntimeError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    report = Report(options.device, facts, results, titles)
    print("\n\n".join([*facts, *(report.table(result) for result in results)]))
    print("\n".join(f"Not measured: {failure}" for result in results for failure in result.failures))
    if not options.dry:
        path = report.write().relative_to(environment.ROOT)
        print(f"Stored in {path}, {path.with_suffix('.svg').name} and {path.with_suffix('.json').name}")
    return 0


def run(options: argparse.Namespace, titles: list[str]) -> list[Result]:
    """One Result for each number of threads."""
    from tqdm import tqdm

    python = environment.python(options.device)
    numbers = options.threads or ([1] if options.device == "cuda" else sorted({1, machine.cores()}))
    with tqdm(total=len(numbers) * len(PROBLEMS[options.device]) * options.rounds * len(titles), unit="timing") as bar:

        def tell(what: str, done: int) -> None:
            bar.set_description(what, refresh=not done)
            bar.update(done)

        return [
            measure(python, options.device, titles, threads, options.rounds, options.seconds, tell)
            for threads in numbers
        ]


def about(options: argparse.Namespace, results: list[Result], load: str) -> str:
    """Where, when, how and with what it was measured."""
    today = datetime.datetime.now(tz=datetime.UTC).date()
    versions = ", ".join(f"{name} {version}" for name, version in results[0].versions.items())
    return (
        f"{today}, {machine.description()}; load before the start: {load}. {versions}.\n\n"
        "float32, Adam, softmax cross-entropy, ReLU. Each cell: the median time of a step, and that time divided by "
        "the time of the step's matrix products alone in the same round: the median and the quartiles of "
        f"{options.rounds} rounds. All contestants take turns in every round, each in a process of its own. With one "
        "thread all keep to one core and the time is the processor's, which other work on the machine does not add to; "
        "with more it is the clock's. Before they are timed, all have shown the same losses over their first steps."
    )


def footprint(device: str) -> list[str]:
    """Import time and memory on the CPU, in words."""
    if device != "cpu":
        return []
    numpy, nnlab = overheads.import_seconds(environment.python(device))
    memory = []
    for name, problem in PROBLEMS[device].items():
        peak, kept = overheads.step_bytes(name)
        memory.append(f"{peak:,} bytes at most and {kept:.1f} kept a step ({problem.title})")
    return [
        f"`import nnlab` adds {1000 * nnlab:.0f} ms to NumPy's {1000 * numpy:.0f} ms of processor time (medians of 11 "
        "fresh processes).",
        f"A training step, NumPy alone, once training has begun, allocates {'; '.join(memory)}.",
    ]


if __name__ == "__main__":
    sys.exit(main())
