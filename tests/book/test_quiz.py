"""Self-test questions: refused when incomplete, right without JavaScript, and answering by keyboard with it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from smallbook import SmallBook

QUIZ = """# Quiz

::::{question}
Which gate swaps $x$ and $y$?

- ( ) the sum

  A sum distributes.
- (x) the *product*

  Each gets the other's value.
::::

::::{question}
:kind: number
:tolerance: 0.01

What is a quarter?

- (x) 0.25

  One divided by four.
- ( ) -4

  That is minus four.
- ( ) otherwise

  Divide one by four.
::::
"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory, site: Path) -> Path:
    book = SmallBook(tmp_path_factory.mktemp("quiz"))
    book.page("second", QUIZ)
    built = book.build()
    assert built.returncode == 0, built.stdout + built.stderr
    return book.root / "_build" / "html" / "book" / "second.html"


@pytest.fixture
def page(page_file: Path, browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.wait_for_selector(".quiz-check")
    yield page
    page.close()


@pytest.fixture
def plain_page(page_file: Path, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    yield page
    context.close()


def said(page: Page, question: int) -> str:
    return page.locator(f"#question-{question} [role=status]").inner_text()


def test_scripts_and_styles_load_only_where_questions_are(page_file: Path) -> None:
    assert re.search(r"<script[^>]+quiz\.js", page_file.read_text(encoding="utf-8"))
    other = page_file.with_name("intro.html").read_text(encoding="utf-8")
    assert "quiz.js" not in other and "quiz.css" not in other


def test_each_question_is_a_group_named_by_its_text(page: Page) -> None:
    assert page.get_by_role("group", name=re.compile("Question 1.*swaps", re.DOTALL)).count() == 1
    assert page.get_by_role("radio", name="the product").count() == 1
    assert page.get_by_role("textbox", name="Your number").count() == 1


def test_reasons_are_hidden_at_first(page: Page) -> None:
    assert page.locator(".quiz-reason:visible").count() == 0
    assert said(page, 1) == said(page, 2) == ""


def test_choice_by_keyboard(page: Page) -> None:
    page.locator("#question-1 input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert said(page, 1).split() == ["Not", "this.", "A", "sum", "distributes."]
    page.keyboard.press("ArrowDown")
    assert said(page, 1) == ""
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert said(page, 1).split() == ["Right.", "Each", "gets", "the", "other’s", "value."]


def test_nothing_chosen_is_said(page: Page) -> None:
    page.locator("#question-1 .quiz-check").click()
    assert said(page, 1) == "Choose an answer first."


@pytest.mark.parametrize("typed", ["0.25", ".25", "1/4", "0,25", "2.5e-1", " 0.2501 ", "−1/−4"])
def test_right_numbers(page: Page, typed: str) -> None:
    page.locator("#question-2-entry").fill(typed)
    page.keyboard.press("Enter")
    assert said(page, 2).startswith("Right.")


@pytest.mark.parametrize(
    ("typed", "answer"), [("-4", "minus four"), ("−4", "minus four"), ("0.26", "Divide"), ("7", "Divide")]
)
def test_wrong_numbers(page: Page, typed: str, answer: str) -> None:
    page.locator("#question-2-entry").fill(typed)
    page.locator("#question-2 .quiz-check").click()
    assert said(page, 2).startswith("Not this.") and answer in said(page, 2)


@pytest.mark.parametrize("typed", ["", "a quarter", "1/0", "1/2/4", "0x10", "Infinity"])
def test_what_is_no_number_is_not_judged(page: Page, typed: str) -> None:
    page.locator("#question-2-entry").fill(typed)
    page.keyboard.press("Enter")
    assert said(page, 2).startswith("Type a number first")


def test_without_javascript_a_choice_gives_its_reason(plain_page: Page) -> None:
    plain_page.get_by_label("the sum").check()
    assert "A sum distributes." in plain_page.locator(".quiz-reason:visible").inner_text()
    plain_page.get_by_label("the product").check()
    assert "other’s value" in plain_page.locator(".quiz-reason:visible").inner_text()


def test_without_javascript_a_number_is_shown_and_nothing_is_dead(plain_page: Page) -> None:
    assert plain_page.locator("#question-2-entry:visible").count() == 0
    assert plain_page.locator("button.quiz-check").count() == 0
    plain_page.get_by_text("Show the answer").click()
    assert "One divided by four." in plain_page.locator("#question-2").inner_text()


INCOMPLETE = {
    "needs one right answer, marked (x); it has 0": "What?\n\n- ( ) one\n\n  No.\n- ( ) two\n\n  No.",
    "needs one right answer, marked (x); it has 2": "What?\n\n- (x) one\n\n  Yes.\n- (x) two\n\n  Yes.",
    "answer '( ) three' needs its reason": "What?\n\n- (x) one\n\n  Yes.\n- ( ) three",
    "must begin with '(x) ' or '( ) ', got 'four'": "What?\n\n- four\n\n  Yes.",
    "must end with a list of answers": "What?",
    "answers are numbers, got 'many'": ":kind: number\n\nWhat?\n\n- (x) many\n\n  Yes.\n- ( ) otherwise\n\n  No.",
    "answers are finite, got 'inf'": ":kind: number\n\nWhat?\n\n- (x) inf\n\n  Yes.\n- ( ) otherwise\n\n  No.",
    "last item must be '( ) otherwise'": ":kind: number\n\nWhat?\n\n- (x) 1\n\n  Yes.\n- ( ) 2\n\n  No.",
}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory, site: Path) -> str:
    book = SmallBook(tmp_path_factory.mktemp("refusals"))
    questions = "\n\n".join(f"::::{{question}}\n{text}\n::::" for text in INCOMPLETE.values())
    book.page("second", f"# Second\n\n{questions}\n")
    built = book.build()
    assert built.returncode != 0
    return " ".join((built.stdout + built.stderr).split())


@pytest.mark.parametrize("complaint", INCOMPLETE)
def test_incomplete_questions_are_refused(refusals: str, complaint: str) -> None:
    assert complaint in refusals
