"""Every page, as readers meet it: wide and narrow, light and dark, with and without JavaScript."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "nnlab/widgets/frontend/node_modules/axe-core/axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PHONE = {"viewport": {"width": 390, "height": 844}}

# The insides of formulae and pictures, thousands of elements for which axe has no rule, are emptied before it walks.
EMPTY_PICTURES = """() => {
    for (const formula of document.querySelectorAll(".katex-html, .katex-mathml math"))
        formula.replaceChildren(formula.textContent);
    for (const drawing of document.querySelectorAll("svg[role=img]")) drawing.replaceChildren();
}"""

OpenPage = Callable[..., Page]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_accessible(open_page: OpenPage, book_page: str, width: int, scheme: str) -> None:
    page = open_page(book_page, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    page.evaluate(EMPTY_PICTURES)
    page.add_script_tag(path=AXE)
    report = page.evaluate("(tags) => axe.run({ runOnly: tags })", STANDARDS)
    found = [
        f"{rule['id']}: {rule['help']}\n    " + "\n    ".join(node["html"][:200] for node in rule["nodes"][:5])
        for rule in report["violations"]
    ]
    assert report["passes"], "axe examined nothing"
    assert not found, "\n".join(found)


def test_no_sideways_scroll_on_a_phone(open_page: OpenPage, book_page: str) -> None:
    page = open_page(book_page, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_no_error_while_reading_to_the_end(open_page: OpenPage, book_page: str) -> None:
    page = open_page(book_page)
    page.keyboard.press("End")
    page.wait_for_load_state("networkidle")
    assert page.locator("article.bd-article h1").first.is_visible()


def test_without_javascript(open_page: OpenPage, book_page: str) -> None:
    page = open_page(book_page, java_script_enabled=False)
    article = page.locator("article.bd-article")
    assert len(article.inner_text().split()) > 100
    assert article.locator("script[type^='math/'], .MathJax").count() == 0
    unseen = article.evaluate(
        "(text) => [...text.querySelectorAll('.katex-html')].filter((formula) => formula.checkVisibility()"
        " && !formula.getBoundingClientRect().width).map((formula) => formula.textContent)"
    )
    assert not unseen
    cut = article.evaluate(
        "(text) => [...text.querySelectorAll('span.math')].filter((formula) =>"
        " getComputedStyle(formula).overflowY !== 'visible').map((formula) => formula.textContent)"
    )
    assert not cut, "what stands above or below the line, as in a fraction, is not shown"
    for explorer in article.locator("nnlab-explorer").all():
        still = explorer.locator("svg").first.bounding_box()
        assert still is not None and still["width"] > 100 and still["height"] > 50
        assert explorer.locator("output").first.inner_text().strip()
    assert page.evaluate("getComputedStyle(document.body).color") != page.evaluate(
        "getComputedStyle(document.body).backgroundColor"
    )
    for button in page.locator("button:visible").all():
        assert button.evaluate("(button) => button.closest('nnlab-explorer, .quiz-question') !== null"), (
            f"a dead button without JavaScript: {button.evaluate('(button) => button.outerHTML')}"
        )
