"""Standard output that keeps what is printed, up to a limit."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator


class Printed(io.TextIOBase):
    """A text stream that keeps the first ``limit`` characters and drops the rest."""

    def __init__(self, limit: int) -> None:
        self.left, self.parts = limit, list[str]()

    def write(self, text: str) -> int:
        if self.left > 0:
            self.parts.append(str(text)[: self.left])
            self.left -= len(self.parts[-1])
        return len(text)

    def writable(self) -> bool:
        return True

    @property
    def text(self) -> str:
        """What was printed, as valid Unicode."""
        return valid("".join(self.parts))


@contextlib.contextmanager
def kept(limit: int) -> Iterator[Printed]:
    """Keep what is printed meanwhile, on standard output and standard error alike."""
    printed = Printed(limit)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        # Code may have put other streams in place; the sandbox's own come back in any case.
        before = sys.stdout, sys.stderr
        try:
            yield printed
        finally:
            sys.stdout, sys.stderr = before


def valid(text: str) -> str:
    """The text without lone surrogates, which cannot be encoded."""
    return text.encode("utf-8", "replace").decode()
