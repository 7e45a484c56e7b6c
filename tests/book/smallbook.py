"""A small book in a temporary folder, built by the very command that builds the course."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FRONT = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n"


class SmallBook:
    """The course's settings and extension around pages of the test's own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "book").mkdir()
        for name in ("_config.yml", "requirements.lock", "book/references.bib"):
            shutil.copy(ROOT / name, root / name)
        for name in ("_ext", "_static", "_templates"):
            shutil.copytree(ROOT / "book" / name, root / "book" / name, ignore=shutil.ignore_patterns("__pycache__"))
        frontend = root / "nnlab" / "widgets" / "frontend"
        frontend.mkdir(parents=True)
        (frontend / "node_modules").symlink_to(ROOT / "nnlab" / "widgets" / "frontend" / "node_modules")
        shutil.copy(ROOT / "nnlab" / "palette.json", root / "nnlab")
        explorers = root / "_build" / "extra" / "explorers"
        explorers.mkdir(parents=True)
        (explorers / "explorer.js").write_text("export {};\n")
        (root / "_toc.yml").write_text("format: jb-book\nroot: book/intro\nchapters:\n  - file: book/second\n")
        self.page("intro", "# Opening\n\nA first page.\n")
        self.page("second", "# Second\n\nA second page.\n")

    def page(self, name: str, text: str) -> None:
        """Write a page of the book."""
        (self.root / "book" / f"{name}.md").write_text(FRONT + text, encoding="utf-8")

    def build(self) -> subprocess.CompletedProcess[str]:
        """Build the book's pages."""
        command = [sys.executable, str(ROOT / "tools" / "build_site.py"), "--root", str(self.root), "--pages-only"]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def html(self, name: str) -> str:
        """A page of the built site."""
        return (self.root / "_build" / "html" / "book" / f"{name}.html").read_text(encoding="utf-8")
