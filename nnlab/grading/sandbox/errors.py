"""What a student's code raised, raised again here under its own name and at its own line."""

from __future__ import annotations

import builtins
import keyword
import re
from typing import Any

from nnlab.grading.sandbox.cleaning import clean

# Raised out of a function that `map` calls, these would end the loop of a test early and in silence.
ENDS = ("StopIteration", "StopAsyncIteration")


class RemoteError(Exception):
    """A student's exception, by its own name."""


class RemoteEnded(RuntimeError):
    """The student's process ended instead of answering."""

    problem = "ended its process"


class RemoteTimeout(TimeoutError):
    """The student's process did not answer in time."""

    problem = "did not come to an end"


def exception(kind: str, known: str, message: str, place: Any) -> BaseException:
    """The exception to raise here for one that was raised there.

    A type of Python's own comes back as itself. Any other gets a class of the same name, derived from RemoteError and
    never from a class that this process might treat in a special way.
    """
    kind, message = clean(kind, 60), clean(message, 2_000)
    built_in = getattr(builtins, kind, None)
    if (
        kind == known
        and isinstance(built_in, type)
        and issubclass(built_in, (Exception, SystemExit))
        and kind not in ENDS
    ):
        try:
            error: BaseException = built_in(message)
        except TypeError:  # UnicodeDecodeError and the like need more than a message
            error = type(kind, (RemoteError,), {})(message)
    else:
        error = type(kind if kind.isidentifier() else "Error", (RemoteError,), {})(message)
    return _placed(error, place)


def _placed(error: BaseException, place: Any) -> BaseException:
    """The error with a traceback that ends in the student's line and function.

    Raising it from code compiled under that file, line and name is what template engines do for their own sources.
    """
    if not (type(place) is tuple and len(place) == 3 and re.fullmatch(r"<cell \d{1,6}>", str(place[0]))):
        return error
    filename, line, name = place
    if type(line) is not int or not 0 < line < 100_000 or type(name) is not str:
        return error
    function = name if re.fullmatch(r"[A-Za-z_]\w{0,60}", name, re.ASCII) and not keyword.iskeyword(name) else "_"
    scope: dict[str, Any] = {"error": error}
    exec(compile("\n" * (line - 1) + f"def {function}(error): raise error", filename, "exec"), scope)
    try:
        scope[function](error)
    except BaseException as raised:
        assert raised.__traceback__
        return raised.with_traceback(raised.__traceback__.tb_next)
    return error
