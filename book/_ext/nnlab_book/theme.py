"""Leave Font Awesome out of the theme: its script, fonts and 2,500 rules are 760 KB that the site never shows."""

import re
import shutil
from pathlib import Path

import pydata_sphinx_theme
import tinycss2
from sphinx.application import Sphinx
from sphinx.config import Config

from nnlab_book import generated

STYLESHEET = "styles/pydata-sphinx-theme.css"
REDUCED = "styles/theme-without-icons.css"  # named in _templates/static/webpack-macros.html
ICON_SELECTOR = re.compile(r"\.fa(?:[srb]?\b|-)")
UNUSED = (
    STYLESHEET,
    "styles/theme.css",
    "vendor",
    "scripts/fontawesome.js",
    "scripts/fontawesome.js.LICENSE.txt",
    "locales",
)


def without_font_awesome(css: str) -> str:
    """The stylesheet without the rules, fonts and animations of Font Awesome; every other rule is kept as it was."""
    return "".join(node.serialize() for node in tinycss2.parse_stylesheet(css) if not is_font_awesome(node))


def is_font_awesome(node: tinycss2.ast.Node) -> bool:
    """Whether a top-level node of the stylesheet serves Font Awesome alone."""
    match node.type:
        case "comment":
            return "Font Awesome" in node.value
        case "at-rule" if node.at_keyword == "font-face":
            return "fontawesome" in tinycss2.serialize(node.content)
        case "at-rule" if node.at_keyword.endswith("keyframes"):
            return tinycss2.serialize(node.prelude).strip().startswith("fa-")
        case "qualified-rule":
            selectors = tinycss2.serialize(node.prelude).split(",")
            return all(ICON_SELECTOR.match(selector.strip()) for selector in selectors)
    return False


def reduce_stylesheet(app: Sphinx, _config: Config) -> None:
    """Write the reduced stylesheet, anew only when the theme or this module has changed."""
    source = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static" / STYLESHEET
    folder = generated.folder(app)
    made_from = folder.parent / ".static-theme"
    fingerprint = f"{pydata_sphinx_theme.__version__} {source.stat().st_size} {Path(__file__).stat().st_mtime_ns}"
    if made_from.exists() and made_from.read_text() == fingerprint and (folder / REDUCED).exists():
        return
    generated.write(app, REDUCED, without_font_awesome(source.read_text(encoding="utf-8")))
    made_from.write_text(fingerprint)


def remove_unused(app: Sphinx, exception: Exception | None) -> None:
    """Delete what no page asks for from the built site: Font Awesome's files and the theme's source maps."""
    if exception:
        return
    static = Path(app.outdir) / "_static"
    for path in [*(static / name for name in UNUSED), *static.rglob("*.map")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    app.connect("config-inited", reduce_stylesheet)
    app.connect("build-finished", remove_unused)
