"""The fixture of a small book that a test may spoil."""

from pathlib import Path

import pytest
from smallbook import SmallBook


@pytest.fixture
def small_book(tmp_path: Path, site: Path) -> SmallBook:
    """A new small book. It needs the site only because building that installs KaTeX."""
    return SmallBook(tmp_path)
