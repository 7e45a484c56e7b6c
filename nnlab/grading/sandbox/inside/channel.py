"""Frames over a socket: a token of 16 bytes, a length, a payload."""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

TOKEN_BYTES = 16
_HEADER = struct.Struct(f"<{TOKEN_BYTES}sI")
_PART = 1 << 18
_TIMEVAL = struct.Struct("@ll")


class ChannelError(Exception):
    """The other side closed the channel, or broke the rules; the message says which."""


class ChannelClosed(ChannelError):
    """The other side is gone."""


class ChannelTimeout(ChannelError):
    """No whole frame came in time."""


class Channel:
    """Sends and receives frames of at most ``limit`` bytes over a socket, or what has a socket's methods.

    One system call sends a small frame and one receives it: a check makes hundreds of calls, and each costs two frames.
    """

    def __init__(self, connection: Any, limit: int) -> None:
        self.connection, self.limit = connection, limit
        self._come = bytearray()
        self._deadline: float | None = None
        connection.setblocking(True)

    def until(self, deadline: float) -> None:
        """Give up waiting at ``deadline``, a time of the monotonic clock, from here on."""
        if deadline != self._deadline:
            self._deadline = deadline
            left = max(deadline - time.monotonic(), 0.001)
            patience = _TIMEVAL.pack(int(left), int(left % 1 * 1e6))
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self.connection.setsockopt(socket.SOL_SOCKET, option, patience)

    def send(self, token: bytes, payload: bytes) -> None:
        """Send one frame."""
        if len(payload) > self.limit:
            raise ChannelError(f"a message of {len(payload):,} bytes is longer than the limit of {self.limit:,}")
        self._check()
        try:
            self.connection.sendall(_HEADER.pack(token, len(payload)) + payload)
        except BlockingIOError:
            raise ChannelTimeout("the message was not taken in time") from None
        except OSError:
            raise ChannelClosed("the process is gone") from None

    def receive(self) -> tuple[bytes, bytes]:
        """The next frame's token and payload; its announced length is checked before memory is taken."""
        self._fill(_HEADER.size)
        token, length = _HEADER.unpack_from(self._come)
        if length > self.limit:
            raise ChannelError(f"a message of {length:,} bytes was announced; the limit is {self.limit:,}")
        self._fill(_HEADER.size + length)
        payload = bytes(memoryview(self._come)[_HEADER.size : _HEADER.size + length])
        del self._come[: _HEADER.size + length]
        return token, payload

    def pending(self) -> bool:
        """Whether bytes wait that nobody asked for."""
        try:
            return bool(self._come or self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:
            return False

    def _fill(self, count: int) -> None:
        while len(self._come) < count:
            self._check()
            try:
                part = self.connection.recv(_PART)
            except BlockingIOError:
                raise ChannelTimeout("no reply came in time") from None
            except OSError:
                part = b""
            if not part:
                raise ChannelClosed("the process is gone")
            self._come += part

    def _check(self) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise ChannelTimeout("no time is left")
