"""What all tests share: the built site, its address, a browser that may ask no one but this machine, and a sandbox."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect, sync_playwright

import browser as browsers
import serve
from nnlab_book import environment

ROOT = Path(__file__).resolve().parents[1]

environment.isolate()
# A run that magnifies rounding ends elsewhere with other threads: tests compute as the build does, before NumPy loads.
os.environ |= dict.fromkeys(environment.THREADS, "1")
expect.set_options(timeout=30_000)  # what a page shows in the end is tested, not how busy the machine is
# A job in the background of a shell ignores Ctrl-C, and so would every program that a test starts and interrupts.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make site` builds it: once a run, by the first worker that needs it."""
    shared = ROOT / ".cache" / "tests"
    shared.mkdir(parents=True, exist_ok=True)
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    done = shared / "site-built-for"
    with FileLock(shared / "site.lock"):
        if not done.exists() or done.read_text() != run:
            done.unlink(missing_ok=True)
            command = [sys.executable, "tools/build_site.py"]
            built = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if built.returncode != 0:
                pytest.fail(f"The site was not built.\n{built.stdout}{built.stderr}", pytrace=False)
            done.write_text(run)
    return serve.SITE


@pytest.fixture(scope="session")
def site_url(site: Path) -> Iterator[str]:
    """The address of the served site, with a slash at its end."""
    with serve.open_server(site, port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield serve.address(server)
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium or Chrome."""
    program = browsers.find()
    if program is None:
        pytest.fail(browsers.NEEDED, pytrace=False)
    with sync_playwright() as playwright:
        chromium = browsers.launch(playwright, program)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, site_url: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the site, `open_page("book/intro.html", color_scheme="dark")`, with any option of a new context.

    A request to another machine is blocked. When the test ends, such requests and errors on the console fail it.
    """
    complaints: list[str] = []
    contexts = []

    def guard(route: Route) -> None:
        if route.request.url.startswith(site_url):
            route.continue_()
        else:
            complaints.append(f"asked {route.request.url}")
            route.abort()

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console error: {message.text} ({message.location['url']})")

    def visit(path: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.route("**/*", guard)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
        page.on("response", lambda reply: reply.ok or complaints.append(f"{reply.status} {reply.url}"))
        page.goto(site_url + path, wait_until="load")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture(scope="session")
def warm() -> Iterator[str]:
    """The address of a warm interpreter; skips where this machine has no sandbox."""
    from nnlab.grading.sandbox import Limits, SandboxError, Session, WarmInterpreter

    with WarmInterpreter() as interpreter:
        try:
            Session(interpreter.address, "bwrap", Limits()).close()
        except (SandboxError, subprocess.SubprocessError) as problem:
            pytest.skip(f"no sandbox on this machine: {problem}")
        yield interpreter.address
