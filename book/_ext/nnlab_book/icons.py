"""Draw the theme's icons as small SVG masks (GitHub's Octicons, carried by sphinx-design) instead of an icon font."""

import re
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx_design.icons import get_octicon_data

from nnlab_book import generated

# The class the theme's templates give an element -> the Octicon drawn there.
CLASSES = {
    "fa-magnifying-glass": "search",
    "fa-sun": "sun",
    "fa-moon": "moon",
    "fa-circle-half-stroke": "device-desktop",
    "fa-bars": "three-bars",
    "fa-list": "list-unordered",
    "fa-chevron-down": "chevron-down",
    "fa-angle-left": "chevron-left",
    "fa-angle-right": "chevron-right",
    "fa-arrow-up": "arrow-up",
    "fa-xmark": "x",
}

# The admonition's class -> the Octicon before its title.
ADMONITIONS = {
    "admonition": "info",
    "note": "info",
    "tip": "light-bulb",
    "hint": "light-bulb",
    "important": "bell",
    "attention": "bell",
    "seealso": "book",
    "warning": "alert",
    "caution": "alert",
    "danger": "alert",
    "error": "x-circle",
}

MASK = "-webkit-mask: var(--nnlab-icon) center / contain no-repeat; mask: var(--nnlab-icon) center / contain no-repeat;"


def data_url(name: str) -> str:
    """The Octicon as an SVG data URL, drawn on its 16 by 16 grid."""
    path = re.sub(r"></path>", "/>", get_octicon_data()[name]["heights"]["16"]["path"]).replace('"', "'")
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>{path}</svg>"
    encoded = quote(svg, safe=" =:/'")
    return f'url("data:image/svg+xml,{encoded}")'


def stylesheet() -> str:
    """CSS that draws every icon of the theme in the colour of the text around it."""
    names = sorted({*CLASSES.values(), *ADMONITIONS.values()})
    lines = [":root {", *(f"  --nnlab-icon-{name}: {data_url(name)};" for name in names), "}"]
    lines.append(
        ".fa-solid, .fas { display: inline-block; width: 1em; height: 1em; vertical-align: -0.125em; "
        f"background-color: currentColor; {MASK} }}"
    )
    lines += [f".{cls} {{ --nnlab-icon: var(--nnlab-icon-{name}); }}" for cls, name in CLASSES.items()]
    title = ".admonition-title::after"
    lines.append(
        f'.admonition > {title}, div.admonition > {title} {{ content: ""; width: 1rem; height: 1rem; top: 0.7rem; '
        f"background-color: currentColor; {MASK} }}"
    )
    lines += [f".{cls} > {title} {{ --nnlab-icon: var(--nnlab-icon-{name}); }}" for cls, name in ADMONITIONS.items()]
    return "\n".join(lines) + "\n"


def add_icons(app: Sphinx, _config: Config) -> None:
    generated.write(app, "icons.css", stylesheet())
    app.add_css_file("icons.css", priority=610)


def setup(app: Sphinx) -> None:
    app.connect("config-inited", add_icons)
