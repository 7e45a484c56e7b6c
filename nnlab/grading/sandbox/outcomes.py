"""What a student's cell did, read from its process's reply with nothing taken on trust."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nnlab.grading.sandbox.cleaning import text
from nnlab.grading.sandbox.limits import Limits

PNG = b"\x89PNG\r\n\x1a\n"
RESULT, LINE, LINES, REMARK, REMARKS = 2_000, 400, 60, 200, 10


@dataclass
class CellOutcome:
    """What a student's cell did. error: (type, message, traceback lines). figures: PNG files."""

    printed: str = ""
    result: str | None = None
    error: tuple[str, str, list[str]] | None = None
    figures: list[bytes] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_outcome(reply: list[Any], limits: Limits) -> CellOutcome:
    """The outcome a reply tells of; raises ValueError, TypeError, IndexError or AttributeError when it tells none."""
    _, printed, result, error, figures, remarks = reply
    return CellOutcome(
        text(printed, limits.output_characters),
        None if result is None else text(result, RESULT),
        None if error is None else _error(error),
        [image for image in figures[: limits.figures] if _is_figure(image, limits)],
        [text(remark, REMARK) for remark in remarks[:REMARKS]],
    )


def _error(error: Any) -> tuple[str, str, list[str]]:
    kind, message = error[:2]
    return text(kind, RESULT), text(message, RESULT), [text(line, LINE) for line in error[2][:LINES]]


def _is_figure(image: Any, limits: Limits) -> bool:
    return type(image) is bytes and image.startswith(PNG) and len(image) <= limits.figure_bytes
