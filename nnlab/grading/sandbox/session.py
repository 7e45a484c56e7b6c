"""One submission's conversation with its sandbox: run cells, call functions, start again after a crash."""

from __future__ import annotations

import linecache
import secrets
import time
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from nnlab.grading.exercises.drawing import Formula
from nnlab.grading.sandbox.ahead import Ahead
from nnlab.grading.sandbox.inside.channel import TOKEN_BYTES, ChannelClosed, ChannelError, ChannelTimeout
from nnlab.grading.sandbox.inside.codec import CodecError, Decoder, Encoder, Portable, Reference
from nnlab.grading.sandbox.limits import Limits
from nnlab.grading.sandbox.remote import (
    Advanced,
    Handle,
    RemoteEnded,
    RemoteError,
    RemoteFunction,
    RemoteTimeout,
    bring_back,
    clean,
    exception,
)
from nnlab.grading.sandbox.warm import Process

NESTED = 8
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class CellOutcome:
    """What a student's cell did. error: (type, message, traceback lines). figures: PNG files."""

    printed: str = ""
    result: str | None = None
    error: tuple[str, str, list[str]] | None = None
    figures: list[bytes] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


class Session:
    """A submission in its sandbox.

    Every request carries a token that cannot be guessed, and exactly one reply may come back under it. Whatever breaks
    that rule, or the limits, ends the process; ``incidents`` says why. ``restart`` starts another and runs the earlier
    cells again, without the ones that ended a process.
    """

    def __init__(self, address: str, kind: str, limits: Limits, files: dict[str, bytes] | None = None) -> None:
        self.limits, self.incidents, self.last_place = limits, list[str](), "<cell>"
        self._start: Callable[[], Process] = lambda: Process(address, kind, limits)
        self._files = dict(files or {})
        self._process: Process | None = None
        self._generation = self._restarts = self._nested = 0
        self._cells: list[tuple[int, str]] = []
        self._deadly: set[int] = set()
        self._lent: dict[int, Callable[..., Any]] = {}
        self._put: dict[str, int] = {}
        self._dropped: list[int] = []
        self._waiting = Ahead()
        self._cell_deadline = float("inf")
        self._deadline = time.monotonic() + limits.total_seconds
        self._begin()

    @property
    def alive(self) -> bool:
        """Whether there is a process to speak with."""
        return self._process is not None

    def begin_cell(self) -> None:
        """Start the clock of the next cell or test, with a living process."""
        if not self.alive:
            self.restart()
        self._cell_deadline = time.monotonic() + self.limits.cell_seconds

    def end_cell(self) -> None:
        """Make sure that nothing came without being asked for; raises RemoteEnded otherwise.

        What a cell sent comes before the answer to a last question, so that it is laid to that cell and to no other.
        """
        if self._process is not None:
            self._ask(["look", ""])
        if self._process is not None and self._process.channel.pending():
            raise self._end("its process broke the rules of the conversation: it spoke without being asked")

    def run(self, number: int, source: str) -> CellOutcome:
        """Run a cell of the notebook; a cell that ends the process is an outcome with an error, too."""
        self.begin_cell()
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
        old = self._put.pop(name, None)
        if old is not None:
            self._lent.pop(old, None)
        before = set(self._lent)
        self._ask(["put", name, value], keep=True)
        for number in set(self._lent) - before:
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
            dropped, self._dropped = self._dropped, []
            waiting = self._ask(["call", function, args, kwargs, dropped])
        kind, printed, warned, *rest = waiting
        self._mirror(printed, warned)
        if kind == "error":
            error = exception(_text(rest[0], 100), _text(rest[1], 100), _text(rest[2], 2_000), rest[3])
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
        dropped, self._dropped = self._dropped, []
        kept, self._cell_deadline = self._cell_deadline, min(self._cell_deadline, time.monotonic() + seconds)
        try:
            answers = self._ask(["calls", function, calls, dropped])[1]
        except (TypeError, RemoteEnded, RemoteTimeout):
            # Made one by one, the call at fault will show; that this process ended is of no account.
            if not self.alive:
                self.incidents.pop()
                self.restart()
            return
        finally:
            self._cell_deadline = kept
        try:
            well_formed = [self._well_formed(self._decode(answer)) for answer in answers]
            self._waiting.fill(function, calls, well_formed)
        except (ChannelError, CodecError, TypeError, ValueError, IndexError):
            raise self._end("its process sent a malformed reply") from None

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
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self) -> None:
        self._process = self._start()
        self._generation += 1
        self._nested = 0
        self._lent, self._put, self._dropped = {}, {}, []
        self._waiting.clear()
        self._cell_deadline = time.monotonic() + self.limits.cell_seconds
        for name, data in self._files.items():
            self._ask(["file", name, data])

    def _run(self, number: int, source: str) -> CellOutcome:
        filename = f"<cell {number}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        try:
            _, printed, result, error, figures, remarks = self._ask(["run", number, source])
            outcome = CellOutcome(
                _text(printed, self.limits.output_characters),
                None if result is None else _text(result, 2_000),
                None if error is None else (*_texts(error[:2]), [_text(line, 400) for line in error[2][:60]]),  # type: ignore[arg-type]
                [image for image in figures[: self.limits.figures] if self._is_figure(image)],
                [_text(remark, 200) for remark in remarks[:10]],
            )
        except (RemoteEnded, RemoteTimeout) as ended:
            self._deadly.add(number)
            return CellOutcome(error=(type(ended).__name__, str(ended), [str(ended)]))
        except (ValueError, TypeError, IndexError, AttributeError):
            self._deadly.add(number)
            self._end("its process sent a malformed reply")
            return CellOutcome(error=("RemoteEnded", self.incidents[-1], [self.incidents[-1]]))
        return outcome

    def _is_figure(self, image: Any) -> bool:
        return type(image) is bytes and image.startswith(PNG) and len(image) <= self.limits.figure_bytes

    def _mirror(self, printed: Any, warned: Any) -> None:
        if type(printed) is not str or type(warned) is not list:
            raise self._end("its process sent a malformed reply")
        for message in warned[:20]:
            warnings.warn(_text(message, 200), RuntimeWarning, stacklevel=4)
        if printed:
            print(clean(printed, self.limits.output_characters), end="")

    def _ask(self, message: list[Any], keep: bool = False) -> list[Any]:
        """Send a request and return its reply, serving the functions that were lent with it meanwhile."""
        process, lent = self._process, dict(self._lent)
        if process is None:
            raise RemoteEnded("its process had ended before" + (f": {self.incidents[-1]}" if self.incidents else ""))
        if self._nested >= NESTED:
            raise RemoteError("functions call each other back and forth too deeply")
        self._nested += 1
        token, deadline = secrets.token_bytes(TOKEN_BYTES), min(self._cell_deadline, self._deadline)
        finished = False
        try:
            request = self._encode(message)
            process.channel.until(deadline)
            process.channel.send(token, request)
            reply = self._listen(process, token)
            finished = True
            return reply
        except CodecError as error:
            finished = True
            raise TypeError(f"an argument cannot be handed to the student's function: {error}") from None
        except ChannelTimeout:
            raise self._end(f"it was still running after {self.limits.cell_seconds:g} seconds", RemoteTimeout) from None
        except ChannelClosed:
            raise self._end(process.ending() or "its process closed the connection") from None
        except ChannelError as error:
            raise self._end(f"its process broke the rules of the conversation: {error}") from None
        finally:
            self._nested -= 1
            if not keep:
                self._lent = lent
            if not finished and self._process is process:
                # An alarm rang, or the like: a late reply must not be taken for the next one.
                self._end("it was still running when the time of the call was up")

    def _listen(self, process: Process, token: bytes) -> list[Any]:
        callbacks = 0
        while True:
            came, payload = process.channel.receive()
            if not secrets.compare_digest(came, token):
                raise ChannelError("a reply belongs to no question")
            try:
                reply = self._decode(payload)
            except CodecError as error:
                raise ChannelError(str(error)) from None
            if type(reply) is not list or not reply or type(reply[0]) is not str:
                raise ChannelError("a reply is malformed")
            if reply[0] != "callback":
                return self._well_formed(reply)
            callbacks += 1
            if callbacks > self.limits.callbacks:
                raise ChannelError(f"more than {self.limits.callbacks:,} calls of a function that was handed over")
            process.channel.send(token, self._call_back(reply))

    def _well_formed(self, reply: list[Any]) -> list[Any]:
        forms = {"done": range(1, 7), "missing": (1,), "error": (7,), "unsendable": (2, 4)}
        if (
            type(reply) is not list
            or not reply
            or type(reply[0]) is not str
            or len(reply) not in forms.get(reply[0], ())
        ):
            raise ChannelError("a reply is malformed")
        return reply

    def _call_back(self, request: list[Any]) -> bytes:
        """Call a function that was lent, and make the answer: its result, or an error's own words."""
        _, number, args, kwargs = [*request, None, None, None][:4]
        function = self._lent.get(number) if type(number) is int else None
        if function is None or type(args) is not tuple or type(kwargs) is not dict:
            return self._encode(["raise", "RuntimeError", "there is no such function, or its call has ended"])
        try:
            return self._encode(["return", function(*args, **kwargs)])
        except (RemoteEnded, RemoteTimeout):
            raise
        except Exception as error:
            return self._encode(["raise", type(error).__name__, clean(str(error), 500)])

    def _end(self, reason: str, kind: type[RuntimeError] | type[TimeoutError] = RemoteEnded) -> BaseException:
        """End the process, keep the reason, and return the exception to raise."""
        if self._process is not None:
            self.incidents.append(clean(reason, 300))
            self.close()
        return kind(clean(reason, 300))

    def _encode(self, message: Any) -> bytes:
        limits = self.limits
        return Encoder(self._refer, limits.message_values, limits.message_depth + 4, limits.message_bytes).encode(
            message
        )

    def _decode(self, payload: bytes) -> Any:
        limits = self.limits
        return Decoder(
            payload, self._resolve, Advanced, values=limits.message_values, depth=limits.message_depth + 4
        ).decode()

    def _refer(self, value: Any) -> Reference | Portable:
        if isinstance(value, Handle):
            if value._session is not self or value._generation != self._generation:
                raise CodecError(f"{value!r} belonged to a process that has ended")
            return Reference("yours", value._number, "")
        if isinstance(value, Formula):
            return Portable(*value.portable)
        if callable(value):
            number = secrets.randbits(62)
            self._lent[number] = value
            return Reference("lent", number, getattr(value, "__name__", "f"))
        raise CodecError(f"{type(value).__name__} is no plain data")

    def _resolve(self, reference: Reference) -> Any:
        if reference.kind == "function":
            return self._handle(RemoteFunction, reference)
        if reference.kind == "object":
            # Messages name an object by its type, so its type has that name here too.
            return self._handle(type(clean(reference.name, 60) or "object", (Handle,), {}), reference)
        if reference.kind == "module":
            return RemoteModule(clean(reference.name, 80))
        if reference.kind == "yours" and reference.number in self._lent:
            return self._lent[reference.number]
        raise CodecError("a reference leads nowhere")

    def _handle(self, kind: type[Handle], reference: Reference) -> Handle:
        handle = kind(self, self._generation, reference.number, reference.name)
        weakref.finalize(handle, _forget, weakref.ref(self), self._generation, reference.number)
        return handle


class RemoteModule:
    """A module that the student's code imported under some name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<module {self.name}>"


def _forget(session: weakref.ref[Session], generation: int, number: int) -> None:
    owner = session()
    if owner is not None and owner._generation == generation:
        owner._dropped.append(number)


def _text(value: Any, limit: int) -> str:
    if type(value) is not str:
        raise TypeError("a text is no text")
    return clean(value, limit)


def _texts(values: Any) -> list[str]:
    return [_text(value, 2_000) for value in values]
