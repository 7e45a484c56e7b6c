"""Key the cache of executed chapters by the package behind them: changed code runs again, unchanged code never."""

import hashlib
import shutil
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config

from nnlab_book import paths

# Grading never runs in a chapter; the other folders are made by the build from files that are counted.
UNCOUNTED = {"__pycache__", "node_modules", "static", "grading"}
KEPT_CACHES = 2


def package_key(package: Path = paths.PACKAGE, lock: Path = paths.ROOT / "requirements.lock") -> str:
    """A hash of all that a chapter's results depend on besides the chapter: Python, the locked libraries and nnlab."""
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    found = (path for path in package.rglob("*") if path.is_file())
    files = [path for path in found if not UNCOUNTED & set(path.relative_to(package).parts)]
    for path in [lock, *sorted(files)]:
        digest.update(path.relative_to(package.parent).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def prune(caches: Path, current: Path) -> None:
    """Remove all caches but the current one and those used most recently."""
    others = [path for path in caches.iterdir() if path.is_dir() and path != current]
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT_CACHES - 1 :]:
        shutil.rmtree(path)


def use_keyed_cache(app: Sphinx, config: Config) -> None:
    """Choose the cache's folder. Sphinx reads every chapter again when this value changes, as it must."""
    caches = Path(app.srcdir) / "_build" / ".jupyter_cache"
    current = caches / package_key()
    current.mkdir(parents=True, exist_ok=True)
    current.touch()
    prune(caches, current)
    config["nb_execution_cache_path"] = str(current)


def setup(app: Sphinx) -> None:
    app.connect("config-inited", use_keyed_cache)
