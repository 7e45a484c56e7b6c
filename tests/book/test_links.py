"""Inside the built book every link leads somewhere, every page has its title, and nothing is taken from elsewhere."""

from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

PARTS = (
    "script[src]",
    "link[rel=stylesheet][href]",
    "img[src]",
    "source[src]",
    "iframe[src]",
    "object[data]",
    "use[href]",
)


@cache
def parsed(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(path: Path) -> frozenset[str]:
    return frozenset(str(tag["id"]) for tag in parsed(path).select("[id]"))


@pytest.fixture(scope="module")
def pages(site: Path) -> list[Path]:
    found = sorted(site.rglob("*.html"))
    assert len(found) >= 3
    return found


def test_links_inside_resolve(pages: list[Path]) -> None:
    broken = []
    for page in pages:
        for tag in parsed(page).select("a[href], link[href], script[src], img[src]"):
            address = urlsplit(str(tag.get("href") or tag.get("src")))
            if address.scheme in ("http", "https", "mailto", "data"):
                continue
            target = (page.parent / unquote(address.path)).resolve() if address.path else page
            if not target.is_file():
                broken.append(f"{page.name}: {address.geturl()} leads to no file")
            elif address.fragment and target.suffix == ".html" and unquote(address.fragment) not in anchors(target):
                broken.append(f"{page.name}: {address.geturl()} leads to no place on its page")
    assert not broken, "\n".join(broken)


def test_pages_take_nothing_from_other_machines(pages: list[Path]) -> None:
    for page in pages:
        for tag in parsed(page).select(", ".join(PARTS)):
            address = str(tag.get("src") or tag.get("href") or tag.get("data"))
            assert not urlsplit(address).netloc, f"{page.name}: {tag}"


def test_stylesheets_take_nothing_from_other_machines(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "url(http" not in text and "url(//" not in text and "@import url" not in text, sheet.name
        assert "fontawesome" not in text.lower(), sheet.name


def test_links_to_other_machines_are_encrypted(pages: list[Path]) -> None:
    for page in pages:
        for tag in parsed(page).select("article a[href]"):
            assert urlsplit(str(tag["href"])).scheme != "http", f"{page.name}: {tag['href']}"


def test_every_page_has_its_own_title_and_one_first_heading(pages: list[Path]) -> None:
    titles = {}
    for page in pages:
        if page.name == "index.html":
            continue
        title = parsed(page).title
        assert title is not None and title.get_text().strip(), page.name
        assert title.get_text() not in titles, f"{page.name} has the title of {titles[title.get_text()]}"
        titles[title.get_text()] = page.name
        if page.name != "search.html":
            assert len(parsed(page).select("article h1")) == 1, page.name


def test_every_picture_has_its_words(pages: list[Path]) -> None:
    for page in pages:
        for picture in parsed(page).select("article img"):
            assert str(picture.get("alt", "")).strip(), f"{page.name}: {picture}"
        for drawing in parsed(page).select("article svg[role=img]"):
            named = drawing.get("aria-label") or drawing.get("aria-labelledby") or drawing.find("title")
            assert named, f"{page.name}: {str(drawing)[:200]}"
