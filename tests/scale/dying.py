"""A grader that dies: grades a course in a fork of this process, and kills it -9 at a moment that is named.

    python dying.py COURSE LOG    and then a line of JSON a run on standard input: {"write": 4}, {} to live

Moments: before the Nth "write" to the database, before the Nth "file" takes its final name, or "after" some
milliseconds of the Nth "judgement". Answers each with the exit status. LOG gets a line for each judgement kept.
"""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from nnlab.grading.grader.grading import Grader
from nnlab.grading.grader.judges import Judges
from nnlab.grading.grader.store import Store


def main() -> None:
    """One run a line."""
    course, log = Path(sys.argv[1]), Path(sys.argv[2])
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                run(course, log, json.loads(line))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def run(course: Path, log: Path, moments: dict[str, float]) -> None:
    """Grade all, unless the moment comes first."""
    keep = Store.keep

    def keep_and_tell(self: Store, fingerprint: str, judgement: Any) -> None:
        keep(self, fingerprint, judgement)
        with log.open("a") as file:
            file.write(f"{fingerprint}\n")

    Store.keep = keep_and_tell
    if "write" in moments:
        write = countdown(moments["write"], die)
        event.listen(Engine, "commit", write)
        event.listen(Engine, "before_cursor_execute", lambda *told: write() if told[2].startswith("INSERT") else None)
    if "file" in moments:
        replace, count = os.replace, countdown(moments["file"], die)
        os.replace = lambda *paths: (count(), replace(*paths))
    if "judgement" in moments:
        timer = threading.Timer(moments["after"] / 1000, die)
        judge, count = Judges.judge, countdown(moments["judgement"], timer.start)
        Judges.judge = lambda self, job: (count(), judge(self, job))[1]
    grader = Grader(course, "set")
    rows = grader.run(grader.students(), 2)
    assert all(row.status != "failed" for row in rows), rows


def countdown(count: float, then: Callable[[], None]) -> Callable[..., None]:
    """A function that calls ``then`` at its count-th call."""
    left = [count]

    def hear(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            then()

    return hear


def die() -> None:
    """kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
