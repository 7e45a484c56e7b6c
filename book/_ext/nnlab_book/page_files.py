"""Give each page only the scripts and stylesheets it uses, and the explorers' module where an explorer lives."""

import hashlib
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from nnlab_book import paths

# A file that an extension adds to every page -> the text without which a page does not need it.
NEEDED_FOR = {
    "togglebutton.js": ("toggle", "dropdown"),
    "togglebutton.css": ("toggle", "dropdown"),
    "design-tabs.js": ("sd-tab-set",),
    "sphinx-design.min.css": ("sd-",),
    "clipboard.min.js": ('class="highlight',),
    "copybutton.js": ('class="highlight',),
    "copybutton.css": ('class="highlight',),
    "proof.css": ('class="proof', "proof admonition"),
    "exercise.css": ("exercise",),
    "katex.min.css": ('class="katex',),
}
INLINE = ("toggleHint", "toggleOpen", "togglebutton")  # togglebutton's inline settings carry no file name
EXPLORER = "<nnlab-explorer"


def is_needed(asset: Any, body: str) -> bool:
    """Whether a page with this body needs the script or stylesheet."""
    name = str(getattr(asset, "filename", asset) or "").split("/")[-1]
    if not name:
        if not any(word in asset.attributes.get("body", "") for word in INLINE):
            return True
        name = "togglebutton.js"
    return any(word in body for word in NEEDED_FOR.get(name, ("",)))


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
