"""What a reader's first visit to a page loads: little, and nothing that no page needs."""

import pytest
from playwright.sync_api import Browser

import weight
from weight import Weight

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


@pytest.fixture(scope="module")
def weights(browser: Browser, site_url: str, book_pages: list[str]) -> list[Weight]:
    return [weight.weigh(browser, site_url, page) for page in book_pages]


def test_every_page_is_light(weights: list[Weight]) -> None:
    heavy = [each for each in weights if each.first_visit > weight.LIMIT]
    assert not heavy, "\n\n".join(
        f"{each.page} loads {each.first_visit} bytes\n{weight.details(each)}" for each in heavy
    )


def test_nothing_loads_that_no_page_needs(weights: list[Weight]) -> None:
    loaded = {name.lower() for each in weights for name in each.files}
    assert not [name for name in loaded if any(word in name for word in UNWANTED)]


def test_a_page_without_explorers_does_not_load_their_script(weights: list[Weight]) -> None:
    for each in weights:
        carries = any(name.endswith("explorer.js") for name in each.files)
        assert carries == any(name.endswith(".bin") for name in each.files), each.page


def test_packs_are_weighed_apart_and_text_compressed(weights: list[Weight]) -> None:
    chapter = next(each for each in weights if "backpropagation" in each.page)
    assert chapter.by_kind()["packs"] > 0
    assert chapter.first_visit + chapter.by_kind()["packs"] == sum(chapter.files.values())
    assert chapter.by_kind()["fonts"] > 0, "KaTeX's fonts count too"
    assert chapter.files["_static/styles/theme-without-icons.css"] < 80_000
