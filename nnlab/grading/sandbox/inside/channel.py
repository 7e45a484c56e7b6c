"""Frames over a socket: a token of 16 bytes, a length, a payload."""

from __future__ import annotations

import socket
import struct
import time

TOKEN_BYTES = 16
_HEADER = struct.Struct(f"<{TOKEN_BYTES}sI")


class ChannelError(Exception):
    """The other side closed the channel, or broke the rules; the message says which."""


class ChannelClosed(ChannelError):
    """The other side is gone."""


class ChannelTimeout(ChannelError):
    """No whole frame came in time."""


class Channel:
    """Sends and receives frames of at most ``limit`` bytes."""

    def __init__(self, connection: socket.socket, limit: int) -> None:
        self.connection, self.limit = connection, limit

    def send(self, token: bytes, payload: bytes, deadline: float | None = None) -> None:
        """Send one frame before ``deadline``, a time of the monotonic clock."""
        if len(payload) > self.limit:
            raise ChannelError(f"a message of {len(payload):,} bytes is longer than the limit of {self.limit:,}")
        self._patience(deadline)
        try:
            self.connection.sendall(_HEADER.pack(token, len(payload)) + payload)
        except TimeoutError:
            raise ChannelTimeout("the message was not taken in time") from None
        except OSError:
            raise ChannelClosed("the process is gone") from None

    def receive(self, deadline: float | None = None) -> tuple[bytes, bytes]:
        """The next frame's token and payload; its announced length is checked before memory is taken."""
        token, length = _HEADER.unpack(self._read(_HEADER.size, deadline))
        if length > self.limit:
            raise ChannelError(f"a message of {length:,} bytes was announced; the limit is {self.limit:,}")
        return token, self._read(length, deadline)

    def pending(self) -> bool:
        """Whether bytes wait that nobody asked for."""
        self.connection.settimeout(0)
        try:
            return bool(self.connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def _read(self, count: int, deadline: float | None) -> bytes:
        parts = []
        while count:
            self._patience(deadline)
            try:
                part = self.connection.recv(min(count, 1 << 20))
            except TimeoutError:
                raise ChannelTimeout("no reply came in time") from None
            except OSError:
                part = b""
            if not part:
                raise ChannelClosed("the process is gone")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _patience(self, deadline: float | None) -> None:
        if deadline is None:
            self.connection.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise ChannelTimeout("no time is left")
        self.connection.settimeout(left)
