"""What tests of the sandbox share: a warm interpreter, and a reason to skip where bubblewrap cannot run."""

import subprocess
from collections.abc import Iterator

import pytest

from nnlab.grading.sandbox import Limits, SandboxError, Session, WarmInterpreter


@pytest.fixture(scope="session")
def warm() -> Iterator[str]:
    """The address of a warm interpreter; skips where this machine has no sandbox."""
    with WarmInterpreter() as interpreter:
        try:
            Session(interpreter.address, "bwrap", Limits()).close()
        except (SandboxError, subprocess.SubprocessError) as problem:
            pytest.skip(f"no sandbox on this machine: {problem}")
        yield interpreter.address


@pytest.fixture
def session(warm: str) -> Iterator[Session]:
    """A submission's sandbox with short limits."""
    with Session(warm, "bwrap", Limits(cell_seconds=5, total_seconds=60)) as opened:
        yield opened
