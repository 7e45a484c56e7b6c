"""Questions to one process of a submission, and their answers: one reply each, under a token nobody can guess."""

from __future__ import annotations

import secrets
from typing import Any

from nnlab.grading.sandbox.cleaning import clean
from nnlab.grading.sandbox.errors import RemoteEnded, RemoteError, RemoteTimeout
from nnlab.grading.sandbox.inside.channel import TOKEN_BYTES, ChannelClosed, ChannelError, ChannelTimeout
from nnlab.grading.sandbox.inside.decoding import Decoder
from nnlab.grading.sandbox.inside.encoding import Encoder
from nnlab.grading.sandbox.inside.forms import CodecError
from nnlab.grading.sandbox.limits import Limits
from nnlab.grading.sandbox.references import References
from nnlab.grading.sandbox.returning import Advanced
from nnlab.grading.sandbox.starting import Process

NESTED = 8
FORMS = {"done": range(1, 7), "missing": (1,), "error": (7,), "unsendable": (2, 4)}


class Conversation:
    """A process to speak with, until it breaks the rules or the limits; ``incidents`` then gains the reason."""

    def __init__(self, process: Process, limits: Limits, references: References, incidents: list[str]) -> None:
        self.process, self.limits, self.references, self.incidents = process, limits, references, incidents
        self.alive = True
        self._nested = 0

    def ask(self, message: list[Any], deadline: float, keep: bool = False) -> list[Any]:
        """Send a request and return its reply, serving the functions that were lent with it meanwhile.

        keep: whether those functions stay lent. Raises RemoteEnded or RemoteTimeout when the process is no more, and
        TypeError when the message cannot be sent.
        """
        lent = dict(self.references.lent)
        if self._nested >= NESTED:
            raise RemoteError("functions call each other back and forth too deeply")
        self._nested += 1
        token, finished = secrets.token_bytes(TOKEN_BYTES), False
        channel = self.process.channel
        try:
            request = self._encode(message)
            channel.until(deadline)
            channel.send(token, request)
            reply = self._listen(token)
            finished = True
            return reply
        except CodecError as error:
            finished = True
            raise TypeError(f"an argument cannot be handed to the student's function: {error}") from None
        except ChannelTimeout:
            raise self.end(f"it was still running after {self.limits.cell_seconds:g} seconds", RemoteTimeout) from None
        except ChannelClosed:
            raise self.end(self.process.ending() or "its process closed the connection") from None
        except ChannelError as error:
            raise self.end(f"its process broke the rules of the conversation: {error}") from None
        finally:
            self._nested -= 1
            if not keep:
                self.references.lent = lent
            if not finished:
                # An alarm rang, or the like: a late reply must not be taken for the next one.
                self.end("it was still running when the time of the call was up")

    def decode(self, payload: bytes) -> Any:
        """A value from the student's side; raises CodecError for anything that is none."""
        limits = self.limits
        return Decoder(
            payload, self.references.resolve, Advanced, values=limits.message_values, depth=limits.message_depth + 4
        ).decode()

    def end(self, reason: str, kind: type[RuntimeError] | type[TimeoutError] = RemoteEnded) -> BaseException:
        """End the process, keep the reason, and return the exception to raise."""
        if self.alive:
            self.incidents.append(clean(reason, 300))
            self.close()
        return kind(clean(reason, 300))

    def close(self) -> None:
        """End the process and everything in its sandbox."""
        if self.alive:
            self.alive = False
            self.process.close()

    def _encode(self, message: Any) -> bytes:
        limits = self.limits
        sizes = (limits.message_values, limits.message_depth + 4, limits.message_bytes)
        return Encoder(self.references.refer, *sizes).encode(message)

    def _listen(self, token: bytes) -> list[Any]:
        callbacks = 0
        while True:
            came, payload = self.process.channel.receive()
            if not secrets.compare_digest(came, token):
                raise ChannelError("a reply belongs to no question")
            try:
                reply = self.decode(payload)
            except CodecError as error:
                raise ChannelError(str(error)) from None
            if type(reply) is not list or not reply or type(reply[0]) is not str:
                raise ChannelError("a reply is malformed")
            if reply[0] != "callback":
                return well_formed(reply)
            callbacks += 1
            if callbacks > self.limits.callbacks:
                raise ChannelError(f"more than {self.limits.callbacks:,} calls of a function that was handed over")
            self.process.channel.send(token, self._call_back(reply))

    def _call_back(self, request: list[Any]) -> bytes:
        """Call a function that was lent, and make the answer: its result, or an error's own words."""
        _, number, args, kwargs = [*request, None, None, None][:4]
        function = self.references.lent.get(number) if type(number) is int else None
        if function is None or type(args) is not tuple or type(kwargs) is not dict:
            return self._encode(["raise", "RuntimeError", "there is no such function, or its call has ended"])
        try:
            return self._encode(["return", function(*args, **kwargs)])
        except (RemoteEnded, RemoteTimeout):
            raise
        except Exception as error:
            return self._encode(["raise", type(error).__name__, clean(str(error), 500)])


def well_formed(reply: Any) -> list[Any]:
    """The reply, if it has the form of one; raises ChannelError otherwise."""
    if type(reply) is not list or not reply or type(reply[0]) is not str or len(reply) not in FORMS.get(reply[0], ()):
        raise ChannelError("a reply is malformed")
    return reply
