"""Students' functions and objects as the trusted side sees them: handles, errors and scopes."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from nnlab.grading.sandbox.session import Session

CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

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


class Handle:
    """Something in the student's process: it can be passed back there, and nothing else.

    Comparing, hashing, printing and testing it never leave this process.
    """

    def __init__(self, session: Session, generation: int, number: int, description: str) -> None:
        self._session, self._generation, self._number = session, generation, number
        self._description = clean(description, 80)

    def __repr__(self) -> str:
        return f"<{self._description} object>"


class RemoteFunction(Handle):
    """A student's function; calling it sends the arguments and waits for the result.

    What it prints, it prints here; what it warns of, it warns of here; what it raises is raised here under the same
    name; and arguments that it changed are changed here.
    """

    isolated = True

    def __init__(self, session: Session, generation: int, number: int, description: str, name: str = "") -> None:
        super().__init__(session, generation, number, description)
        self._name = name
        self.__name__ = name or self._description

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._session.call(self, args, kwargs)

    def call_ahead(self, calls: Sequence[Sequence[Any]], seconds: float) -> None:
        """Make these calls in one message; each answer waits until its call is made with those very arguments.

        A check makes dozens of calls, and one message costs as much as another. Where the calls cannot be made
        together, because one of them ends the process, say, or they take longer than ``seconds``, nothing waits and
        each is made by itself.
        """
        self._session.call_ahead(self, [tuple(args) for args in calls], seconds)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"

    @property
    def __code__(self) -> CodeType:
        """Code whose file is the cell that the last error came from, so that messages can quote the line."""
        return compile("", self._session.last_place, "exec")

    @property
    def __globals__(self) -> Scope:
        """The student's names."""
        return Scope(self._session)


class Scope(Mapping[str, Any]):
    """The student's names, read and written across the border; a function written there is lent, not copied."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getitem__(self, name: str) -> Any:
        return self._session.look(name)

    def __iter__(self) -> Iterator[str]:
        raise TypeError("the student's names can be asked for one by one, not listed")

    def __len__(self) -> int:
        raise TypeError("the student's names can be asked for one by one, not counted")

    def update(self, values: Mapping[str, Any]) -> None:
        """Give names values, as for a dict."""
        for name, value in values.items():
            self._session.put(name, value)


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


def clean(text: str, limit: int) -> str:
    """Text from a student's process for a page or a terminal: without control characters, at most ``limit`` long."""
    text = CONTROL.sub("", text.encode("utf-8", "replace").decode())
    return text if len(text) <= limit else text[: limit - 1] + "…"


class Advanced:
    """Stands for a random generator that the student's code has drawn from."""

    def __init__(self, state: dict[str, Any]) -> None:
        self.state = state

    def __repr__(self) -> str:
        return "<Generator object>"


def bring_back(ours: Any, theirs: Any) -> None:
    """Change the argument ``ours`` as the student's function changed its copy, ``theirs``.

    A random generator moves on to a state that follows from its own, never to one that the student names: whoever
    knew it could foretell what is drawn next.
    """
    if type(ours) is np.ndarray and type(theirs) is np.ndarray:
        if (ours.shape, ours.dtype) != (theirs.shape, theirs.dtype):
            raise RemoteError(f"an argument of shape {ours.shape} was turned into one of shape {theirs.shape}")
        if ours.flags.writeable:
            ours[...] = theirs
    elif isinstance(ours, np.random.Generator) and type(theirs) is Advanced:
        if repr(theirs.state) != repr(ours.bit_generator.state):
            ours.bit_generator.state = type(ours.bit_generator)(ours.integers(0, 2**63, 4)).state
    elif type(ours) is dict and type(theirs) is dict:
        if ours.keys() == theirs.keys():
            for key in ours:
                _bring_back_item(ours, key, theirs[key])
        else:
            ours.clear()
            ours.update(theirs)
    elif isinstance(ours, (list, tuple)) and isinstance(theirs, (list, tuple)):
        if len(ours) == len(theirs):
            for index in range(len(ours)):
                _bring_back_item(ours, index, theirs[index])
        elif isinstance(ours, list):
            ours[:] = theirs


def _bring_back_item(ours: Any, key: Any, theirs: Any) -> None:
    mutable = (np.ndarray, np.random.Generator, dict, list, tuple)
    same_kind = type(ours[key]) is type(theirs) or isinstance(theirs, Advanced)
    if isinstance(ours[key], mutable) and same_kind:
        bring_back(ours[key], theirs)
    elif not isinstance(ours, tuple) and not isinstance(ours[key], Callable):  # type: ignore[arg-type]
        ours[key] = theirs
