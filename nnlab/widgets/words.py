"""Numbers inside words, written with the signs of mathematics."""

from __future__ import annotations

import re

_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_POWER = re.compile(r"(\d+(?:\.\d+)?)e([+-]?)(\d+)")
_MINUS = re.compile(r"(?<![\w)\]}-])-(?=[\d∞])")
_WORDS = {"nan": "not a number", "inf": "∞"}


def _power(match: re.Match[str]) -> str:
    mantissa, sign, exponent = match.groups()
    raised = (("-" if sign == "-" else "") + exponent.lstrip("0") or "0").translate(_RAISED)
    return f"10{raised}" if mantissa == "1" else f"{mantissa}×10{raised}"


def _outside_places(text: str, change: re.Pattern[str], by: object) -> str:
    """Apply a change only where the text is not a {place} the page will fill in."""
    parts = re.split(r"(\{[^{}]*\})", text)
    return "".join(part if part.startswith("{") else change.sub(by, part) for part in parts)  # type: ignore[call-overload]


def prettify(text: str) -> str:
    """Python's way of writing numbers turned into print: -1e-05 becomes −10⁻⁵, inf ∞, nan "not a number"."""
    text = _outside_places(text, _POWER, _power)
    text = _outside_places(text, re.compile(r"(?<![^\s(=,-])(nan|inf)\b"), lambda m: _WORDS[m[1]])
    return _outside_places(text, _MINUS, "−")
