"""A submission's figure is, to the byte, what a Python of one's own draws, although labels are laid out ahead."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnlab.grading.sandbox import Limits, Session, WarmInterpreter

FIGURE = r"""
import matplotlib.pyplot as plt
import numpy as np
steps = 10.0 ** -np.arange(1, 13)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
left.loglog(steps, steps**2 + 1e-16 / steps, marker="o", label="float64, ÄÖ")
left.set(xlabel=r"step $h$, with $\hat{x}_i^{(2)} = \frac{\alpha}{\beta}$", ylabel="relative error", title="ß & Ω")
left.legend()
right.imshow(np.outer(steps, steps), norm="log")
right.text(3, 3, r"$\sum_k p_k \log p_k$ at %d" % SEED, fontsize=14, rotation=30, family="serif")
"""
SAVED = """
import sys
for number in plt.get_fignums():
    plt.figure(number).savefig(sys.argv[1], format="png", dpi=80)
"""


@pytest.fixture(scope="module")
def drawing(warm: str) -> Iterator[str]:
    """The address of a warm interpreter that holds matplotlib, where ``warm`` has found that there is a sandbox."""
    with WarmInterpreter(("matplotlib.pyplot",)) as interpreter:
        yield interpreter.address


@pytest.fixture
def session(drawing: str) -> Iterator[Session]:
    with Session(drawing, "bwrap", Limits(cell_seconds=60, total_seconds=120)) as opened:
        yield opened


@pytest.mark.parametrize("seed", [3, 12345])
def test_figures_are_what_a_fresh_python_draws(session: Session, seed: int, tmp_path: Path) -> None:
    source = FIGURE.replace("SEED", str(seed))
    subprocess.run(
        [sys.executable, "-c", source + SAVED, str(tmp_path / "figure.png")],
        check=True,
        env={**os.environ, "MPLBACKEND": "Agg"},
    )
    expected = (tmp_path / "figure.png").read_bytes()
    for number in (1, 2):  # the second is drawn by a process that has drawn before
        outcome = session.run(number, source)
        assert (outcome.error, outcome.remarks, outcome.printed) == (None, [], "")
        assert outcome.figures == [expected]


def test_figures_can_be_saved_in_every_format(session: Session) -> None:
    kinds = {"pdf": b"%PDF", "svg": b"<?xml"}
    source = FIGURE.replace("SEED", "1")
    for kind in kinds:
        source += f"figure.savefig('it.{kind}')\nprint(open('it.{kind}', 'rb').read()[:5])\n"
    outcome = session.run(1, source)
    assert outcome.error is None
    for line, begins in zip(outcome.printed.splitlines(), kinds.values(), strict=True):
        assert line.startswith(repr(begins)[:-1])
