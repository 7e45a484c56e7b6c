"""Milliseconds from a key press to the redrawn figure, and bytes of each explorer: python -m benchmarks.explorers."""

from __future__ import annotations

import argparse
import functools
import gzip
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page, sync_playwright

from nnlab.widgets.build import build
from nnlab.widgets.still import page_html

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import browser as browsers  # noqa: E402  -- tools/ is no package

# From the key event to the end of the frame that follows the new drawing.
TIMED = """(explorer) => {
    window.times = [];
    explorer.addEventListener("input", (event) => {
        const start = event.timeStamp;
        requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - start)));
    }, true);
}"""
HEAD = f"{'explorer':18} {'states':>6} {'pack kB':>8} {'still kB':>8} {'build s':>8} {'median ms':>10} {'worst ms':>9}"


def key_presses(page: Page, name: str, presses: int) -> list[float]:
    """The milliseconds of each of so many key presses on the explorer's first slider, or choice where it has none."""
    explorer = page.locator(f'nnlab-explorer[data-name="{name}"]')
    explorer.scroll_into_view_if_needed()
    page.wait_for_selector(f'nnlab-explorer[data-name="{name}"][data-ready]')
    skip = explorer.get_by_role("button", name="Skip")
    if skip.is_visible():
        skip.click()
    explorer.evaluate(TIMED)
    sliders, choices = explorer.locator("input[type=range]"), explorer.locator("select")
    keys = ("ArrowLeft", "ArrowRight") if sliders.count() else ("ArrowDown", "ArrowUp")
    (sliders if sliders.count() else choices).first.focus()
    for i in range(presses):
        page.keyboard.press(keys[i // 3 % 2])
        page.wait_for_timeout(60)
    return page.evaluate("window.times")


def write_page(folder: Path) -> dict[str, Any]:
    """Build all explorers and a page that holds them; returns the manifest's entries."""
    out = folder / "explorers"
    entries = build(out, cache=ROOT / ".cache" / "explorers")["explorers"]
    stills = {name: (out / entry["still"]).read_text(encoding="utf-8") for name, entry in entries.items()}
    body = "".join(page_html(name, entry["pack"], stills[name]) for name, entry in entries.items())
    script = '<script type="module" src="explorers/explorer.js"></script>'
    (folder / "index.html").write_text(f'<!doctype html><meta charset="utf-8">{body}{script}', encoding="utf-8")
    return entries


@contextmanager
def opened(folder: Path) -> Iterator[Page]:
    """The page, served from 127.0.0.1 and opened in a real browser."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    program = browsers.find()
    if program is None:
        raise SystemExit(browsers.NEEDED)
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browsers.launch(playwright, program).new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        yield page
        server.shutdown()


def compressed(path: Path) -> float:
    """Kilobytes of a file as a server would send it."""
    return len(gzip.compress(path.read_bytes(), 9)) / 1000


def main() -> None:
    """Build, serve, press keys, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=40, help="key presses an explorer")
    presses = parser.parse_args().presses
    with TemporaryDirectory() as name:
        folder = Path(name)
        entries = write_page(folder)
        out = folder / "explorers"
        print(f"explorer.js: {compressed(out / 'explorer.js'):.1f} kB compressed\n{HEAD}")
        with opened(folder) as page:
            for explorer, entry in entries.items():
                times = key_presses(page, explorer, presses)
                still = compressed(out / entry["still"])
                print(
                    f"{explorer:18} {entry['states']:6} {entry['bytes'] / 1000:8.1f} {still:8.1f} "
                    f"{entry['seconds']:8.1f} {statistics.median(times):10.1f} {max(times):9.1f}"
                )


if __name__ == "__main__":
    main()
