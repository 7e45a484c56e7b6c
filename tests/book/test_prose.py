"""The words of the book: spelled as a dictionary spells them, no sentence said on two pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from spylls.hunspell import Dictionary

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "book").glob("*.md"))
FRAME = ("Reading takes about", "## Exercises", "It is the notebook", "Three more, for paper", "|")
OWN_WORDS = Path(__file__).with_name("words.txt")


def prose(page: Path) -> str:
    """What a reader reads: without the header, code, formulas, roles, links' addresses, directives and Chinese."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^## 中文小结\n.*?(?=^## )", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(
        r"^(`{3,})\{(code-cell|raw|bibliography|eval-rst|include)\}.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE
    )
    text = re.sub(r"^(`{3,})(\w+)?$.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^(:{3,}|`{3,}).*$|^:[\w-]+:.*$|^\([\w-]+\)=$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\$\$.*?\$\$( \([\w-]+\))?|\$[^$\n]+\$|`[^`\n]*`|<[^>\n]+>|\{[\w:-]+\}", " ", text, flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)|https?://\S+", " ", text)


def words(text: str) -> Iterator[str]:
    """Words of letters, with the apostrophes inside them."""
    for word in re.findall(r"[^\W\d_]+(?:[’'][^\W\d_]+)*", text):
        if word.isascii() or "’" in word:
            yield word.replace("’", "'")


@pytest.fixture(scope="module")
def known() -> Dictionary:
    return Dictionary.from_files("en_US")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_words_are_in_the_dictionary_or_the_courses_list(page: Path, known: Dictionary) -> None:
    own = set(OWN_WORDS.read_text(encoding="utf-8").split())
    used = {word.removesuffix("'s") for word in words(prose(page)) if len(word) > 1}
    unknown = [word for word in used if not (known.lookup(word) or word in own or word.lower() in own)]
    assert sorted(unknown) == [], f"misspelled, or to be added to {OWN_WORDS.name}"


def test_the_courses_list_holds_no_word_that_is_not_used() -> None:
    used = {word.removesuffix("'s") for page in PAGES for word in words(prose(page))}
    used |= {word.lower() for word in used}
    listed = OWN_WORDS.read_text(encoding="utf-8").split()
    assert listed == sorted(set(listed), key=lambda word: (word.lower(), word))
    assert [word for word in listed if word not in used] == []


def test_no_sentence_stands_on_two_pages() -> None:
    places: dict[str, set[str]] = {}
    for page in PAGES:
        for sentence in re.split(r"(?<=[.?!])\s+", prose(page)):
            plain = " ".join(sentence.split())
            if len(plain.split()) >= 7 and not plain.startswith(FRAME):
                places.setdefault(plain, set()).add(page.stem)
    assert {sentence: sorted(pages) for sentence, pages in places.items() if len(pages) > 1} == {}
