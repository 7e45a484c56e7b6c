"""Formulas as MathML, which browsers draw by themselves, without a script from anywhere."""

from __future__ import annotations

import html
from functools import lru_cache
from xml.etree import ElementTree

LONGEST = 4_000
# What describes how a formula looks; anything else, such as a link or a style, is left out.
ATTRIBUTES = frozenset(
    (
        *("display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "separator", "form", "accent"),
        *("accentunder", "movablelimits", "lspace", "rspace", "minsize", "maxsize", "linethickness", "largeop"),
        *("columnalign", "columnlines", "columnspacing", "rowalign", "rowlines", "rowspacing", "width", "height"),
        *("depth", "notation", "symmetric"),
    )
)
# Commands that the library leaves as they are after \\big and within \\text.
LEFT_OVER = ((r"\|", "‖"), (r"\_", "_"), (r"\%", "%"), (r"\$", "$"), (r"\&", "&"), (r"\#", "#"))
MATHML = "{http://www.w3.org/1998/Math/MathML}"


@lru_cache(maxsize=1_000)  # statements are the same on every student's page
def mathml(latex: str, display: bool) -> str:
    r"""A formula in LaTeX as MathML, and as its own source where it cannot be read.

    Text within the formula stays text: ``\text{<b>}`` shows ``<b>``.
    """
    from latex2mathml.converter import convert_to_element

    try:
        if len(latex) > LONGEST:
            raise ValueError("too long")
        element = convert_to_element(latex.strip(), display="block" if display else "inline")
        _settle(element)
        ElementTree.register_namespace("", MATHML.strip("{}"))
        return ElementTree.tostring(element, encoding="unicode")
    except Exception:  # the library raises errors of many kinds, RecursionError among them
        return f"<code>{html.escape(latex)}</code>"


def _characters(text: str) -> str:
    text = html.unescape(text)
    for command, sign in LEFT_OVER:
        text = text.replace(command, sign)
    return text


def _settle(element: ElementTree.Element) -> None:
    """Turn the library's character references into characters, and leave out attributes that could do something."""
    for one in element.iter():
        one.text = _characters(one.text or "")
        one.tail = html.unescape(one.tail) if one.tail else one.tail
        for name in set(one.attrib) - ATTRIBUTES:
            if name != "xmlns":
                del one.attrib[name]
