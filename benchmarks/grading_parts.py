"""Where the time of one graded submission goes: sandbox, checks, nbgrader, feedback; and how many messages it takes."""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from nnlab.grading.grader import grading
from nnlab.grading.grader.feedback import FeedbackPages
from nnlab.grading.grader.judging import Job, Judgement, judge
from nnlab.grading.grader.recording import Recorder
from nnlab.grading.sandbox import WarmInterpreter
from nnlab.grading.sandbox.forked import ForkedProcess
from nnlab.grading.sandbox.inside.channel import Channel

PARTS = {
    "sandbox: start and end": [(ForkedProcess, "__init__"), (ForkedProcess, "close")],
    "sandbox: the student's code": [(Channel, "receive")],
    "nbgrader: notebooks": [(grading, "assemble"), (grading, "put_outputs"), (grading.Grader, "_write")],
    "nbgrader: gradebook": [(grading.Grader, "_gradebook"), (Recorder, "record")],
    "feedback": [(FeedbackPages, "write")],
}


class HereAlone:
    """Judges in this process, where its parts can be timed."""

    def __init__(self, warm: WarmInterpreter) -> None:
        self._warm = warm

    def judge(self, job: Job) -> Judgement:
        """The judgement."""
        return judge(replace(job, address=self._warm.address))

    def probe(self, *_: Any) -> None:
        """There is a sandbox: the class was graded in it."""

    def __enter__(self) -> HereAlone:
        return self

    def __exit__(self, *_: object) -> None:
        """The warm interpreter stays for the next submission."""


def report(course: Path, assignment: str, students: list[str]) -> Iterator[str]:
    """Lines of a table: the median of each part over these students, whom it grades again."""
    os.environ["NBGRADER_EXECUTION"] = "autograde"
    seconds: list[Counter[str]] = []
    messages: list[int] = []
    with (
        WarmInterpreter(("matplotlib.pyplot",)) as warm,
        timed() as (parts, sent),
        patch.object(grading, "Judges", lambda imports: HereAlone(warm)),
    ):
        grader = grading.Grader(course, assignment, again=True)
        pages = FeedbackPages(course, assignment, grader.config)
        for number, student in enumerate(students):
            parts.clear()
            sent.clear()
            start = time.perf_counter()
            grader.run([student], 1)
            pages.write(student)
            parts["all"] = time.perf_counter() - start
            if number:  # the first one warms up
                seconds.append(parts.copy())
                messages.append(sent["messages"])
    whole = statistics.median(one["all"] for one in seconds)
    rest = 1.0
    for part in PARTS:
        share = statistics.median(one[part] / one["all"] for one in seconds)
        rest -= share
        yield f"{part:<40} {share * whole:6.3f} s  {share:4.0%}"
    yield f"{'checks and the rest':<40} {rest * whole:6.3f} s  {rest:4.0%}"
    yield f"{'from a submission to its feedback':<40} {whole:6.3f} s"
    yield f"{'messages to the sandbox':<40} {statistics.median(messages):6.0f}"


@contextmanager
def timed() -> Iterator[tuple[Counter[str], Counter[str]]]:
    """Time what PARTS names, and count messages, while this lasts."""
    parts: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    send = Channel.send

    def count(self: Channel, token: bytes, payload: bytes) -> None:
        sent["messages"] += 1
        send(self, token, payload)

    patches = [patch.object(Channel, "send", count)]
    for part, places in PARTS.items():
        patches += [patch.object(owner, name, _timing(getattr(owner, name), part, parts)) for owner, name in places]
    for one in patches:
        one.start()
    try:
        yield parts, sent
    finally:
        for one in reversed(patches):
            one.stop()


def _timing(function: Callable[..., Any], part: str, parts: Counter[str]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            parts[part] += time.perf_counter() - start  # type: ignore[assignment]

    return run
