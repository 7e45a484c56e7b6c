"""Pages run side by side before they are read, and a page that fails is reported as when it runs alone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from smallbook import ROOT, SmallBook

MEET = """# {title}

```{{code-cell}} python3
import pathlib, time

from myst_nb import glue

here = pathlib.Path({folder!r})
(here / {own!r}).touch()
deadline = time.monotonic() + 120
while not (here / {other!r}).exists() and time.monotonic() < deadline:
    time.sleep(0.05)
glue("{own}-met", (here / {other!r}).exists(), display=False)
```

Met: {{glue:text}}`{own}-met`.
"""


def text(book: SmallBook, page: str) -> str:
    return " ".join(BeautifulSoup(book.html(page), "html.parser").article.get_text().split())


def test_two_pages_run_at_the_same_time(small_book: SmallBook, tmp_path: Path) -> None:
    folder = tmp_path / "meeting"
    folder.mkdir()
    small_book.page("intro", MEET.format(title="Opening", folder=str(folder), own="a", other="b"))
    small_book.page("second", MEET.format(title="Second", folder=str(folder), own="b", other="a"))
    built = small_book.build()
    assert built.returncode == 0, built.stderr
    assert "Met: True." in text(small_book, "intro")
    assert "Met: True." in text(small_book, "second")
    assert built.stdout.count("ran intro") == built.stdout.count("ran second") == 1, "each page runs once"


def test_a_page_that_fails_is_reported_and_the_other_kept(small_book: SmallBook) -> None:
    small_book.page("intro", "# Opening\n\n```{code-cell} python3\nraise LookupError('no such digit')\n```\n")
    small_book.page("second", "# Second\n\n```{code-cell} python3\nprint(6 * 7)\n```\n")
    built = small_book.build()
    assert built.returncode == 1
    assert "LookupError: no such digit" in built.stderr
    assert "intro.md" in built.stderr and "second.md" not in built.stderr
    small_book.page("intro", "# Opening\n\nMended.\n")
    again = small_book.build()
    assert again.returncode == 0, again.stderr
    assert "ran second" not in again.stdout
    assert "42" in text(small_book, "second")


def appears(path: Path, seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return path.exists()


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ctrl_c_ends_pages_that_run_and_starts_no_other(small_book: SmallBook, tmp_path: Path) -> None:
    cell = (
        "# {name}\n\n```{{code-cell}} python3\nimport os, pathlib, time\n"
        "pathlib.Path({file!r}).write_text(str(os.getpid()))\ntime.sleep(600)\n```\n"
    )
    marks = [tmp_path / "first", tmp_path / "second"]
    for name, mark in zip(("intro", "second"), marks, strict=True):
        small_book.page(name, cell.format(name=name, file=str(mark)))
    command = [sys.executable, str(ROOT / "tools" / "build_site.py"), "--root", str(small_book.root), "--pages-only"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        assert all(map(appears, marks)), "both pages run"
        kernels = [int(mark.read_text()) for mark in marks]
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130 and b"Stopped." in complaint
    deadline = time.monotonic() + 30
    while any(map(runs, kernels)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not any(map(runs, kernels))
