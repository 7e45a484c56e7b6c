"""One contestant in a process of its own: reads requests, a JSON line each, and answers on standard output.

``python -m benchmarks.worker TITLE``; requests: {"start": PROBLEM}, {"train": STEPS, "losses": true}, {"versions": []}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from benchmarks.contestants import CONTESTANTS, Train
from benchmarks.problems import PROBLEMS


def answer(title: str, request: dict[str, Any], trains: dict[str, Train]) -> dict[str, Any]:
    """The answer to one request; ``trains`` keeps what was started."""
    if "versions" in request:
        return {"versions": {name: version(name) for name in request["versions"]}}
    name = request["problem"]
    if name not in trains:
        trains[name] = CONTESTANTS[title].start(PROBLEMS[name])
    train: Callable[..., Any] = trains[name]
    begin = time.perf_counter()
    losses = train(request["steps"], request["losses"])
    return {"seconds": time.perf_counter() - begin, "losses": losses}


def main(title: str) -> None:
    """Answer requests until standard input ends; an exception is an answer too."""
    if cores := json.loads(os.environ["NNLAB_BENCH_CORES"]):
        os.sched_setaffinity(0, cores)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    trains: dict[str, Train] = {}
    for line in sys.stdin:
        try:
            reply = answer(title, json.loads(line), trains)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
