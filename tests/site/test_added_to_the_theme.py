"""What the book mends in its theme: formulas among search results, and the arrow of the folded contents."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]


def test_a_search_shows_each_formula_once_and_not_its_source(open_page: OpenPage) -> None:
    page = open_page("search.html?q=softmax")
    expect(page.locator(".search-summary")).to_contain_text(re.compile("found|finished"))
    page.wait_for_load_state("networkidle")  # the words around each find are read from the page that it is on
    found = page.locator("#search-results p.context").all_inner_texts()
    assert any(re.search(r"[α-ω∇∂ℓ]", words) for words in found), "no find has a formula near it"
    assert [words for words in found if re.search(r"\\[a-z]+", words)] == []


def test_the_contents_folded_beside_a_margin_note_have_an_arrow(open_page: OpenPage) -> None:
    page = open_page("book/backpropagation.html")
    heading = page.locator(".bd-sidebar-secondary .onthispage")
    arrow = """(heading) => {
      const style = getComputedStyle(heading, "::after");
      return [style.content, parseFloat(style.width) > 5 && style.borderRightStyle, style.borderBottomWidth];
    }"""
    assert heading.evaluate(arrow)[0] == "none", "no arrow while they are open"
    note = page.locator("aside.margin, div.margin").first
    note.evaluate("(note) => note.scrollIntoView({ block: 'start' })")
    expect(page.locator(".bd-sidebar-secondary")).to_have_class(re.compile(r"\bhide\b"))
    assert heading.evaluate(arrow) == ['""', "solid", "2px"], "drawn, and no letter of a font that is not there"
    heading.hover()
    expect(page.locator(".bd-sidebar-secondary nav.page-toc")).to_have_css("opacity", "1")
    assert heading.evaluate(arrow)[0] == "none"
