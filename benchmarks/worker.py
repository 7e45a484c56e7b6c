"""One contestant in a process of its own: reads requests, a JSON line each, and answers on standard output.

``python -m benchmarks.worker DEVICE TITLE``. Requests: {"problem": NAME, "steps": 50, "losses": true,
"processor_time": true}, answered by the seconds it took and the loss of each step; {"versions": [LIBRARY, …]}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib.metadata import distributions
from typing import Any

from benchmarks.contestants import CONTESTANTS, Contestant, Train
from benchmarks.problems import PROBLEMS, Problem


def answer(
    contestant: Contestant, problems: dict[str, Problem], request: dict[str, Any], started: dict[str, Train]
) -> dict[str, Any]:
    """The answer to one request; ``started`` keeps the networks between requests."""
    if "versions" in request:
        installed = {distribution.name: distribution.version for distribution in distributions()}
        return {"versions": {name: installed[name] for name in request["versions"] if name in installed}}
    name = request["problem"]
    if name not in started:
        started[name] = contestant.start(problems[name])
    clock = time.process_time if request["processor_time"] else time.perf_counter
    begin = clock()
    losses = started[name](request["steps"], request["losses"])
    return {"seconds": clock() - begin, "losses": losses}


def main(device: str, title: str) -> None:
    """Answer requests until standard input ends; an exception is an answer too."""
    if cores := json.loads(os.environ["NNLAB_BENCH_CORES"]):
        os.sched_setaffinity(0, cores)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    started: dict[str, Train] = {}
    for line in sys.stdin:
        try:
            reply = answer(CONTESTANTS[device][title], PROBLEMS[device], json.loads(line), started)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
