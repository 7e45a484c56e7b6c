"""Keep an inline formula on one line with the punctuation at its sides: no line begins with a comma.

A browser may break a line on either side of a formula, as beside a picture. The formula and the marks that belong to it
go into a span that does not break; the formula inside may still break where KaTeX lets it.
"""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

# A unit, closing marks, dashes, and the letters of "$n$th" or "$x$-axis"; of Chinese text the marks alone.
UNIT = r"\s(?:%|(?:s|ms|µs|px|bytes?|[KMG]i?B(?:/s)?|[MG]bit/s)\b)"
MARKS = r"[.,;:!?)\]}…%/'’\"”»A-Za-z‐‑–—-]"
AFTER = re.compile(rf"{UNIT}{MARKS}*|{MARKS}+|[，。；：、！？）」』》”’]+")
BEFORE = re.compile(r"[(\[{‘“«（「『《]+$")


class KeepTogether(SphinxPostTransform):
    """Move the marks around each inline formula into one span with it."""

    default_priority = 900
    formats = ("html",)

    def run(self, **_options: Any) -> None:
        for formula in list(self.document.findall(nodes.math)):
            join(formula)


def join(formula: nodes.math) -> None:
    """Wrap the formula, or the emphasis that ends with it, together with its marks."""
    outer: nodes.Element = formula
    while isinstance(outer.parent, nodes.Inline):
        if len(outer.parent) > 1 and not part_from_emphasis(outer):
            break
        outer = outer.parent
    before, after = outer.previous_sibling(), following(outer)
    opening = BEFORE.search(before) if isinstance(before, nodes.Text) else None
    closing = AFTER.match(after) if isinstance(after, nodes.Text) else None
    if not opening and not closing:
        return
    span = nodes.inline(classes=["joined"])
    outer.parent.replace(outer, span)
    if opening and isinstance(before, nodes.Text):
        span += nodes.Text(opening[0])
        span.parent.replace(before, nodes.Text(before[: opening.start()]))
    span += outer
    if closing and isinstance(after, nodes.Text):
        span += nodes.Text(closing[0])
        span.parent.replace(after, nodes.Text(after[closing.end() :]))


def part_from_emphasis(last: nodes.Element) -> bool:
    """Give the end of emphasized text an emphasis of its own, so that a span around it and its marks is well formed."""
    whole = last.parent
    if not isinstance(whole, (nodes.emphasis, nodes.strong)) or following(last) is not None:
        return False
    whole.remove(last)
    whole.parent.insert(whole.parent.index(whole) + 1, type(whole)("", "", last))
    return True


def following(node: nodes.Node) -> nodes.Node | None:
    """The next node with the same parent."""
    return node.next_node(descend=False, siblings=True, ascend=False)


def setup(app: Sphinx) -> None:
    app.add_post_transform(KeepTogether)
