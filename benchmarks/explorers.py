"""Milliseconds from a key press to the redrawn figure, frames of a drag, and bytes: python -m benchmarks.explorers."""

from __future__ import annotations

import argparse
import functools
import gzip
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.explorer_timing import drag, press_keys, wake
from benchmarks.machine import description, load
from nnlab.widgets.build import build
from nnlab.widgets.still import page_html

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import browser as browsers  # noqa: E402  -- tools/ is no package

GALLERY = "index"
Open = Callable[[str], Page]
HEAD = (
    f"{'explorer':18} {'states':>6} {'pack kB':>8} {'still kB':>8} {'build s':>8} | key press: {'median ms':>9} "
    f"{'worst ms':>9} {'CPU ms':>7} {'gallery ms':>10} | drag: {'frames/s':>8} {'in time':>8} {'worst ms':>9} "
    f"{'script ms':>9} {'CPU ms':>7}"
)


def write_pages(folder: Path, out: Path) -> dict[str, Any]:
    """Build all explorers, a page for each and one that holds them all; returns the manifest's entries."""
    entries = build(out, cache=ROOT / ".cache" / "explorers", progress=False)["explorers"]
    (folder / "explorers").symlink_to(out.resolve())
    script = '<script type="module" src="explorers/explorer.js"></script>'
    bodies = {
        name: page_html(name, entry["pack"], (out / entry["still"]).read_text(encoding="utf-8"))
        for name, entry in entries.items()
    }
    for name, body in {**bodies, GALLERY: "".join(bodies.values())}.items():
        (folder / f"{name}.html").write_text(f'<!doctype html><meta charset="utf-8">{body}{script}', encoding="utf-8")
    return entries


@contextmanager
def browsing(folder: Path) -> Iterator[Open]:
    """A function that opens a page of the folder, served from 127.0.0.1, in a real browser."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    program = browsers.find()
    if program is None:
        raise SystemExit(browsers.NEEDED)
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = browsers.launch(playwright, program)

        def open_page(name: str) -> Page:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"http://127.0.0.1:{server.server_port}/{name}.html")
            return page

        yield open_page
        server.shutdown()


def compressed(path: Path) -> float:
    """Kilobytes of a file as a server would send it."""
    return len(gzip.compress(path.read_bytes(), 9)) / 1000


def on_its_own(open_page: Open, name: str, presses: int, seconds: float) -> tuple[str, str]:
    """An explorer's figures on a page of its own: of key presses, and of a drag."""
    page = open_page(name)
    explorer = wake(page, name)
    pressed = press_keys(page, explorer, presses)
    dragged = drag(page, explorer, seconds)
    page.close()
    keys = f"{pressed.median:9.1f} {pressed.worst:9.1f} {pressed.processor:7.1f}"
    if dragged is None:
        return keys, f"{'no slider':>8}"
    moves = f"{dragged.per_second:8.0f} {dragged.in_time:8.0%} {dragged.worst:9.1f}"
    return keys, f"{moves} {dragged.script:9.1f} {dragged.processor:7.1f}"


def main() -> None:
    """Build, serve, press keys, drag, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=40, help="key presses an explorer")
    parser.add_argument("--seconds", type=float, default=1.0, help="seconds of each drag")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these explorers alone")
    parser.add_argument("--no-gallery", action="store_true", help="leave out the page that holds all explorers")
    parser.add_argument("--out", type=Path, help="where the explorers are built, or were (default: a new folder)")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        out = options.out or folder / "built"
        entries = write_pages(folder, out)
        print(f"{description()}; load {load()}")
        print(f"explorer.js: {compressed(out / 'explorer.js'):.1f} kB compressed\n{HEAD}", flush=True)
        with browsing(folder) as open_page:
            gallery = None if options.no_gallery else open_page(GALLERY)
            for explorer in options.only or entries:
                entry = entries[explorer]
                keys, moves = on_its_own(open_page, explorer, options.presses, options.seconds)
                among = "-"
                if gallery:
                    gallery.bring_to_front()
                    among = f"{press_keys(gallery, wake(gallery, explorer), options.presses).median:.1f}"
                still = compressed(out / entry["still"])
                print(
                    f"{explorer:18} {entry['states']:6} {entry['bytes'] / 1000:8.1f} {still:8.1f} "
                    f"{entry['seconds']:8.1f} | {'':10} {keys} {among:>10} | {'':5} {moves}",
                    flush=True,
                )
        print(f"load at the end {load()}")


if __name__ == "__main__":
    main()
