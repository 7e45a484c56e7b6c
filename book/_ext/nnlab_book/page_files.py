"""Give each page only the scripts and stylesheets it uses, and the explorers' module where an explorer lives."""

import hashlib
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from nnlab_book import paths

TOGGLE = r'class="[^"]*\b(?:toggle|dropdown)\b'
CODE = r'class="highlight'

# A file that an extension adds to every page -> the pattern without which a page does not need it.
NEEDED_FOR = {
    "togglebutton.js": TOGGLE,
    "togglebutton.css": TOGGLE,
    "design-tabs.js": r"sd-tab-set",
    "sphinx-design.min.css": r'class="[^"]*\bsd-',
    "clipboard.min.js": CODE,
    "copybutton.js": CODE,
    "copybutton.css": CODE,
    "proof.css": r'class="proof',
    "exercise.css": r'class="exercise|class="solution',
    "katex.min.css": r'class="katex',
    "quiz.js": r"quiz-question",
    "quiz.css": r"quiz-question",
}
INLINE = re.compile(r"toggle(?:Hint|Open|button)")  # togglebutton's inline settings carry no file name
EXPLORER = "<nnlab-explorer"


def is_needed(asset: Any, body: str) -> bool:
    """Whether a page with this body needs the script or stylesheet."""
    name = str(getattr(asset, "filename", asset) or "").split("/")[-1]
    if not name and INLINE.search(asset.attributes.get("body", "")):
        name = "togglebutton.js"
    return re.search(NEEDED_FOR.get(name, ""), body) is not None


def choose(
    app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: nodes.document | None
) -> None:
    body = context.get("body", "")
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context[kind] if is_needed(asset, body)]
    if EXPLORER in body:
        script = paths.explorers(Path(app.srcdir)) / "explorer.js"
        version = hashlib.sha256(script.read_bytes()).hexdigest()[:8]
        address = context["pathto"]("explorers/explorer.js", 1)
        context["metatags"] += f'\n<script type="module" src="{address}?v={version}"></script>'


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", choose, priority=900)
