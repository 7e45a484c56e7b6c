"""The program of a container: one submission, served over standard input and output."""

from __future__ import annotations

import json
import os
import sys

from . import standins
from .channel import Channel
from .lockdown import lock_down, silence
from .serving import run


class Pipes:
    """Two pipes with a socket's methods, as a Channel wants them."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading, self._writing = reading, writing

    def setblocking(self, blocking: bool) -> None:
        """Whether reads and writes wait."""
        os.set_blocking(self._reading, blocking)
        os.set_blocking(self._writing, blocking)

    def recv(self, count: int) -> bytes:
        """The next bytes, at most ``count``; none at the end."""
        return os.read(self._reading, count)

    def sendall(self, data: bytes) -> None:
        """Write all of ``data``."""
        left = memoryview(data)
        while left:
            left = left[os.write(self._writing, left) :]


def main() -> None:
    """Give up what rights there are, say that all is ready, and serve."""
    options = json.loads(sys.argv[1])
    limits = options["limits"]
    standins.install(options["digits"])
    line = Pipes(os.dup(0), os.dup(1))
    lock_down(limits, None)
    silence()
    line.sendall(b"r")
    run(Channel(line, limits["message_bytes"]), limits)
