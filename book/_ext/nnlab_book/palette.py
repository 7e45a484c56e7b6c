"""Give the site the colours of the figures: nnlab/palette.json as CSS variables, light and dark."""

import json
from collections.abc import Mapping
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from nnlab_book import generated, paths

THEMES = {"light": ":root", "dark": "html[data-theme=dark]"}


def stylesheet(palette: Mapping[str, Mapping[str, str]]) -> str:
    """CSS that declares `--nnlab-<name>` for every colour of both themes."""
    blocks = []
    for theme, selector in THEMES.items():
        declarations = "".join(f"  --nnlab-{name}: {colour};\n" for name, colour in palette[theme].items())
        blocks.append(f"{selector} {{\n{declarations}}}\n")
    return "".join(blocks)


def read(path: Path = paths.PALETTE) -> Mapping[str, Mapping[str, str]]:
    """The two themes of the palette, each a mapping from name to CSS colour."""
    palette = json.loads(path.read_text(encoding="utf-8"))
    missing = [theme for theme in THEMES if theme not in palette]
    if missing:
        raise ValueError(f"{path} needs the themes {', '.join(THEMES)}; it lacks {', '.join(missing)}")
    return {theme: palette[theme] for theme in THEMES}


def add_palette(app: Sphinx, _config: Config) -> None:
    generated.write(app, "palette.css", stylesheet(read()))
    app.add_css_file("palette.css", priority=600)


def setup(app: Sphinx) -> None:
    app.connect("config-inited", add_palette)
