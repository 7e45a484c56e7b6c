"""Turn the statements' links to chapters, ``book:backpropagation``, into addresses of the course's site."""

from __future__ import annotations

import re

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

_LINK = re.compile(r"\]\(book:([\w-]+)(#[\w-]+)?\)")


class LinkToBook(NbGraderPreprocessor):
    """Runs first when an assignment is generated, so that students get links that work."""

    book_url = Unicode("http://127.0.0.1:8000/book", help="Address of the folder that holds the chapters").tag(
        config=True
    )

    def preprocess_cell(self, cell: NotebookNode, resources: dict, cell_index: int) -> tuple[NotebookNode, dict]:
        if cell.cell_type == "markdown":
            base = self.book_url.rstrip("/")
            cell.source = _LINK.sub(lambda found: f"]({base}/{found[1]}.html{found[2] or ''})", cell.source)
        return cell, resources
