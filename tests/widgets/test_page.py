"""Explorers on plain pages in a real browser, with every other machine blocked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from nnlab.widgets import Explorer, frontend, load_all

Visit = Callable[..., Page]
EXPLORERS = load_all()
each_explorer = pytest.mark.parametrize("declared", EXPLORERS, ids=lambda e: e.name)
CHAPTERS = list(dict.fromkeys(explorer.__module__.split(".")[2] for explorer in EXPLORERS))
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


def wake(page: Page, name: str) -> Locator:
    """The explorer, once it is on the screen and alive."""
    explorer = page.locator(f'nnlab-explorer[data-name="{name}"]')
    explorer.scroll_into_view_if_needed()
    expect(explorer).to_have_attribute("data-ready", "")
    skip = explorer.get_by_role("button", name="Skip")
    if skip.is_visible():
        skip.click()
    return explorer


def figure(explorer: Locator) -> str:
    """What is drawn."""
    return explorer.locator("svg.nnlab-figure").evaluate("svg => svg.outerHTML")


def words(explorer: Locator) -> str:
    """What is said."""
    return explorer.locator("output").inner_text()


def settle(page: Page) -> None:
    """Wait until the next frames of the screen have been drawn."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
    )


@each_explorer
def test_every_control_answers_the_keyboard(visit: Visit, declared: Explorer) -> None:
    page = visit(declared.name)
    explorer = wake(page, declared.name)
    for control in declared.controls.values():
        field = explorer.get_by_label(control.label, exact=True)
        expect(field).to_be_visible()
        before = figure(explorer), words(explorer)
        field.focus()
        page.keyboard.press({"choice": "ArrowDown", "toggle": "Space"}.get(control.kind, "ArrowRight"))
        settle(page)
        assert figure(explorer) != before[0], f"{control.label}: the figure stays"
        assert words(explorer) != before[1], f"{control.label}: the words stay"
        explorer.get_by_role("button", name="Reset").click()
        settle(page)
    assert words(explorer) == visit_words(page, declared)


def visit_words(page: Page, declared: Explorer) -> str:
    """The words of the initial state, from the still the page was made with."""
    return page.evaluate(
        """async name => {
            const text = await (await fetch(location.href)).text();
            const plain = new DOMParser().parseFromString(text, "text/html");
            return plain.querySelector(`nnlab-explorer[data-name="${name}"] output`).textContent;
        }""",
        declared.name,
    )


def shapes(drawing: Locator) -> list[list[str | None]]:
    """Every element of a drawing with what places and paints it."""
    return drawing.evaluate(
        """svg => {
            const places = ["d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "transform"];
            const names = [...places, "r", "width", "height", "fill"];
            const own = e => [e.tagName, ...names.map(n => e.getAttribute(n)), e.children.length ? "" : e.textContent];
            return [...svg.querySelectorAll("*")].map(own);
        }"""
    )


@each_explorer
def test_still_and_live_figure_are_the_same(visit: Visit, declared: Explorer) -> None:
    """Nothing jumps when the script takes over: same place, same drawing."""
    selector = f'nnlab-explorer[data-name="{declared.name}"]'
    page = visit(declared.name, java_script_enabled=False)
    still = page.locator(f"{selector} svg.nnlab-wide")
    still.scroll_into_view_if_needed()
    expect(still).to_be_visible()
    box = still.bounding_box()
    live_page = visit(declared.name)
    live = live_page.locator(f"{selector} svg.nnlab-figure")
    live_page.locator(selector).scroll_into_view_if_needed()
    expect(live_page.locator(selector)).to_have_attribute("data-ready", "")
    settle(live_page)
    live_box = live.bounding_box()
    assert (
        box
        and live_box
        and abs(box["height"] - live_box["height"]) < 0.5
        and abs(box["width"] - live_box["width"]) < 0.5
    )
    assert shapes(still) == shapes(live)


def wake_all(page: Page) -> None:
    """Every explorer of the page on the screen once, and alive."""
    for explorer in page.locator("nnlab-explorer").all():
        explorer.scroll_into_view_if_needed()
        expect(explorer).to_have_attribute("data-ready", "")


@each_chapter
def test_nothing_shifts_when_the_script_takes_over(visit: Visit, chapter: str) -> None:
    page = visit(chapter)
    page.evaluate(
        """() => { window.shift = 0; new PerformanceObserver(list => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true }); }"""
    )
    wake_all(page)
    settle(page)
    assert page.evaluate("window.shift") < 0.01


@each_explorer
@pytest.mark.parametrize("width", [1280, 390])
def test_without_javascript_figure_and_words_remain(visit: Visit, declared: Explorer, width: int) -> None:
    page = visit(declared.name, java_script_enabled=False, viewport={"width": width, "height": 900})
    explorer = page.locator(f'nnlab-explorer[data-name="{declared.name}"]')
    explorer.scroll_into_view_if_needed()
    assert explorer.locator("svg.nnlab-figure:visible").count() == 1
    expect(explorer.locator("output")).to_have_text(re.compile(r"\w.*\d"))
    assert explorer.locator(":is(input, select, button):visible").count() == 0
    expect(explorer.locator(".nnlab-without-script")).to_be_visible()
    expect(explorer.locator(".nnlab-without-script")).to_contain_text("With JavaScript switched on you can change")


@each_chapter
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_no_serious_finding_of_axe(visit: Visit, chapter: str, width: int, scheme: str) -> None:
    page = visit(chapter, viewport={"width": width, "height": 900}, color_scheme=scheme)
    if scheme == "dark":
        page.add_style_tag(content="body { background: #14181e; color: #e8ebef } a { color: #66b0ff }")
    wake_all(page)
    page.evaluate((frontend.FRONTEND / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    serious = [
        f"{rule['id']}: {rule['help']} at {rule['nodes'][0]['target']}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
    ]
    assert not serious, "\n".join(serious)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_address_holds_the_state(visit: Visit) -> None:
    page = visit("backpropagation")
    explorer = wake(page, "graph-stepper")
    explorer.get_by_label("z", exact=True).focus()
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile(r"#graph-stepper\?step=7&x=-2&y=5&z=6$"))
    other = visit("backpropagation", "#graph-stepper?step=7&x=-2&y=5&z=6")
    there = other.locator('nnlab-explorer[data-name="graph-stepper"]')
    expect(there).to_be_in_viewport()
    expect(there.locator("output")).to_contain_text("z = 6")
    assert words(there) == words(explorer)
    expect(wake(other, "sigmoid-neuron").locator("output")).to_contain_text("Net input z = 2.00")


def test_explorers_do_not_fight_for_the_address(visit: Visit) -> None:
    page = visit("backpropagation", "#sigmoid-neuron?w1=3&w2=0&b=-2")
    expect(page.locator('nnlab-explorer[data-name="sigmoid-neuron"] output')).to_contain_text("z = 1.00")
    stepper = wake(page, "graph-stepper")
    stepper.get_by_label("x", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("#graph-stepper"))
    expect(page.locator('nnlab-explorer[data-name="sigmoid-neuron"] output')).to_contain_text("z = 1.00")
    page.get_by_role("link", name="An anchor").click()
    expect(page).to_have_url(re.compile("#below$"))
    expect(stepper.locator("output")).to_contain_text("x = −3")
    page.evaluate("location.hash = 'graph-stepper?x=4'")
    expect(stepper.locator("output")).to_contain_text("x = 4, y = 5")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("x=99", "asks for x = “99”, which this figure does not offer; it shows −2"),
        ("x=", "asks for x = “”"),
        ("x=%3Cimg%3E", "asks for x = “<img>”"),
        ("colour=red", "sets “colour”, which this figure does not have"),
        ("step=2.5", "asks for Step = “2.5”"),
    ],
)
def test_a_wrong_address_is_said_and_falls_back(visit: Visit, asked: str, said: str) -> None:
    page = visit("backpropagation", f"#graph-stepper?{asked}")
    output = page.locator('nnlab-explorer[data-name="graph-stepper"] output')
    expect(output).to_contain_text(said)
    expect(output).to_contain_text("x = −2, y = 5, z = −4")


def test_copy_link(visit: Visit) -> None:
    page = visit("backpropagation", permissions=["clipboard-read", "clipboard-write"])
    explorer = wake(page, "sigmoid-neuron")
    explorer.get_by_label("Bias b", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    explorer.get_by_role("button", name="Copy link").click()
    expect(explorer.locator(".nnlab-status")).to_have_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()").endswith("#sigmoid-neuron?w1=1.5&w2=-1&b=-1")


def test_a_goal_is_noticed_and_remembered(visit: Visit) -> None:
    page = visit("backpropagation", "#sigmoid-neuron?w1=-4&w2=4&b=-8")
    goal = page.locator('nnlab-explorer[data-name="sigmoid-neuron"] .nnlab-goals li')
    expect(goal).to_have_text(re.compile("^✓ Goal: .* Reached.$"))
    expect(page.locator('nnlab-explorer[data-name="sigmoid-neuron"] output')).to_contain_text("Goal reached")
    page.evaluate("location.hash = 'sigmoid-neuron'")
    expect(goal).to_have_text(re.compile(r"^✓ Goal: .*\(reached before\)$"))
    page.reload()
    wake(page, "sigmoid-neuron")
    expect(goal).to_have_text(re.compile(r"reached before"))


def test_predict_first_by_keyboard(visit: Visit) -> None:
    page = visit("backpropagation")
    explorer = page.locator('nnlab-explorer[data-name="factor-product"]')
    explorer.scroll_into_view_if_needed()
    expect(explorer).to_have_attribute("data-ready", "")
    depth = explorer.get_by_label("Layers", exact=True)
    expect(depth).to_be_disabled()
    explorer.get_by_role("button", name="Record my guess").press("Enter")
    expect(explorer.locator(".nnlab-verdict")).to_have_text("Choose an answer first, or skip.")
    explorer.get_by_label("about 1/20").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    verdict = explorer.locator(".nnlab-verdict")
    expect(verdict).to_contain_text("You guessed: about 1/20. Computed: less than one billionth. Not what happens.")
    expect(verdict).to_contain_text("At 20 layers the product is")
    again = explorer.get_by_role("button", name="Guess again")
    expect(again).to_be_focused()  # and the next Tab leads on from here, not from the top of the page
    page.keyboard.press("Tab")
    assert explorer.evaluate("(explorer) => explorer.contains(document.activeElement)")
    expect(depth).to_be_enabled()
    expect(explorer.locator("output")).to_contain_text("20 layers")
    page.reload()
    expect(explorer.locator(".nnlab-verdict")).to_contain_text("You guessed: about 1/20")
    assert page.evaluate("document.activeElement === document.body"), "an old guess takes no focus"
    expect(depth).to_be_enabled()
    again.click()
    expect(depth).to_be_disabled()
    explorer.get_by_role("button", name="Skip").press("Enter")
    expect(again).to_be_focused()
    expect(depth).to_be_enabled()


def test_play_runs_and_stops_at_the_end(visit: Visit) -> None:
    page = visit("backpropagation", "#graph-stepper?step=5")
    explorer = wake(page, "graph-stepper")
    explorer.get_by_role("button", name="Play: Step").click()
    expect(explorer.get_by_role("button", name="Pause: Step")).to_be_visible()
    expect(explorer.locator("output")).to_have_attribute("aria-live", "off")
    expect(explorer.locator("output")).to_contain_text("Done")
    expect(explorer.get_by_role("button", name="Play: Step")).to_be_visible()
    expect(explorer.locator("output")).to_have_attribute("aria-live", "polite")


def test_reduced_motion_steps_instead_of_playing(visit: Visit) -> None:
    page = visit("backpropagation", "#graph-stepper?step=3", reduced_motion="reduce")
    explorer = wake(page, "graph-stepper")
    explorer.get_by_role("button", name="Next: Step").click()
    expect(explorer.locator("output")).to_contain_text("step 4")
    page.wait_for_timeout(1800)
    expect(explorer.locator("output")).to_contain_text("step 4")
    flow = explorer.locator(".nnlab-flow").first
    assert flow.evaluate("line => getComputedStyle(line).animationName") == "none"


def test_a_drag_in_the_plot_moves_its_slider(visit: Visit) -> None:
    page = visit("backpropagation")
    explorer = wake(page, "gradient-check")
    box = explorer.locator("svg[data-drag]").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.5, steps=5)
    page.mouse.up()
    settle(page)
    found = re.search(r"h = (\S+):", words(explorer))
    assert found and found[1] != "10⁻⁵"


def test_the_source_of_compute_is_there(visit: Visit) -> None:
    page = visit("backpropagation")
    explorer = wake(page, "graph-stepper")
    explorer.get_by_text("How this was computed").click()
    expect(explorer.locator("pre")).to_contain_text("def graph_stepper(x: float, y: float, z: float)")
    expect(explorer.locator("pre")).not_to_contain_text("@explorer")


def test_a_pack_that_is_not_there_leaves_the_still(browser: Any, pages_url: str) -> None:
    context = browser.new_context()
    context.route("**/*.bin", lambda route: route.fulfill(status=404, body=""))
    page = context.new_page()
    page.goto(f"{pages_url}graph-stepper.html")
    explorer = page.locator("nnlab-explorer").first
    explorer.scroll_into_view_if_needed()
    expect(explorer.locator("output")).to_contain_text("could not load its data (404")
    expect(explorer.locator("svg.nnlab-wide")).to_be_visible()
    context.close()


def test_packs_load_only_when_they_come_near(visit: Visit) -> None:
    page = visit("backpropagation", viewport={"width": 390, "height": 500})
    page.wait_for_load_state("networkidle")
    names = page.evaluate("performance.getEntriesByType('resource').map(e => e.name).filter(n => n.endsWith('.bin'))")
    assert 0 < len(names) < page.locator("nnlab-explorer").count()
