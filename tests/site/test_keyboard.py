"""The frame of the site answers the keyboard: skip link, focus, sidebars, colour mode, search."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
CHAPTER = "book/backpropagation.html"
PHONE = {"viewport": {"width": 390, "height": 844}}


def test_the_first_stop_skips_to_the_text(open_page: OpenPage) -> None:
    page = open_page(CHAPTER)
    page.keyboard.press("Tab")
    skip = page.locator("#pst-skip-link a")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main-content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#main-content') !== null")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_has_the_focus_is_seen(open_page: OpenPage, scheme: str) -> None:
    page = open_page(CHAPTER, color_scheme=scheme)
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const stop = document.activeElement, style = getComputedStyle(stop);
              return [stop.outerHTML.slice(0, 120), style.outlineStyle, parseFloat(style.outlineWidth)];
            }"""
        )
        if stop[0].startswith("<body"):
            break
        seen.add(stop[0])
        assert stop[1] not in ("none", "hidden") and stop[2] >= 2, stop
    assert len(seen) > 10


def test_the_chapters_open_and_close_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(CHAPTER, **PHONE)
    chapters = page.get_by_role("button", name="Chapters")
    listed = page.locator("#pst-primary-sidebar-modal .bd-docs-nav")
    chapters.focus()
    page.keyboard.press("Enter")
    expect(listed).to_be_visible()
    page.keyboard.press("Escape")
    expect(listed).not_to_be_visible()


def test_the_contents_open_and_close_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(CHAPTER, **PHONE)
    page.get_by_role("button", name="On this page").focus()
    page.keyboard.press("Enter")
    listed = page.locator("#pst-secondary-sidebar-modal nav.page-toc")
    expect(listed).to_be_visible()
    page.keyboard.press("Escape")
    expect(listed).not_to_be_visible()


def test_the_chapters_hide_on_a_wide_screen(open_page: OpenPage) -> None:
    page = open_page(CHAPTER)
    sidebar = page.locator("#pst-primary-sidebar")
    expect(sidebar).to_be_in_viewport()
    page.get_by_role("button", name="Chapters").focus()
    page.keyboard.press("Enter")
    expect(sidebar).not_to_be_in_viewport()


def test_the_colour_mode_is_kept(open_page: OpenPage) -> None:
    page = open_page(CHAPTER, color_scheme="light")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Color mode").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_dark_is_there_before_the_theme_script(open_page: OpenPage) -> None:
    page = open_page("book/intro.html", color_scheme="dark")
    page.route("**/pydata-sphinx-theme.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_search_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("book/intro.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("chain rule")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    expect(page.locator("#search-results a[href*='backpropagation']").first).to_be_visible()
