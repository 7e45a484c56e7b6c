"""What a reader's first visit to a page loads: little, and nothing that no page needs."""

from playwright.sync_api import Browser

import weight

UNWANTED = (
    "mathjax",
    "require",
    "fontawesome",
    "fa-solid",
    "thebe",
    "searchindex",
    "html-manager",
    "pydata-sphinx-theme.css",
)


def test_a_first_visit_is_light_and_loads_nothing_needless(browser: Browser, site_url: str, book_page: str) -> None:
    found = weight.weigh(browser, site_url, book_page)
    kinds = found.by_kind()
    assert found.first_visit <= weight.LIMIT, weight.details(found)
    assert not [name for name in found.files if any(word in name.lower() for word in UNWANTED)]
    scripted = any(name.endswith("explorer.js") for name in found.files)
    assert scripted == (kinds["packs"] > 0), "the explorers' script loads where explorers are"
    assert found.first_visit + kinds["packs"] == sum(found.files.values())
    assert found.files["_static/styles/theme-without-icons.css"] < 80_000, "text counts as compressed"


def test_the_fonts_of_formulae_are_weighed(browser: Browser, site_url: str) -> None:
    assert weight.weigh(browser, site_url, "book/backpropagation.html").by_kind()["fonts"] > 0
