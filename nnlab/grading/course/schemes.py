"""The course's colours as CSS that follows whether a reader's system is light or dark."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

DARK = "@media screen and (prefers-color-scheme: dark)"  # what is printed is printed on white


@cache
def colours() -> str:
    """CSS that declares ``--nnlab-NAME`` for each colour of palette.json, in the dark its dark one."""
    palette = json.loads(resources.files("nnlab").joinpath("palette.json").read_text("utf-8"))
    light, dark = (_declared(palette[scheme]) for scheme in ("light", "dark"))
    return f":root {{ color-scheme: light dark; {light} }}\n{DARK} {{ :root {{ {dark} }} }}"


@cache
def dark_code() -> str:
    """CSS that gives highlighted code the colours of a dark style of Pygments, in the dark."""
    from pygments.formatters import HtmlFormatter

    rules = HtmlFormatter(style="github-dark").get_token_style_defs(".highlight")
    return f"{DARK} {{ {' '.join(rules)} }}"


def _declared(scheme: Mapping[str, str]) -> str:
    return " ".join(f"--nnlab-{name}: {colour};" for name, colour in scheme.items())
