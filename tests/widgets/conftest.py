"""The built explorers, plain pages that show them, and Node to read them by the front end's own code."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page

from nnlab.widgets import frontend, load_all
from nnlab.widgets.build import CACHE, build
from nnlab.widgets.still import page_html

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Explorers</title></head><body><main><h1>Explorers</h1><p><a href="#below">An anchor</a></p>{body}
<h2 id="below">Below</h2></main><script type="module" src="explorers/explorer.js"></script></body></html>"""


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of all explorers, built once; what did not change since the last run is kept."""
    out = ROOT / ".cache" / "tests" / "widgets" / "explorers"
    out.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(out.parent / "build.lock"):
        build(out, cache=ROOT / CACHE, progress=False)
    return out


@pytest.fixture(scope="session")
def manifest(built: Path) -> dict[str, Any]:
    """What the build says of each explorer."""
    return json.loads((built / "manifest.json").read_text(encoding="utf-8"))["explorers"]


def page(names: list[str], built: Path, manifest: dict[str, Any]) -> str:
    """A plain page that holds these explorers."""
    stills = {name: (built / manifest[name]["still"]).read_text(encoding="utf-8") for name in names}
    return PAGE.format(
        body="".join(f"<h2>{name}</h2>" + page_html(name, manifest[name]["pack"], stills[name]) for name in names)
    )


@pytest.fixture(scope="session")
def pages_url(built: Path, manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of plain pages: one for each explorer, named like it, and one for each chapter's explorers."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "explorers").symlink_to(built)
    shown = {explorer.name: [explorer.name] for explorer in load_all()}
    for explorer in load_all():
        shown.setdefault(explorer.__module__.split(".")[2], []).append(explorer.name)
    for name, explorers in shown.items():
        (folder / f"{name}.html").write_text(page(explorers, built, manifest), encoding="utf-8")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def visit(browser: Browser, pages_url: str) -> Iterator[Callable[..., Page]]:
    """Open a page, `visit("ravine", "#ravine?rate=1")`, with any option of a context.

    Errors on the page and requests to another machine fail the test.
    """
    complaints: list[str] = []
    contexts = []

    def open_page(name: str, after: str = "", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)

        def guard(route: Any) -> None:
            if route.request.url.startswith(pages_url):
                route.continue_()
            else:
                complaints.append(f"asked {route.request.url}")
                route.abort()

        context.route("**/*", guard)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{pages_url}{name}.html{after}", wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()
    complaints = [text for text in complaints if "favicon" not in text]
    assert not complaints, "\n".join(complaints)


@pytest.fixture(scope="session")
def run_typescript(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Bundle a TypeScript file of this folder with what it imports, feed it JSON, return the JSON it prints."""
    frontend.install()
    folder = tmp_path_factory.mktemp("bundled")

    def run(name: str, request: Any) -> Any:
        script = folder / f"{name}.mjs"
        if not script.is_file():
            esbuild = frontend.FRONTEND / "node_modules" / "esbuild" / "bin" / "esbuild"
            frontend.run_node(
                [esbuild, HERE / f"{name}.ts", "--bundle", "--format=esm", "--platform=node", f"--outfile={script}"]
            )
        return json.loads(frontend.run_node([script], send=json.dumps(request)))

    return run
