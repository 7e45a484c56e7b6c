"""Answers that came together, each waiting for its call."""

from __future__ import annotations

from collections import deque
from typing import Any


class Ahead:
    """The answers to calls of one function that were made in one message, in their order."""

    def __init__(self) -> None:
        self._function: object = None
        self._waiting: deque[tuple[tuple[Any, ...], list[Any]]] = deque()

    def clear(self) -> None:
        """Forget what was not asked for."""
        self._waiting.clear()

    def fill(self, function: object, calls: list[tuple[Any, ...]], answers: list[list[Any]]) -> None:
        """Keep the answers to these calls."""
        self._function = function
        self._waiting = deque(zip(calls, answers, strict=True))

    def take(self, function: object, args: tuple[Any, ...]) -> list[Any] | None:
        """The answer to this call, when it is the next one and has these very objects as arguments."""
        if not self._waiting or function is not self._function:
            return None
        made, answer = self._waiting[0]
        if len(made) != len(args) or any(one is not other for one, other in zip(made, args, strict=True)):
            return None
        self._waiting.popleft()
        return answer
