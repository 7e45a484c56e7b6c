"""The same class gets the same marks one by one, in parallel, with too many jobs, and while judges are killed."""

import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from beside import beside
from schools import School, read_marks

from nnlab.grading.grader.grading import Grader, Row

STUDENTS = 1_000
PART = 250
PRESIDING = "nnlab.grading.grader.presiding"


@pytest.fixture(scope="module")
def thousand(school: Callable[[int], School]) -> School:
    return school(STUDENTS)


@pytest.fixture(scope="module")
def serial(thousand: School, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """What grading a part of the class one by one says of each student."""
    copied = thousand.copy(tmp_path_factory.mktemp("serial") / "course", PART)
    rows = grade(copied, 1)
    assert read_marks(copied.root) == copied.marks
    return rows


def grade(school: School, jobs: int, done: Callable[[Row], None] = lambda row: None) -> dict[str, Row]:
    grader = Grader(school.root, "set")
    return {row.student: row for row in grader.run(grader.students(), jobs, done)}


def assert_same(rows: dict[str, Row], serial: dict[str, Row], school: School) -> None:
    assert [row for row in rows.values() if row.status == "failed"] == []
    assert read_marks(school.root) == school.marks
    assert {student: rows[student] for student in serial} == serial
    assert {student for student, _ in school.marks} == set(rows)


def test_no_two_submissions_are_alike(thousand: School) -> None:
    files = [path.read_bytes() for path in (thousand.root / "submitted").glob("*/set/*")]
    assert len(files) == STUDENTS
    assert STUDENTS - len(set(files)) < STUDENTS // 40  # empty files, one in forty, are all the same


def test_one_by_one(serial: dict[str, Row]) -> None:
    assert {row.status for row in serial.values()} == {"graded", "flagged"}


def test_two_at_a_time_in_memory_that_does_not_grow(thousand: School, serial: dict[str, Row], tmp_path: Path) -> None:
    copied, taken = thousand.copy(tmp_path / "course"), list[int]()
    rows = grade(copied, 2, lambda row: taken.append(psutil.Process().memory_info().rss))
    assert_same(rows, serial, copied)
    assert taken[-1] - taken[STUDENTS // 4] < 20 << 20


def test_more_at_a_time_than_there_are_cores(thousand: School, serial: dict[str, Row], tmp_path: Path) -> None:
    copied = thousand.copy(tmp_path / "course", PART)
    assert_same(grade(copied, 8 * (os.cpu_count() or 1)), serial, copied)


def test_while_judges_are_killed(thousand: School, serial: dict[str, Row], tmp_path: Path) -> None:
    copied = thousand.copy(tmp_path / "course", PART)
    with killer() as killed:
        rows = grade(copied, 3)
    assert len(killed) >= 10, "it was over too soon"
    assert_same(rows, serial, copied)


@contextmanager
def killer(seed: int = 3) -> Iterator[list[str]]:
    """SIGKILL, every now and then, to one of the grader's own processes: mostly judges, also what forks them.

    So seldom that no notebook loses its judge five times, after which the grader would give it up.
    """
    rng, killed = random.Random(seed), list[str]()
    of_other_tests = set(psutil.Process().children(recursive=True))

    def work(over: threading.Event) -> None:
        while not over.wait(rng.uniform(0.6, 1.8)):
            own = {"judge": [], "server": [], "warm": []}
            for process in set(psutil.Process().children(recursive=True)) - of_other_tests:
                try:
                    command, parent = " ".join(process.cmdline()), process.ppid()
                except psutil.Error:
                    continue
                if PRESIDING in command:
                    own["server" if parent == os.getpid() else "judge"].append(process.pid)
                elif "zygote" in command and parent == os.getpid():
                    own["warm"].append(process.pid)
            role = rng.choices(list(own), [4, 1, 1])[0]
            if own[role]:
                os.kill(rng.choice(own[role]), signal.SIGKILL)
                killed.append(role)

    with beside(work):
        yield killed
