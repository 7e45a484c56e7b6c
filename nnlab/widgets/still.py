"""An explorer at rest: what the built site, its PDF and a reader without JavaScript get."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from nnlab.widgets.explorer import Explorer, ExplorerError

MANIFEST = "manifest.json"


def page_html(name: str, file: str, inside: str) -> str:
    """The element a page holds: a still figure with its words, which the script brings to life."""
    return f'<nnlab-explorer data-name="{escape(name)}" data-src="{escape(file)}">{inside}</nnlab-explorer>'


def mimebundle(explorer: Explorer, folder: str | Path) -> dict[str, Any]:
    """HTML for the site, PNG for paper, text for everyone else, from the packs' folder.

    Raises ExplorerError when the folder holds no such explorer.
    """
    folder = Path(folder)
    try:
        entry = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["explorers"][explorer.name]
    except (OSError, KeyError, ValueError) as error:
        raise ExplorerError(
            f"explorer {explorer.name!r} is not among the packs in NNLAB_BOOK={folder} "
            f"({type(error).__name__}: {error}); "
            f"build them first: python -m nnlab.widgets build --out {folder}"
        ) from error
    inside = (folder / entry["still"]).read_text(encoding="utf-8")
    return {
        "text/html": page_html(explorer.name, entry["pack"], inside),
        "image/png": (folder / entry["png"]).read_bytes(),
        "text/plain": f"{explorer.title}. {entry['words']}",
    }
