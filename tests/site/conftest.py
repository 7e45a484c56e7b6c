"""The pages of the book, read from its table of contents, so that a new chapter is tested without a word here."""

from pathlib import Path

import pytest
from sphinx_external_toc.parsing import parse_toc_yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = [f"{name}.html" for name in parse_toc_yaml(ROOT / "_toc.yml")]


@pytest.fixture(scope="session")
def book_pages() -> list[str]:
    """Every page of the book, as an address below the site's root."""
    return PAGES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `book_page` runs once for each page."""
    if "book_page" in metafunc.fixturenames:
        metafunc.parametrize("book_page", PAGES)
