"""The words of a failed check: what was called, what came back, what was expected, in at most twelve short lines."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnlab.grading.comparing import kind

LINES, COLUMNS = 12, 80
_EXPLANATION = 4
_LABEL = len("  expected  ")


class CheckFailed(AssertionError):
    """A check that failed; in a notebook its message is shown without the check's own stack."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


def message(headline: str, rows: list[tuple[str, str]]) -> str:
    """A headline and labelled rows in at most twelve lines: two lines a row, or one, or all arguments in two."""
    rows = [(label, text) for label, text in rows if text]
    for given, most in ((rows, 2), (rows, 1), (_arguments_in_one(rows), 2), (_arguments_in_one(rows), 1)):
        lines = _wrap(headline, "", 2)
        for label, text in given:
            lines += _wrap(text, f"  {label}".ljust(_LABEL), _EXPLANATION if label == "mistake" else most)
        if len(lines) <= LINES:
            break
    return "\n".join(lines[:LINES])


def _arguments_in_one(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The rows with a call's arguments, which follow the label "with", joined into one."""
    joined: list[tuple[str, str]] = []
    for label, text in rows:
        if not label and joined:
            joined[-1] = (joined[-1][0], f"{joined[-1][1]}, {text}")
        else:
            joined.append((label, text))
    return joined


def show(value: Any) -> str:
    """A value as short text: small arrays whole, large ones by their shape and first entries, text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        return _show_array(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {show(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(show(item) for item in value) + ")"
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.6g}"
    if isinstance(value, np.random.Generator):
        return f"np.random.default_rng({getattr(value.bit_generator.seed_seq, 'entropy', '…')})"
    try:
        text = repr(value)
    except Exception:
        return kind(value)
    return text if len(text) <= COLUMNS else kind(value)


def _show_array(array: np.ndarray) -> str:
    if array.dtype.kind not in "fiub" or array.size > 12:
        first = ", ".join(show(item) for item in array.flat[:3]) if array.dtype.kind in "fiub" else ""
        return f"{kind(array)}" + (f", [{first}, …]" if first else "")
    text = np.array2string(array, precision=4, separator=", ", max_line_width=10_000).replace("\n", "")
    note = "" if array.dtype in (np.float64, np.int64) else f" ({array.dtype})"
    return " ".join(text.split()).replace("[ ", "[") + note


def _wrap(text: str, label: str, most: int) -> list[str]:
    """The text's own lines, each in at most ``most`` lines; the label stands before the first."""
    lines: list[str] = []
    indent = " " * len(label)
    for own in text.splitlines():
        lines += textwrap.wrap(
            own,
            COLUMNS,
            initial_indent=indent if lines else label,
            subsequent_indent=indent,
            max_lines=most,
            placeholder=" …",
        )
    return lines
