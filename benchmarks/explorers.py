"""Milliseconds from a key press to the redrawn figure, and bytes of each explorer: python -m benchmarks.explorers."""

from __future__ import annotations

import argparse
import functools
import gzip
import statistics
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from nnlab.widgets import load_all
from nnlab.widgets.build import build
from nnlab.widgets.still import page_html

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import browser as browsers  # noqa: E402  -- tools/ is no package

# From the key event to the end of the frame that follows the new drawing.
TIMED = """(explorer) => { window.times = []; explorer.addEventListener("input", (event) => {
    const start = event.timeStamp; requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - start))); }, true); }"""


def key_presses(page: Page, name: str, presses: int) -> list[float]:
    """The milliseconds of each of so many key presses on the explorer's first slider."""
    explorer = page.locator(f'nnlab-explorer[data-name="{name}"]')
    explorer.scroll_into_view_if_needed()
    page.wait_for_selector(f'nnlab-explorer[data-name="{name}"][data-ready]')
    skip = explorer.get_by_role("button", name="Skip")
    if skip.is_visible():
        skip.click()
    explorer.evaluate(TIMED)
    explorer.locator("input[type=range]").first.focus()
    for i in range(presses):
        page.keyboard.press("ArrowLeft" if i // 3 % 2 == 0 else "ArrowRight")
        page.wait_for_timeout(60)
    return page.evaluate("window.times")


def main() -> None:
    """Build, serve, press keys, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=40)
    presses = parser.parse_args().presses
    with TemporaryDirectory() as folder:
        out = Path(folder) / "explorers"
        manifest = build(out, cache=ROOT / ".cache" / "explorers")["explorers"]
        body = "".join(page_html(n, e["pack"], (out / e["still"]).read_text(encoding="utf-8")) for n, e in manifest.items())
        page_text = f'<!doctype html><meta charset="utf-8"><body>{body}<script type="module" src="explorers/explorer.js"></script>'
        (Path(folder) / "index.html").write_text(page_text, encoding="utf-8")

        class Quiet(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

        script = len(gzip.compress((out / "explorer.js").read_bytes(), 9))
        print(f"explorer.js: {script / 1000:.1f} kB compressed")
        with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server, sync_playwright() as p:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            program = browsers.find()
            if program is None:
                raise SystemExit(browsers.NEEDED)
            page = browsers.launch(p, program).new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            print(f"{'explorer':18} {'states':>6} {'pack kB':>8} {'still kB':>8} {'build s':>8} {'median ms':>10} {'worst ms':>9}")
            for explorer in load_all():
                entry = manifest[explorer.name]
                still = len(gzip.compress((out / entry["still"]).read_bytes(), 9))
                times = key_presses(page, explorer.name, presses)
                print(
                    f"{explorer.name:18} {entry['states']:6} {entry['bytes'] / 1000:8.1f} {still / 1000:8.1f} "
                    f"{entry['seconds']:8.1f} {statistics.median(times):10.1f} {max(times):9.1f}"
                )
            server.shutdown()


if __name__ == "__main__":
    main()
