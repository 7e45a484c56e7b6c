"""A live explorer in a real JupyterLab: sliders, traits, links and boxes, with every other machine blocked."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

PATIENCE = 180_000  # JupyterLab and its kernel start beside other tests on a small machine
CELLS = [
    "from nnlab.widgets import backpropagation as explore\nw = explore.sigmoid_neuron(w1=2)\nw",
    "from ipywidgets import FloatSlider, HBox, jslink\ns = FloatSlider(min=-4, max=4, value=1)\n"
    "v = explore.sigmoid_neuron()\njslink((s, 'value'), (v, 'w1'))\nHBox([s, v])",
    "explore.graph_stepper",
    "w.b = -7.25",
    "print('w1 is', w.w1)",
]


def notebook(folder: Path) -> None:
    """A notebook of the cells above."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{i}",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for i, source in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "live.ipynb").write_text(json.dumps(content))


@pytest.fixture(scope="module")
def lab(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab of its own, with no settings of this machine's user."""
    home = tmp_path_factory.mktemp("lab")
    notebook(home)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        name: str(home / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    environment = {name: value for name, value in os.environ.items() if name != "NNLAB_BOOK"} | own
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={home}",
    ]  # fmt: skip
    log = (home / "log").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=1)
                break
            except (urllib.error.URLError, OSError):
                if server.poll() is not None:
                    pytest.fail((home / "log").read_text(), pytrace=False)
                time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@pytest.fixture
def page(browser: Browser, lab: str) -> Iterator[Page]:
    """The notebook, its first three cells run."""
    context = browser.new_context(viewport={"width": 1280, "height": 2600})
    context.route("**/*", lambda route: route.continue_() if route.request.url.startswith(lab) else route.abort())
    page = context.new_page()
    page.goto(f"{lab}/lab/tree/live.ipynb")
    page.locator(".jp-Notebook .jp-Cell").nth(len(CELLS) - 1).wait_for(timeout=PATIENCE)
    # a cell that is run before its kernel is there may be forgotten
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=PATIENCE)
    page.locator(".jp-Notebook .jp-Cell .jp-InputArea-editor").first.click()
    for i in range(3):
        page.keyboard.press("Shift+Enter")
        page.locator(".nnlab-frame").nth(i).wait_for(timeout=PATIENCE)
    yield page
    context.close()


def run_cell(page: Page, i: int) -> None:
    """Run one cell of the notebook."""
    page.locator(".jp-Notebook .jp-Cell .jp-InputArea-editor").nth(i).click()
    page.keyboard.press("Shift+Enter")


def test_live_explorers_in_jupyterlab(page: Page) -> None:
    expect.set_options(timeout=30_000)
    frames = page.locator(".nnlab-frame")
    first, second, third = (frames.nth(i) for i in range(3))
    expect(first.locator("output")).to_contain_text("Net input z = 2.50")

    slider = first.get_by_label("Weight w₁", exact=True)
    before = first.locator("svg.nnlab-figure").evaluate("svg => svg.outerHTML")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(first.locator("output")).to_contain_text("Net input z = 3.00")
    assert first.locator("svg.nnlab-figure").evaluate("svg => svg.outerHTML") != before

    run_cell(page, 3)
    expect(first.locator("output")).to_contain_text("Net input z = −4.25")
    expect(first.get_by_label("Bias b", exact=True)).to_have_attribute("aria-valuetext", "−7.25")
    run_cell(page, 4)
    expect(page.locator(".jp-Notebook .jp-Cell").nth(4)).to_contain_text("w1 is 2.5")

    box = second.bounding_box()
    assert box and box["width"] > 340, "in an HBox the explorer keeps its width"
    expect(second.locator("output")).to_contain_text("Net input z = 1.50")
    page.locator(".widget-slider [role=slider]").first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(second.locator("output")).to_contain_text("Net input z = 2.00")

    third.get_by_label("Step", exact=True).focus()
    page.keyboard.press("Home")
    expect(third.locator("output")).to_contain_text("Step 0: nothing is computed yet")
    expect(third.get_by_role("button", name="Copy link")).to_have_count(0)
