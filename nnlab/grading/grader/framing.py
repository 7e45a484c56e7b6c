"""Messages over a stream socket between parts of the grader: a length, then that many bytes."""

from __future__ import annotations

import socket
import struct

LENGTH = struct.Struct("<Q")


def send(connection: socket.socket, data: bytes) -> None:
    """Send one message; raises EOFError when the other side is gone."""
    try:
        connection.sendall(LENGTH.pack(len(data)) + data)
    except (BrokenPipeError, ConnectionResetError):
        raise EOFError from None


def receive(connection: socket.socket) -> bytes:
    """The next message; raises EOFError when the other side is gone, and TimeoutError when the socket has a timeout."""
    return _read(connection, LENGTH.unpack(_read(connection, LENGTH.size))[0])


def _read(connection: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        try:
            part = connection.recv(min(count, 1 << 20))
        except ConnectionResetError:
            part = b""
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
