"""What tests of the sandbox share: a submission's sandbox."""

from collections.abc import Iterator

import pytest

from nnlab.grading.sandbox import Limits, Session


@pytest.fixture
def session(warm: str) -> Iterator[Session]:
    """A submission's sandbox with short limits."""
    with Session(warm, "bwrap", Limits(cell_seconds=5, total_seconds=60)) as opened:
        yield opened
