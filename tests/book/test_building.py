"""What the build makes of its sources: only the pages listed, run again only when their code has changed."""

import json
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from smallbook import FRONT, SmallBook

CELL = "# Opening\n\n```{code-cell} python3\nimport os, sys\nprint(sys.executable, os.environ['NNLAB_BOOK'])\n```\n"


def test_only_listed_pages_are_built_and_old_ones_go(small_book: SmallBook) -> None:
    small_book.page("stray", "# Stray\n")
    for folder in (".venv/package", "assignments", "nnlab"):
        (small_book.root / folder).mkdir(parents=True, exist_ok=True)
        (small_book.root / folder / "notebook.md").write_text(FRONT + CELL)
    built = small_book.build()
    assert built.returncode == 0, built.stderr
    assert "ran notebook" not in built.stdout
    pages = {path.name for path in (small_book.root / "_build" / "html" / "book").glob("*.html")}
    assert pages == {"intro.html", "second.html"}
    (small_book.root / "_toc.yml").write_text("format: jb-book\nroot: book/intro\n")
    (small_book.root / "_build" / "extra" / "explorers" / "old.1234.bin").write_bytes(b"")
    assert small_book.build().returncode == 0
    (small_book.root / "_build" / "extra" / "explorers" / "old.1234.bin").unlink()
    assert small_book.build().returncode == 0
    site = small_book.root / "_build" / "html"
    assert [path.name for path in (site / "book").glob("*.html")] == ["intro.html"]
    assert [path.name for path in (site / "explorers").iterdir()] == ["explorer.js"]


def test_cells_run_once_until_the_package_changes(small_book: SmallBook) -> None:
    def runs() -> bool:
        built = small_book.build()
        assert built.returncode == 0, built.stderr
        return "ran intro" in built.stdout

    small_book.page("intro", CELL)
    assert runs()
    assert not runs()
    changed = small_book.root / "nnlab" / "layers.py"
    changed.write_text("changed = True\n")
    assert runs()
    changed.unlink()
    assert not runs(), "the results of the code before are still known"


def test_cells_run_in_this_python_alone(small_book: SmallBook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    spec = foreign / "kernels" / "python3"
    spec.mkdir(parents=True)
    kernel = {"argv": ["/nowhere/python"], "display_name": "Foreign", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(kernel))
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("raise SystemExit('a start-up file ran')\n")
    monkeypatch.setenv("JUPYTER_PATH", str(foreign))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(foreign))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("HOME", "/nowhere")
    small_book.page("intro", CELL)
    built = small_book.build()
    assert built.returncode == 0, built.stderr
    printed = BeautifulSoup(small_book.html("intro"), "html.parser").select_one("div.cell_output").get_text()
    assert sys.executable in printed
    assert str(small_book.root / "_build" / "extra" / "explorers") in printed


def test_a_changed_stylesheet_reaches_the_site_and_every_page_asks_for_it(small_book: SmallBook) -> None:
    def asked() -> list[str]:
        built = small_book.build()
        assert built.returncode == 0, built.stderr
        pages = [BeautifulSoup(small_book.html(name), "html.parser") for name in ("intro", "second")]
        return [page.select_one("link[href*='course.css']")["href"] for page in pages]

    before = asked()
    with (small_book.root / "book" / "_static" / "course.css").open("a") as sheet:
        sheet.write("\n.new { color: inherit; }\n")
    after = asked()
    assert len(set(before)) == len(set(after)) == 1 and before != after
    assert ".new {" in (small_book.root / "_build" / "html" / "_static" / "course.css").read_text(encoding="utf-8")
    assert asked() == after
