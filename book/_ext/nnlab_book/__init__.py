"""The Sphinx extension that makes this site: execution, mathematics, colours, icons and the files of each page."""

from typing import Any

from sphinx.application import Sphinx

from nnlab_book import (
    ahead,
    assets,
    citations,
    environment,
    execution,
    icons,
    joining,
    language,
    mathematics,
    page_files,
    palette,
    stale,
    theme,
)

PARTS = (
    environment,
    execution,
    ahead,
    palette,
    icons,
    theme,
    mathematics,
    joining,
    language,
    citations,
    page_files,
    assets,
    stale,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect every part; each module says what it is for."""
    for part in PARTS:
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
