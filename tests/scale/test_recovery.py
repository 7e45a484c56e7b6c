"""The whole grader is killed at twenty random moments of one run; going on loses nothing and grades nothing twice."""

import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mortal import Mortal
from schools import School, read_marks
from sqlalchemy import create_engine, text
from waiting import wait_until

STUDENTS = 100
KILLS = 20
MOMENTS = {"write": (1, 20), "file": (1, 12), "judgement": (1, 5)}


@pytest.fixture(scope="module")
def class_of_100(school: Callable[[int], School]) -> School:
    return school(STUDENTS)


@pytest.fixture
def killed(class_of_100: School, tmp_path: Path) -> Iterator[tuple[School, Mortal]]:
    copied = class_of_100.copy(tmp_path / "course")
    mortal = Mortal(copied.root, tmp_path)
    yield copied, mortal
    mortal.close()


def test_killed_at_twenty_moments_of_one_run(
    killed: tuple[School, Mortal], class_of_100: School, tmp_path_factory: pytest.TempPathFactory
) -> None:
    school, mortal = killed
    rng, done = random.Random(20), [0]
    for number in range(KILLS):
        moment = [*MOMENTS][number % len(MOMENTS)]
        when = {moment: rng.randint(*MOMENTS[moment]), "after": rng.uniform(0, 100)}
        assert mortal.run(**when) == -signal.SIGKILL, f"it was over before kill {number}"
        marks = read_marks(school.root)
        assert marks.items() <= {**school.marks, **unfilled(marks)}.items(), "a mark is wrong"
        done.append(sum(auto is not None for auto, _, _ in marks.values()))
    assert mortal.run() == 0
    assert done == sorted(done), "marks were lost"
    assert done[-1] < len(school.marks), "the last kill came after the work"
    assert read_marks(school.root) == school.marks
    kept = Counter(mortal.log.read_text().split())
    assert set(kept.values()) == {1}, "a submission was run again whose result was kept"
    undisturbed = class_of_100.copy(tmp_path_factory.mktemp("undisturbed") / "course")
    quiet = Mortal(undisturbed.root, undisturbed.root.parent)
    assert quiet.run() == 0
    quiet.close()
    assert contents(school.root) == contents(undisturbed.root)
    assert results(school.root) == results(undisturbed.root)
    assert wait_until(lambda: not mortal.left_behind(), seconds=20), f"still running: {mortal.left_behind()}"
    assert list(mortal.temporary.iterdir()) == []


def unfilled(marks: dict) -> dict:
    """The marks of a submission that the gradebook has just heard of."""
    return {cell: mark for cell, mark in marks.items() if mark[0] is None}


def contents(root: Path) -> dict[str, int]:
    """How many rows each table of a gradebook has; it must also be sound."""
    with create_engine(f"sqlite:///{root / 'gradebook.db'}").connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return {table: connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() for table in tables}


def results(root: Path) -> set[str]:
    """The files that grading leaves."""
    return {str(path.relative_to(root)) for path in (root / "autograded").rglob("*")}
