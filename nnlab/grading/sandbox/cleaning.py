"""Text from a student's process made fit for a page or a terminal."""

from __future__ import annotations

import re
from typing import Any

CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str, limit: int) -> str:
    """Text from a student's process for a page or a terminal: without control characters, at most ``limit`` long."""
    text = CONTROL.sub("", text.encode("utf-8", "replace").decode())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def text(value: Any, limit: int) -> str:
    """``value`` cleaned; raises TypeError when it is no text."""
    if type(value) is not str:
        raise TypeError("a text is no text")
    return clean(value, limit)
