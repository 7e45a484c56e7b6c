"""Answer the grader: run cells, call the student's functions, call back what was lent. One request, one reply."""

from __future__ import annotations

import builtins
import os
import sys
import threading
import types
import warnings

# A student may put something else in the place of Python's own names, for the rest of this process: these stay.
from builtins import callable, enumerate, float, getattr, id, int, isinstance, next, open, str, type  # noqa: UP029
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .cells import Cells, describe, place
from .channel import Channel, ChannelClosed
from .decoding import Decoder, generator_from
from .encoding import Encoder
from .forms import CodecError, Reference
from .lending import Lent, Made
from .printing import kept, valid

WARNINGS = 20


class Server:
    """One process of one submission."""

    def __init__(self, channel: Channel, limits: Mapping[str, Any]) -> None:
        self.channel, self.limits = channel, limits
        self.cells = Cells(limits["output_characters"], limits["figures"], limits["figure_bytes"])
        self.held: dict[int, Any] = {}
        self.count = 0
        self.token = b""
        self.thread = threading.get_ident()

    def serve(self) -> None:
        """Answer until the grader hangs up."""
        while True:
            try:
                token, payload = self.channel.receive()
            except ChannelClosed:
                return
            self.answer(token, payload)

    def answer(self, token: bytes, payload: bytes) -> None:
        """Answer one request."""
        outer, self.token = self.token, token
        kind, *rest = self._decode(payload)
        try:
            reply = getattr(self, f"do_{kind}")(*rest)
        finally:
            self.token = outer
        self.channel.send(token, reply)

    def do_run(self, number: int, source: str) -> bytes:
        """Run a cell."""
        outcome = self.cells.run(number, source)
        if threading.active_count() > 1:
            outcome.remarks.append("it left threads running")
        return self._encode(["done", *outcome.as_list()])

    def do_look(self, name: str) -> bytes:
        """The value of a name, or that there is none."""
        if name not in self.cells.namespace:
            return self._encode(["missing"])
        return self._value(["done"], self.cells.namespace[name])

    def do_put(self, name: str, value: Any) -> bytes:
        """Give a name a value."""
        self.cells.namespace[name] = value
        return self._encode(["done", None])

    def do_file(self, name: str, data: bytes) -> bytes:
        """Write a file that belongs to the submission into its home."""
        with open(os.path.join(os.getcwd(), os.path.basename(name)), "wb") as file:
            file.write(data)
        return self._encode(["done", None])

    def do_call(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], dropped: list[int]) -> bytes:
        """Call a function; the reply holds its result, the arguments it changed, its output and warnings."""
        for number in dropped:
            self.held.pop(number, None)
        before = [self._form(value) for value in args]
        with kept(self.limits["output_characters"]) as printed, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                result, failure = function(*args, **kwargs), None
            except BaseException as error:
                result, failure = None, error
        notes = [printed.text, [valid(f"{warning.message}")[:200] for warning in caught[:WARNINGS]]]
        if failure is not None:
            return self._encode(["error", *notes, *_failure(failure)])
        try:
            changed = [i for i, value in enumerate(args) if self._form(value) != before[i]]
            return self._value(["done", *notes, [(i, args[i]) for i in changed]], result)
        except CodecError as error:
            return self._encode(["unsendable", *notes, str(error)])

    def do_calls(self, function: Any, calls: list[tuple[Any, ...]], dropped: list[int]) -> bytes:
        """Call a function several times; each reply is kept as it is right after its call."""
        return self._encode(
            ["done", [self.do_call(function, args, {}, dropped if not at else []) for at, args in enumerate(calls)]]
        )

    def call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Ask the grader to call the function it lent, and wait; calls from within that one are answered meanwhile."""
        if not self.token or threading.get_ident() != self.thread:
            raise RuntimeError("this function can be called only from the main thread, while the grader waits")
        token = self.token
        self.channel.send(token, self._encode(["callback", number, args, kwargs]))
        while True:
            came, payload = self.channel.receive()
            if came != token:
                self.answer(came, payload)
                continue
            kind, *rest = self._decode(payload)
            if kind == "return":
                return rest[0]
            error = getattr(builtins, rest[0], RuntimeError)
            raise error(rest[1])

    def _value(self, start: list[Any], value: Any) -> bytes:
        try:
            return self._encode([*start, value])
        except CodecError as error:
            return self._encode(["unsendable", *start[1:3], str(error)])

    def _encode(self, message: Any, refer: Callable[[Any], Reference] | None = None) -> bytes:
        limits = self.limits
        sizes = (limits["message_values"], limits["message_depth"], limits["message_bytes"])
        return Encoder(refer or self._refer, *sizes, keeps=True).encode(message)

    def _form(self, value: Any) -> Any:
        """What changes when the value does; what is no plain data stands there by its identity."""
        if type(value) is np.ndarray and not value.dtype.hasobject:
            return value.dtype, value.shape, value.flags.writeable, value.tobytes()
        if type(value) in (float, int, str, type(None)):
            return None  # these cannot change
        return self._encode(value, lambda other: Reference("object", id(other) & ((1 << 62) - 1), ""))

    def _decode(self, payload: bytes) -> Any:
        limits = self.limits
        return Decoder(
            payload,
            self._resolve,
            generator_from,
            values=limits["message_values"],
            depth=limits["message_depth"],
            layouts=True,
            portable=Made,
        ).decode()

    def _refer(self, value: Any) -> Reference:
        kind = type(value)
        if kind is Lent:
            return Reference("yours", value._number, "")
        if kind is types.ModuleType:
            return Reference("module", 0, str(types.ModuleType.__getattribute__(value, "__dict__").get("__name__", "")))
        self.count += 1
        number = self.count
        self.held[number] = value
        if isinstance(value, (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type)):
            return Reference("function", number, f"{value.__name__}")
        if kind.__name__ == "ndarray" or callable(value):
            return Reference("function" if callable(value) else "object", number, _name(kind, value))
        return Reference("object", number, _name(kind, value))

    def _resolve(self, reference: Reference) -> Any:
        if reference.kind == "lent":
            return Lent(self, reference.number, reference.name)
        return self.held[reference.number]


def _name(kind: type, value: Any) -> str:
    """What a message may call an object: its type, and for an array also what it holds."""
    return f"{kind.__name__} of {value.dtype.name}" if kind.__name__ == "ndarray" else kind.__name__


def _failure(error: BaseException) -> tuple[str, str, str, tuple[str, int, str] | None]:
    """An exception as plain data: its type, the nearest type that Python itself has, its message, and where."""
    kind, message, _ = describe(error)
    known = next(base.__name__ for base in type(error).__mro__ if getattr(builtins, base.__name__, None) is base)
    return kind, known, message, place(error)


def run(channel: Channel, limits: Mapping[str, Any]) -> None:
    """Serve one submission, then end without cleaning up: the namespaces take everything with them."""
    try:
        Server(channel, limits).serve()
    finally:
        sys.stdout = sys.stderr = None
        os._exit(0)
