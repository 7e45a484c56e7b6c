"""Find a Chrome or Chromium for the browser tests, or install one: `python tools/browser.py`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from machine import install_debian_package, say

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
)
# Only pages of this repository are opened, as root in many containers, and nothing may be fetched in the background.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
NEEDED = """No Chrome or Chromium was found, and none could be installed from here.
Install one of them, for example
    Debian:  sudo apt install chromium
    macOS:   brew install --cask google-chrome
    any:     .venv/bin/python -m playwright install --with-deps chromium
or name its program in the environment variable NNLAB_BROWSER, then run the command again."""


def candidates() -> Iterator[Path]:
    """Programs that may be the browser, the one the user named first."""
    if named := os.environ.get("NNLAB_BROWSER"):
        yield Path(named)
    yield from (Path(found) for name in COMMANDS if (found := shutil.which(name)))
    yield from map(Path, PLACES)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield Path(playwright.chromium.executable_path)


def works(program: Path) -> bool:
    """Whether the program exists and answers; a launcher without its browser does not."""
    if not program.is_file():
        return False
    if os.name == "nt":  # chrome.exe --version opens a window there
        return True
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find() -> Path | None:
    """The first browser that works, if any."""
    return next(filter(works, candidates()), None)


def install() -> Path | None:
    """Install Debian's Chromium, or else the one Playwright downloads; the program, if either worked."""
    if install_debian_package("chromium") and (found := find()):
        return found
    say("Asking Playwright to download its Chromium")
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], stdin=subprocess.DEVNULL)
    return find()


def launch(playwright: "Playwright", program: Path) -> "Browser":
    """Start the browser without a window."""
    return playwright.chromium.launch(executable_path=program, args=SWITCHES)


def main() -> int:
    program = find() or install()
    say(f"Browser: {program}" if program else NEEDED)
    return 0 if program else 1


if __name__ == "__main__":
    sys.exit(main())
