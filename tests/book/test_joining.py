"""In a real browser, however narrow: no line begins with a formula's punctuation and none ends with its bracket."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from smallbook import SmallBook

TEXT = r"""# Opening

At the place $x_1 = -2$, $y = 5$; there (in the graph of $f$), and by the $n$th step ($n \ge 1$), we find $q = x + y$:
it is small. Is it $-12$? It is “$f = qz$”, *the product $z$*. On the $x$-axis lies **$w_0$**, not $w$/2, nor
[$v$](second).

It takes $0.8$ s, no more, for $N = 100$ MB. Is there some room for $12$ stones?

在 $x=-2$，$y=5$ 处，得 $q=x+y=3$（其中 $f=-12$），即“$z$”；又有 $\eta\lambda<2$：误差每步乘以 $1-\eta\lambda$。

Without a space at its sides a formula$a$in words stays there. A long one breaks:
$a_1 + a_2 + a_3 + a_4 + a_5 + a_6 + a_7 + a_8 + a_9 = b_1 + b_2 + b_3$, as it must.
"""

# The lines of each paragraph as the browser broke them; each unbreakable part of a formula counts as one character.
LINES = r"""() => [...document.querySelectorAll("article p")].map((paragraph) => {
    const characters = [];
    const range = document.createRange();
    const walk = (node) => {
        if (node.nodeType === Node.TEXT_NODE) {
            for (let i = 0; i < node.length; i++) {
                range.setStart(node, i);
                range.setEnd(node, i + 1);
                const box = range.getBoundingClientRect();
                if (box.width) characters.push([node.data[i], box.left]);
            }
        } else if (node.classList.contains("math")) {
            const parts = [...node.querySelectorAll(".katex-base")].map((part) => part.getBoundingClientRect());
            parts.forEach((part) => characters.push(["∑", part.left]));
        } else node.childNodes.forEach(walk);
    };
    walk(paragraph);
    let lines = [""], right = -1;
    for (const [character, left] of characters) {
        if (left < right) lines.push("");
        lines[lines.length - 1] += character;
        right = left;
    }
    return lines;
})"""
UNITS = ("s,", "MB.")
CLOSING = tuple(".,;:?!)]”/-—，。；：、！？）")
OPENING = tuple("(“（")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, site: object, browser: Browser) -> Iterator[Page]:
    book = SmallBook(tmp_path_factory.mktemp("joining"))
    book.page("intro", TEXT)
    built = book.build()
    assert built.returncode == 0, built.stderr
    context = browser.new_context()
    tab = context.new_page()
    tab.goto((book.root / "_build" / "html" / "book" / "intro.html").as_uri())
    yield tab
    context.close()


def test_punctuation_stays_with_its_formula_at_every_width(page: Page) -> None:
    broken = 0
    for width in range(200, 700, 10):
        page.set_viewport_size({"width": width, "height": 900})
        for lines in page.evaluate(LINES):
            broken += len(lines) - 1
            assert [line for line in lines if line.startswith(CLOSING)] == [], f"at {width} px a line begins so"
            assert [line for line in lines if line.startswith(UNITS)] == [], f"at {width} px a unit lost its number"
            assert [line for line in lines if line.rstrip().endswith(OPENING)] == [], f"at {width} px a line ends so"
    assert broken > 300, "hardly a line broke, so nothing was tried"


def test_a_long_formula_still_breaks(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    formula = page.locator("article p").last.locator(".joined .math").last
    tops = formula.evaluate("(it) => [...it.querySelectorAll('.katex-base')].map((part) => part.offsetTop)")
    assert max(tops) > min(tops) + 10
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_words_are_what_was_written(page: Page) -> None:
    words = page.locator("article p").first.evaluate(
        """(paragraph) => {
            const copy = paragraph.cloneNode(true);
            copy.querySelectorAll(".math").forEach((formula) => formula.replaceWith("∑"));
            return copy.textContent.replace(/\\s+/g, " ").trim();
        }"""
    )
    assert words == (
        "At the place ∑, ∑; there (in the graph of ∑), and by the ∑th step (∑), we find ∑: it is small. Is it ∑? "
        "It is “∑”, the product ∑. On the ∑-axis lies ∑, not ∑/2, nor ∑."
    )
