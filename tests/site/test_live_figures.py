"""Explorers on a built page answer the keyboard, with no kernel: the figure and its words change."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

OpenPage = Callable[..., Page]
CHAPTER = "book/backpropagation.html"
KEYS = {"range": "ArrowRight", "number": "ArrowUp", "checkbox": "Space", "radio": "ArrowRight"}


def figure(explorer: Locator) -> str:
    """What the explorer draws."""
    return explorer.evaluate("(each) => [...each.querySelectorAll('svg')].map((svg) => svg.outerHTML).join('')")


def test_explorers_answer_the_keyboard(open_page: OpenPage) -> None:
    page = open_page(CHAPTER)
    explorers = page.locator("nnlab-explorer")
    assert explorers.count() >= 2
    for explorer in explorers.all():
        explorer.scroll_into_view_if_needed()
        expect(explorer).to_have_attribute("data-ready", "", timeout=30_000)
        skip = explorer.get_by_role("button", name="Skip")
        if skip.count():  # a figure that asks for a guess first
            skip.focus()
            page.keyboard.press("Enter")
            expect(skip).to_be_hidden()
        control = explorer.locator("input:enabled:visible").first
        expect(control).to_be_visible()
        expect(explorer.locator("output").first).to_have_attribute("aria-live", "polite")
        page.wait_for_load_state("networkidle")
        words, drawn = explorer.locator("output").first.inner_text(), figure(explorer)
        control.focus()
        at_the_end = control.evaluate("(input) => input.type === 'range' && input.value === input.max")
        page.keyboard.press("ArrowLeft" if at_the_end else KEYS[control.get_attribute("type") or "number"])
        expect(explorer.locator("output").first).not_to_have_text(words)
        assert figure(explorer) != drawn


def test_every_control_has_a_name(open_page: OpenPage) -> None:
    page = open_page(CHAPTER)
    controls = page.locator("nnlab-explorer :is(input, select, button):visible")
    assert controls.count() >= 2
    for control in controls.all():
        expect(control).to_have_accessible_name(re.compile(r"\S"))
