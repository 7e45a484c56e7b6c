"""Call functions under watch: time limit, exceptions, exits, warnings and printing, each told apart."""

from __future__ import annotations

import contextlib
import io
import linecache
import signal
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from nnlab.grading.comparing import Difference
from nnlab.grading.exercise import FlawError

PRINT_LIMIT = 100_000


@dataclass
class Outcome:
    """What came of one use: a ``result``, or the ``problem`` that kept it from one; and ``remarks`` that cost nothing.

    ``started`` is False for a function that nobody has written yet, ``late`` True for one that was stopped. ``flaw`` is
    a problem that two values show.
    """

    result: Any = None
    problem: str = ""
    flaw: Difference | None = None
    detail: str = ""
    started: bool = True
    late: bool = False
    remarks: list[str] = field(default_factory=list)


class _OutOfTime(BaseException):
    """Derives from BaseException so that a student's ``except Exception`` cannot swallow it."""


class _PrintedTooMuch(BaseException):
    pass


class _Output(io.TextIOBase):
    """Counts what is printed and stops a flood; what a check's many calls print would drown its message."""

    written = 0

    def write(self, text: str) -> int:
        self.written += len(text)
        if self.written > PRINT_LIMIT:
            raise _PrintedTooMuch
        return len(text)


def call(use: Callable[[], Any], functions: Sequence[Callable[..., Any]], time_limit: float) -> Outcome:
    """Call ``use()``, which calls the functions, and say what came of it; only KeyboardInterrupt passes through."""
    outcome = Outcome()
    output = _Output()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), _alarm(time_limit):
                outcome.result = use()
        except KeyboardInterrupt:
            raise
        except FlawError as flaw:
            outcome.problem, outcome.flaw = "gives a wrong result", flaw.difference
        except NotImplementedError as error:
            stub = traceback.extract_tb(error.__traceback__)[-1].name
            itself = stub in [getattr(function, "__name__", stub) for function in functions]
            outcome.started = False
            outcome.problem = "is not written yet" if itself else f"calls {stub}, which is not written yet"
            outcome.detail = "Replace `raise NotImplementedError()` by your code."
        except _OutOfTime:
            outcome.late = True
            outcome.problem = f"was still running after {time_limit:g} seconds"
            outcome.detail = "Does every loop come to its end?"
        except _PrintedTooMuch:
            outcome.problem = f"printed more than {PRINT_LIMIT:,} characters in one call"
            outcome.detail = "Take its print statements out."
        except SystemExit:
            outcome.problem = "called exit"
            outcome.detail = "It has to return its result."
        except BaseException as error:
            outcome.problem = getattr(type(error), "problem", "") or f"raised {type(error).__name__}"
            outcome.detail = _where(error, functions)
    outcome.remarks = [f"a warning was raised: {warning.message}" for warning in caught]
    if output.written:
        outcome.remarks.append("it prints; the check hides what it prints")
    return outcome


def _where(error: BaseException, functions: Sequence[Callable[..., Any]]) -> str:
    """The error's own words, and the last line of the student's code it came through."""
    words = " ".join(str(error).split()) or "(no message)"
    sources = [getattr(getattr(function, "__code__", None), "co_filename", None) for function in functions]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in sources]
    if not frames:
        return words
    line = frames[-1].line or linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip()
    return f"{words}\nin line {frames[-1].lineno} of its cell: {line}"


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise _OutOfTime in this thread after ``seconds``, where the system has such an alarm."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)  # rings again, for code that catches everything
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
