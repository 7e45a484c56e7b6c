"""Formulas are rendered when the book is built: for the eye, for screen readers, numbered and linked."""

import pytest
from bs4 import BeautifulSoup, Tag
from smallbook import SmallBook

FIRST = r"""# Opening

Inline $x_1$ and a macro $\R$.

$$ a^2 + b^2 = c^2 $$ (pythagoras)

\begin{align}
u &= v \\
w &= z
\end{align}

See {eq}`pythagoras`, and in a formula $\eqref{pythagoras}$.
"""
SECOND = r"""# Second

From afar: $x \overset{\eqref{pythagoras}}{=} y$.
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, site: object) -> dict[str, Tag]:
    book = SmallBook(tmp_path_factory.mktemp("mathematics"))
    book.page("intro", FIRST)
    book.page("second", SECOND)
    built = book.build()
    assert built.returncode == 0, built.stderr
    return {name: BeautifulSoup(book.html(name), "html.parser").article for name in ("intro", "second")}


def test_each_formula_is_drawn_and_read_aloud(pages: dict[str, Tag]) -> None:
    formulas = pages["intro"].select(".math")
    assert len(formulas) == 5
    for formula in formulas:
        assert formula.select_one(".katex-html[aria-hidden=true]")
        assert formula.select_one(".katex-mathml math")
    assert not pages["intro"].select("script")


def test_macros_come_from_the_settings(pages: dict[str, Tag]) -> None:
    assert any(mi.get_text() == "R" and mi.get("mathvariant") == "double-struck" for mi in pages["intro"].select("mi"))


def test_equations_are_numbered_once_and_linked(pages: dict[str, Tag]) -> None:
    numbers = [span.get_text().rstrip("#") for span in pages["intro"].select(".eqno")]
    assert numbers == ["(1)", "(2)"]
    assert not pages["intro"].select(".katex .eqn-num"), "KaTeX numbers the lines of align a second time"
    target = pages["intro"].select_one("#equation-pythagoras")
    assert target is not None
    links = pages["intro"].select(
        "a.reference[href='#equation-pythagoras'], .katex-html a[href='#equation-pythagoras']"
    )
    assert [link.get_text() for link in links] == ["(1)", "(1)"]
    afar = pages["second"].select_one(".katex-html a")
    assert afar is not None and afar["href"] == "intro.html#equation-pythagoras"


def test_no_formula_needs_a_script(pages: dict[str, Tag]) -> None:
    page = pages["intro"].find_parent("html")
    assert page is not None
    assert not [script for script in page.select("script[src]") if "math" in script["src"].lower()]
    assert [link["href"] for link in page.select("link[href*=katex]")] != []
