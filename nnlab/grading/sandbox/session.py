"""One submission in its sandbox: run cells, call functions, start again after a crash."""

from __future__ import annotations

import linecache
import time
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any

from nnlab.grading.sandbox.ahead import Ahead
from nnlab.grading.sandbox.cleaning import clean, text
from nnlab.grading.sandbox.conversation import Conversation, well_formed
from nnlab.grading.sandbox.errors import RemoteEnded, RemoteError, RemoteTimeout, exception
from nnlab.grading.sandbox.inside.channel import ChannelError
from nnlab.grading.sandbox.inside.forms import CodecError
from nnlab.grading.sandbox.inside.printing import valid
from nnlab.grading.sandbox.limits import Limits
from nnlab.grading.sandbox.outcomes import CellOutcome, read_outcome
from nnlab.grading.sandbox.references import References
from nnlab.grading.sandbox.remote import RemoteFunction
from nnlab.grading.sandbox.returning import bring_back
from nnlab.grading.sandbox.starting import Process, start

MALFORMED = "its process sent a malformed reply"


class Session:
    """A submission in its sandbox.

    Every request carries a token that cannot be guessed, and exactly one reply may come back under it. Whatever breaks
    that rule, or the limits, ends the process; ``incidents`` says why. ``restart`` starts another and runs the earlier
    cells again, without the ones that ended a process. ``memory`` is emptied by whatever may give the student's names
    other values.
    """

    def __init__(self, address: str, kind: str, limits: Limits, files: dict[str, bytes] | None = None) -> None:
        self.limits, self.incidents, self.last_place = limits, list[str](), "<cell>"
        self._start: Callable[[], Process] = lambda: start(address, kind, limits)
        self._files = dict(files or {})
        self._conversation: Conversation | None = None
        self._generation = self._restarts = 0
        self._cells: list[tuple[int, str]] = []
        self._deadly: set[int] = set()
        self._put: dict[str, int] = {}
        self._waiting = Ahead()
        self.memory: dict[Any, Any] = {}
        self._cell_deadline = float("inf")
        self._deadline = time.monotonic() + limits.total_seconds
        self._begin()

    @property
    def alive(self) -> bool:
        """Whether there is a process to speak with."""
        return self._conversation is not None and self._conversation.alive

    @property
    def sources(self) -> list[str]:
        """The cells that were run, as they were handed in."""
        return [source for _, source in self._cells]

    def begin_cell(self) -> None:
        """Start the clock of the next cell or test, with a living process."""
        if not self.alive:
            self.restart()
        self._cell_deadline = time.monotonic() + self.limits.cell_seconds

    def end_cell(self) -> None:
        """Make sure that nothing came without being asked for; raises RemoteEnded otherwise.

        What a cell sent comes before the answer to a last question, so that it is laid to that cell and to no other.
        """
        if self.alive:
            self._ask(["look", ""])
        if self.alive and self._talk.process.channel.pending():
            raise self._talk.end("its process broke the rules of the conversation: it spoke without being asked")

    def run(self, number: int, source: str) -> CellOutcome:
        """Run a cell of the notebook; a cell that ends the process is an outcome with an error, too."""
        self.begin_cell()
        self.memory.clear()
        self._cells.append((number, source))
        return self._run(number, source)

    def look(self, name: str) -> Any:
        """The value of a name of the student's; raises KeyError when there is none."""
        if not self.alive:
            raise KeyError(name)
        kind, *rest = self._ask(["look", name])
        if kind == "missing":
            raise KeyError(name)
        if kind == "unsendable":
            raise RemoteError(f"{name} cannot be looked at: {clean(str(rest[-1]), 200)}")
        value = rest[0]
        if isinstance(value, RemoteFunction):
            value._name = value.__name__ = name
        return value

    def put(self, name: str, value: Any) -> None:
        """Give a name of the student's a value; a function is lent, until the name is put again."""
        if not self.alive:
            return  # the next process starts from the student's own cells
        self.memory.clear()
        references = self._talk.references
        references.lent.pop(self._put.pop(name, -1), None)
        before = set(references.lent)
        self._ask(["put", name, value], keep=True)
        for number in set(references.lent) - before:
            self._put[name] = number

    def call(self, function: RemoteFunction, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a student's function; see RemoteFunction."""
        if function._generation != self._generation and function._name and self.alive:
            fresh = self.look(function._name)
            if not isinstance(fresh, RemoteFunction):
                raise RemoteEnded(f"{function._name} is gone")
            function._generation, function._number = self._generation, fresh._number
        waiting = None if kwargs else self._waiting.take(function, args)
        if waiting is None:
            waiting = self._ask(["call", function, args, kwargs, self._talk.references.take_dropped()])
        kind, printed, warned, *rest = waiting
        self._mirror(printed, warned)
        if kind == "error":
            error = exception(text(rest[0], 100), text(rest[1], 100), text(rest[2], 2_000), rest[3])
            traceback = error.__traceback__
            self.last_place = traceback.tb_frame.f_code.co_filename if traceback else "<cell>"
            raise error
        if kind == "unsendable":
            raise RemoteError(f"what {function.__name__} returned cannot be used: {clean(str(rest[0]), 200)}")
        for index, theirs in rest[0]:
            bring_back(args[index], theirs)
        return rest[1]

    def call_ahead(self, function: RemoteFunction, calls: list[tuple[Any, ...]], seconds: float) -> None:
        """Make calls whose answers will be asked for; see RemoteFunction."""
        self._waiting.clear()
        if not self.alive or function._generation != self._generation:
            return
        talk = self._talk
        kept, self._cell_deadline = self._cell_deadline, min(self._cell_deadline, time.monotonic() + seconds)
        try:
            answers = self._ask(["calls", function, calls, talk.references.take_dropped()])[1]
        except (TypeError, RemoteEnded, RemoteTimeout):
            # Made one by one, the call at fault will show; that this process ended is of no account.
            if not self.alive:
                self.incidents.pop()
                self.restart()
            return
        finally:
            self._cell_deadline = kept
        try:
            self._waiting.fill(function, calls, [well_formed(talk.decode(answer)) for answer in answers])
        except (ChannelError, CodecError, TypeError, ValueError, IndexError):
            raise talk.end(MALFORMED) from None

    def restart(self) -> None:
        """Start a new process and run the earlier cells again; raises RemoteEnded when there were too many restarts."""
        if self._restarts >= self.limits.restarts:
            raise RemoteEnded(f"the submission was started again {self._restarts} times and ended each time")
        if time.monotonic() > self._deadline:
            raise RemoteTimeout(f"all {self.limits.total_seconds:g} seconds of the submission are used up")
        self._restarts += 1
        self.close()
        self._begin()
        for number, source in self._cells:
            if number in self._deadly:
                continue
            self._cell_deadline = time.monotonic() + self.limits.cell_seconds
            self._run(number, source)
            if not self.alive:
                self._begin()

    def close(self) -> None:
        """End the process and everything in its sandbox."""
        if self._conversation is not None:
            self._conversation.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _talk(self) -> Conversation:
        """The conversation; raises RemoteEnded when its process is no more."""
        if self._conversation is None or not self._conversation.alive:
            raise RemoteEnded("its process had ended before" + (f": {self.incidents[-1]}" if self.incidents else ""))
        return self._conversation

    def _begin(self) -> None:
        self._generation += 1
        self._conversation = Conversation(
            self._start(), self.limits, References(self, self._generation), self.incidents
        )
        self._put = {}
        self.memory.clear()
        self._waiting.clear()
        self._cell_deadline = time.monotonic() + self.limits.cell_seconds
        for name, data in self._files.items():
            self._ask(["file", name, data])

    def _ask(self, message: list[Any], keep: bool = False) -> list[Any]:
        return self._talk.ask(message, min(self._cell_deadline, self._deadline), keep)

    def _run(self, number: int, source: str) -> CellOutcome:
        filename, source = f"<cell {number}>", valid(source)
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        talk = self._talk
        try:
            return read_outcome(self._ask(["run", number, source]), self.limits)
        except (RemoteEnded, RemoteTimeout) as ended:
            reason: BaseException = ended
        except (ValueError, TypeError, IndexError, AttributeError):
            reason = talk.end(MALFORMED)
        self._deadly.add(number)
        return CellOutcome(error=(type(reason).__name__, str(reason), [str(reason)]))

    def _mirror(self, printed: Any, warned: Any) -> None:
        if type(printed) is not str or type(warned) is not list:
            raise self._talk.end(MALFORMED)
        for message in warned[:20]:
            warnings.warn(text(message, 200), RuntimeWarning, stacklevel=4)
        if printed:
            print(clean(printed, self.limits.output_characters), end="")
