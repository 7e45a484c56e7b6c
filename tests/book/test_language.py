"""Chinese text says that it is Chinese; English text beside it does not."""

from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from smallbook import SmallBook

TEXT = """# Opening

The word is 梯度, in an English sentence.

## 中文小结

梯度（gradient）指向上升最快的方向。

:::{glossary}
gradient
  梯度

  The vector of all partial derivatives.
:::
"""


FONTS = """(article) => [...article.querySelectorAll("p[lang], .katex .mathnormal")].map(
    (text) => getComputedStyle(text).fontFamily.split(",")[0]
)"""


def test_chinese_blocks_name_their_language(small_book: SmallBook) -> None:
    small_book.page("intro", TEXT)
    built = small_book.build()
    assert built.returncode == 0, built.stderr
    article = BeautifulSoup(small_book.html("intro"), "html.parser").article
    marked = {element.get_text().rstrip("#") for element in article.select("[lang=zh-Hans]")}
    assert marked == {"中文小结", "梯度（gradient）指向上升最快的方向。", "梯度"}


def test_chinese_text_has_its_own_marks_and_formulas_their_letters(small_book: SmallBook, browser: Browser) -> None:
    small_book.page("intro", "# Opening\n\n梯度“$g$”指向上升最快的方向。\n")
    assert small_book.build().returncode == 0
    page = browser.new_page()
    page.goto((small_book.root / "_build" / "html" / "book" / "intro.html").as_uri())
    assert page.locator("article").evaluate(FONTS) == ["nnlab-chinese-marks", "KaTeX_Math"]
    page.close()
