"""The Sphinx extension that makes this site: execution, mathematics, colours, icons and the files of each page."""

from typing import Any

from sphinx.application import Sphinx

from nnlab_book import citations, environment, execution, icons, mathematics, page_files, palette, stale, theme


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect every part; each module says what it is for."""
    for part in (environment, execution, palette, icons, theme, mathematics, citations, page_files, stale):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
