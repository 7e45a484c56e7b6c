"""A figure that goes from state to state: nothing of the last one stays, what does not change is not drawn again."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page
from test_page import each_explorer, settle, wake, wake_all, words

from nnlab.widgets import Explorer

Visit = Callable[..., Page]
Tree = tuple[str, list[tuple[str, str]], str, list["Tree"]]

# How often the figure changes within one turn of the script, and what is said after the next frame
BURST = """async (slider) => {
    const explorer = slider.closest("nnlab-explorer");
    let drawings = 0;
    new MutationObserver(() => drawings++).observe(explorer.querySelector(".nnlab-canvas"), {
        childList: true, subtree: true, attributes: true, characterData: true,
    });
    const move = (value) => {
        slider.value = value;
        slider.dispatchEvent(new InputEvent("input", { bubbles: true }));
        return Promise.resolve();
    };
    const [low, high, step] = [slider.min, slider.max, slider.step].map(Number);
    for (let i = 0; i <= Math.round((high - low) / step); i++) await move(low + i * step);
    const early = drawings;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
    return [early, drawings];
}"""


def tree(drawing: ElementTree.Element) -> Tree:
    """A drawing as plain data: the order of attributes means nothing."""
    return drawing.tag, sorted(drawing.attrib.items()), drawing.text or "", [tree(child) for child in drawing]


def walk(declared: Explorer, steps: int) -> list[dict[str, Any]]:
    """States from the initial one on, each with one control moved at random, and the initial one again."""
    chance = random.Random(declared.name)
    controls = declared.to_json()["controls"]
    states = [{control["name"]: control["values"][control["initial"]] for control in controls}]
    for _ in range(steps):
        control = chance.choice(controls)
        states.append(states[-1] | {control["name"]: chance.choice(control["values"])})
    return [*states, states[0]]


@each_explorer
def test_a_figure_that_went_from_state_to_state_is_as_if_drawn_at_once(
    run_typescript: Callable[..., Any], built: Path, manifest: dict[str, Any], declared: Explorer
) -> None:
    request = {"pack": str(built / manifest[declared.name]["pack"]), "states": walk(declared, 3)}
    for layout in ("wide", "narrow"):
        for drawn in run_typescript("walk_figure", {**request, "layout": layout}):
            kept, fresh = (tree(ElementTree.fromstring(drawn[which])) for which in ("kept", "fresh"))
            assert kept == fresh


@pytest.mark.parametrize("name", ["ravine", "layer-by-layer", "decision-regions"])
def test_a_burst_of_inputs_is_one_drawing_of_the_last_value(visit: Visit, name: str) -> None:
    page = visit(name)
    slider = wake(page, name).locator("input[type=range]").first
    settle(page)
    assert slider.evaluate(BURST) == [0, 1]
    said = words(page.locator("nnlab-explorer"))
    slider.press("Home")
    slider.press("End")
    settle(page)
    assert words(page.locator("nnlab-explorer")) == said


def test_what_shows_the_same_numbers_stays_the_same_element(visit: Visit) -> None:
    """A step of the run moves the path; the bowl's level lines, the axes and their texts are not touched."""
    page = visit("ravine")
    explorer = wake(page, "ravine")
    explorer.evaluate(
        """explorer => {
            const figure = explorer.querySelector(".nnlab-figure");
            window.elements = [...figure.querySelectorAll("*")];
            window.texts = [...figure.querySelectorAll("text")].filter(text => /^[−\\d.]+$/.test(text.textContent));
            window.levels = figure.querySelector('[stroke-opacity="0.55"] path');
            window.touched = new Set();
            new MutationObserver(records => records.forEach(record => window.touched.add(record.target)))
                .observe(figure, { childList: true, subtree: true, attributes: true, characterData: true });
        }"""
    )
    explorer.get_by_label("Step", exact=True).press("ArrowRight")
    settle(page)
    count, touched, kept = page.evaluate(
        """() => [window.elements.length, window.touched.size,
            [...window.texts, window.levels].every(e => e.isConnected && !window.touched.has(e))]"""
    )
    assert kept
    assert 0 < touched < count / 4


def test_explorers_of_one_page_share_one_style_sheet(visit: Visit) -> None:
    page = visit("optimizers")
    wake_all(page)
    assert page.locator("nnlab-explorer > style").count() == 0
    assert page.evaluate("document.adoptedStyleSheets.length") == 1
    radii = page.eval_on_selector_all(".nnlab-frame", "frames => frames.map(f => getComputedStyle(f).borderRadius)")
    assert len(radii) > 1 and set(radii) == {"10px"}
