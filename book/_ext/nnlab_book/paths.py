"""Where the site's ingredients lie in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "nnlab"
PALETTE = PACKAGE / "palette.json"
NODE_MODULES = PACKAGE / "widgets" / "frontend" / "node_modules"
CACHE = ROOT / ".cache"


def extra_files(source: Path) -> Path:
    """The folder copied to the site's root."""
    return source / "_build" / "extra"


def explorers(source: Path) -> Path:
    """The folder of the explorers' script and packs, as `python -m nnlab.widgets build` leaves it."""
    return extra_files(source) / "explorers"
