"""Grade the same submissions of ps1 with stock ``nbgrader autograde`` and with ``nnlab grade``, in turns.

    python -m benchmarks.grading --students 200

Both grade the reference solution, with a remark of each student's own in it, so that no result can be reused. They take
turns, in rounds of a few students, so that whatever else the machine does falls on both. Each also grades an empty
round, and the time of that, which is starting up, is left out of the time a submission.
"""

from __future__ import annotations

import argparse
import copy
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from benchmarks import grading_parts, machine

PARTS_OF = 21
ROOT = Path(__file__).resolve().parents[1]
STOCK = """\
from nbgrader.converters.autograde import Autograde
c.Autograde.pre_convert_hook = None
c.Autograde.autograde_preprocessors = Autograde.autograde_preprocessors.default()
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=200, help="how many submissions (default: 200)")
    parser.add_argument("--round", type=int, default=20, help="how many in one turn (default: 20)")
    parser.add_argument("--parts", action="store_true", help="also show where the time of one submission goes")
    given = parser.parse_args()
    jobs = machine.cores()
    with tempfile.TemporaryDirectory(prefix="nnlab-bench-") as folder:
        stock = Path(folder, "stock")
        _course(stock, given.students)
        ours = Path(folder, "ours")
        shutil.copytree(stock, ours)
        with open(stock / "nbgrader_config.py", "a", encoding="utf-8") as config:
            config.write(STOCK)
        names = sorted(path.name for path in (stock / "submitted").iterdir())
        seconds = {"stock": 0.0, "ours": 0.0}
        start = {"stock": _stock(stock, []), "ours": _ours(ours, names[:1], jobs)}
        start["ours"] = _ours(ours, names[:1], jobs)  # this one is graded already, so nothing runs
        for first in range(0, len(names), given.round):
            turn = names[first : first + given.round]
            seconds["stock"] += _stock(stock, turn) - start["stock"]
            seconds["ours"] += _ours(ours, turn, jobs) - start["ours"]
            done = first + len(turn)
            each = {side: total / done for side, total in seconds.items()}
            print(
                f"{done:4} submissions: stock {each['stock']:.2f} s each, ours {each['ours']:.3f} s each, "
                f"{each['stock'] / each['ours']:.1f} times as fast",
                flush=True,
            )
        alone = [_ours(ours, [name], 1, "--again", "--feedback") for name in names[:3]]
        print(f"one submission alone, from the command to its feedback: {min(alone):.2f} s")
        if given.parts:
            print("in a grader at work, one submission after another:")
            for line in grading_parts.report(ours, "ps1", names[:PARTS_OF]):
                print(f"  {line}", flush=True)
        print(f"{machine.description()}; {jobs} jobs, sandbox on; load {machine.load()}")


def _course(root: Path, students: int) -> None:
    """A copy of the course with this many submissions of ps1."""
    shutil.copytree(ROOT / "assignments", root, ignore=shutil.ignore_patterns("*.db", "submitted", "autograded"))
    _run(root, "nbgrader", "generate_assignment", "ps1", "--force")
    path = next((root / "release" / "ps1").glob("*.ipynb"))
    release = nbformat.read(path, as_version=4)
    source = nbformat.read(root / "source" / "ps1" / path.name, as_version=4)
    solutions = {
        cell.metadata.nbgrader.grade_id: cell.source for cell in source.cells if cell.metadata.nbgrader.solution
    }
    for number in range(students):
        notebook = copy.deepcopy(release)
        for cell in notebook.cells:
            own = solutions.get(cell.metadata.nbgrader.grade_id)
            if own is not None and cell.cell_type == "code":
                cell.source = f"{own}\n# written by student {number}"
        folder = root / "submitted" / f"student{number:04}" / "ps1"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / path.name)


def _stock(course: Path, students: list[str]) -> float:
    """Seconds that nbgrader takes for these students; for none, the time until it says that there is nothing."""
    # nbgrader takes a pattern, not a list, so the students of this turn get a name in common.
    for name in students:
        (course / "submitted" / name).rename(course / "submitted" / f"turn{students[0]}-{name}")
    pattern = f"turn{students[0]}-*" if students else "nobody"
    start = time.perf_counter()
    _run(course, "nbgrader", "autograde", "ps1", "--student", pattern, check=bool(students))
    return time.perf_counter() - start


def _ours(course: Path, students: list[str], jobs: int, *more: str) -> float:
    """Seconds that nnlab takes for these students."""
    chosen = [word for name in students for word in ("--student", name)]
    start = time.perf_counter()
    _run(course, "nnlab.cli", "grade", "ps1", "--jobs", str(jobs), *chosen, *more)
    return time.perf_counter() - start


def _run(course: Path, *command: str, check: bool = True) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=course, capture_output=True, text=True, env=os.environ)
    if check and done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    main()
