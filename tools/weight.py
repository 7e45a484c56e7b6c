"""Weigh what a first visit loads, as a web server would send it: `python tools/weight.py`."""

import argparse
import gzip
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Request, Response, sync_playwright

import browser as browsers
from serve import HOST, SITE, address, open_server

LIMIT = 700_000
KINDS = {".css": "css", ".js": "js", ".woff2": "fonts", ".svg": "images", ".png": "images", ".bin": "packs"}


@dataclass
class Weight:
    """Bytes by address for one page; a pack is a figure's data, which loads when the figure comes near the screen."""

    page: str
    files: dict[str, int] = field(default_factory=dict)

    def by_kind(self) -> Counter[str]:
        """Bytes by kind of file."""
        kinds: Counter[str] = Counter()
        for name, size in self.files.items():
            kinds[KINDS.get(Path(name).suffix, "html")] += size
        return kinds

    @property
    def first_visit(self) -> int:
        """Every byte but the packs'."""
        return self.by_kind().total() - self.by_kind()["packs"]


def transferred(response: Response) -> int:
    """The size of a response's body: compressed where it is text, as it is where it is compressed already."""
    body = response.body()
    kind = response.headers.get("content-type", "")
    text = kind.startswith("text/") or any(word in kind for word in ("json", "javascript", "svg"))
    return len(gzip.compress(body, compresslevel=9, mtime=0)) if text else len(body)


def weigh(browser: Browser, site: str, page: str) -> Weight:
    """Open one page with an empty cache, scroll through it and weigh all that came."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route(lambda url: HOST not in url, lambda route: route.abort())
    tab = context.new_page()
    arrived: list[Request] = []
    tab.on("requestfinished", lambda request: arrived.append(request))  # the body of an unfinished one would be awaited
    tab.goto(site + page, wait_until="networkidle")
    for top in range(0, tab.evaluate("document.body.scrollHeight"), 600):
        tab.evaluate("(top) => scrollTo(0, top)", top)
        tab.wait_for_timeout(20)
    tab.wait_for_load_state("networkidle")
    weight = Weight(page)
    for request in arrived:
        response = request.response()
        if response is not None and response.ok:
            weight.files[request.url.removeprefix(site).split("?")[0]] = transferred(response)
    context.close()
    return weight


def table(weights: Iterable[Weight]) -> str:
    """A row a page: bytes in kilobytes by kind, their sum without the packs, and the packs."""
    kinds = ("html", "css", "js", "fonts", "images")
    lines = [f"{'kB, compressed':32}" + "".join(f"{kind:>8}" for kind in (*kinds, "sum", "packs"))]
    for weight in sorted(weights, key=lambda weight: -weight.first_visit):
        by_kind = weight.by_kind()
        sizes = (*(by_kind[kind] for kind in kinds), weight.first_visit, by_kind["packs"])
        lines.append(f"{weight.page:32}" + "".join(f"{size / 1000:8.1f}" for size in sizes))
    return "\n".join(lines)


def details(weight: Weight) -> str:
    """A row a file of one page, the heaviest first."""
    files = sorted(weight.files.items(), key=lambda item: -item[1])
    return "\n".join(f"{size / 1000:8.1f}  {name}" for name, size in files)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="addresses below the site's root (default: every page of the book)")
    options = parser.parse_args(arguments)
    pages = options.pages or sorted(path.relative_to(SITE).as_posix() for path in (SITE / "book").glob("*.html"))
    program = browsers.find()
    if program is None:
        print(browsers.NEEDED, file=sys.stderr)
        return 1
    with open_server(port=0) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = browsers.launch(playwright, program)
        weights = [weigh(browser, address(server), page) for page in pages]
        browser.close()
        server.shutdown()
    print(table(weights))
    if options.pages:
        print("", *map(details, weights), sep="\n")
    return int(any(weight.first_visit > LIMIT for weight in weights))


if __name__ == "__main__":
    sys.exit(main())
