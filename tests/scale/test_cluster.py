"""Grading on a Dask cluster: the same marks, also when workers die; and what is said when a cluster cannot be used."""

import logging
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
import pytest
from beside import beside
from distributed import Client, LocalCluster, Nanny, Scheduler, SpecCluster
from schools import POINTS, School, read_marks

from nnlab import cli
from nnlab.grading.grader import cluster as clusters
from nnlab.grading.grader.grading import Grader

STUDENTS = 250
KILLS = 3
NANNY = {"nthreads": 1, "dashboard": False, "memory_limit": 0}

# What is wrong with a worker, as a script that it runs before all else.
OTHER_VERSION = "import nnlab.grading.grader.store as store; store.grader_version = lambda: 'of another day'"
NO_BUBBLEWRAP = "import shutil; which = shutil.which\nshutil.which = lambda *a, **k: a[0] != 'bwrap' and which(*a, **k)"
NO_NNLAB = "import sys; sys.modules['nnlab'] = None"
FRAGILE = """\
import os
from nnlab.grading.grader.judges import Judges

def fall_over(self, job, judge=Judges.judge):
    if any("too much for a worker" in cell["source"] for cell in job.cells):
        os._exit(1)
    return judge(self, job)
Judges.judge = fall_over
"""

DIES_WHEN_FIRST_ASKED = """\
import os
from pathlib import Path
import nnlab.grading.grader.worker as worker

def obstacle(*question, answer=worker.obstacle, asked=Path({asked!r})):
    if not asked.exists():
        asked.touch()
        os._exit(1)
    return answer(*question)
worker.obstacle = obstacle
"""


@pytest.fixture(scope="module")
def class_of_250(school: Callable[[int], School]) -> School:
    return school(STUDENTS)


@contextmanager
def running(scripts: list[str], folder: Path) -> Iterator[SpecCluster]:
    """A cluster on this machine, with a worker for each script that it runs first."""
    workers = {}
    for number, script in enumerate(scripts):
        (folder / f"first{number}.py").write_text(script)
        options = {**NANNY, "preload": [str(folder / f"first{number}.py")], "local_directory": str(folder)}
        workers[number] = {"cls": Nanny, "options": options}
    scheduler = {"cls": Scheduler, "options": {"dashboard": False, "port": 0}}
    with SpecCluster(workers=workers, scheduler=scheduler, silence_logs=logging.CRITICAL) as cluster:
        yield cluster


@contextmanager
def killer(address: str) -> Iterator[list[int]]:
    """SIGKILL to KILLS workers, one after another, while they are at work."""
    rng, killed = random.Random(5), list[int]()

    def work(over: threading.Event) -> None:
        with Client(address, set_as_default=False) as client:
            while len(killed) < KILLS and not over.wait(rng.uniform(0.5, 1.5)):
                client.wait_for_workers(1)
                pids = client.run(os.getpid, on_error="ignore")
                if pids:
                    killed.append(rng.choice(sorted(pids.values())))
                    os.kill(killed[-1], signal.SIGKILL)

    with beside(work):
        yield killed


def test_marks_are_the_same_while_workers_die(class_of_250: School, tmp_path: Path) -> None:
    school = class_of_250.copy(tmp_path / "course")
    grader = Grader(school.root, "set")
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster:
        address = cluster.scheduler_address
        with killer(address) as killed:
            rows = grader.run(grader.students(), 16, cluster=address)
    assert len(killed) == KILLS, "it was over too soon"
    assert [row for row in rows if row.status == "failed"] == []
    assert read_marks(school.root) == school.marks


def test_a_submission_that_kills_workers_fails_alone(
    class_of_250: School, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school = class_of_250.copy(tmp_path / "course", 4)
    heavy = school.root / "submitted" / "s0001" / "set" / "tiny.ipynb"
    text = heavy.read_text().replace("# 1", "# too much for a worker")
    heavy.unlink()
    heavy.write_text(text)
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), running([FRAGILE], tmp_path) as cluster:
        code = cli.main(
            ["grade", "set", "--course", str(school.root), "--jobs", "1", "--dask", cluster.scheduler_address]
        )
    assert code == 1
    table = capsys.readouterr().out
    assert f"{clusters.TRIES} workers died while they had it" in table
    assert table.splitlines()[-1].startswith("3 graded, 0 flagged, 1 failed")
    assert read_marks(school.root) == {cell: mark for cell, mark in school.marks.items() if cell[0] != "s0001"}


def test_workers_that_cannot_grade_are_named_before_anything_is_done(
    class_of_250: School, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    school = class_of_250.copy(tmp_path / "course", 2)
    with running([OTHER_VERSION, NO_BUBBLEWRAP, NO_NNLAB], tmp_path) as cluster:
        with Client(cluster.scheduler_address, set_as_default=False) as client:
            client.wait_for_workers(3)
        assert cli.main(["grade", "set", "--course", str(school.root), "--dask", cluster.scheduler_address]) == 2
    said = capsys.readouterr().err
    assert "3 of 3 workers of the cluster cannot grade" in said
    assert "is another than the one of `nnlab grade`" in said
    assert "bubblewrap is not installed" in said
    assert "No module named 'nnlab.grading'" in said
    assert read_marks(school.root) == {}


def test_a_worker_that_dies_while_it_is_asked_stops_nothing(class_of_250: School, tmp_path: Path) -> None:
    school, asked = class_of_250.copy(tmp_path / "course", 4), tmp_path / "asked"
    grader = Grader(school.root, "set")
    with running([DIES_WHEN_FIRST_ASKED.format(asked=str(asked))], tmp_path) as cluster:
        rows = grader.run(grader.students(), 2, cluster=cluster.scheduler_address)
    assert asked.exists()
    assert [row for row in rows if row.status == "failed"] == []
    assert read_marks(school.root) == school.marks


def test_workers_that_always_die_while_asked_end_the_run(
    class_of_250: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "QUESTIONS", 2)
    grader = Grader(class_of_250.copy(tmp_path / "course", 2).root, "set")
    always = DIES_WHEN_FIRST_ASKED.format(asked=str(tmp_path / "no folder" / "asked")).replace("asked.touch()", "pass")
    with (
        running([always], tmp_path) as cluster,
        pytest.raises(clusters.ClusterError, match="died 2 times while they were asked"),
    ):
        grader.run(grader.students(), 2, cluster=cluster.scheduler_address)


def test_no_cluster_and_no_workers(
    class_of_250: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    school = class_of_250.copy(tmp_path / "course", 2)
    monkeypatch.setattr(clusters, "CONNECT", 0.5)
    monkeypatch.setattr(clusters, "PATIENCE", 0.5)
    command = ["grade", "set", "--course", str(school.root), "--dask"]
    assert cli.main([*command, "tcp://127.0.0.1:1"]) == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in capsys.readouterr().err
    assert cli.main([*command, str(tmp_path / "none.json")]) == 2
    assert "there is no scheduler file" in capsys.readouterr().err
    with running([], tmp_path) as cluster:
        assert cli.main([*command, cluster.scheduler_address]) == 2
    assert "has no workers" in capsys.readouterr().err
    assert read_marks(school.root) == {}


def test_when_the_cluster_goes_away_what_is_done_is_kept(class_of_250: School, tmp_path: Path) -> None:
    school = class_of_250.copy(tmp_path / "course", 40)
    grader = Grader(school.root, "set")
    done = []
    with running([""], tmp_path) as cluster:

        def lose_the_cluster(row: object) -> None:
            done.append(row)
            if len(done) == 5:
                cluster.close()

        with pytest.raises(clusters.ClusterError, match=r"went away|no workers"):
            grader.run(grader.students(), 4, lose_the_cluster, cluster=cluster.scheduler_address)
    assert len(read_marks(school.root)) >= 5 * len(POINTS)
    rows = grader.run(grader.students(), 2)
    assert sum(row.again for row in rows) >= 5
    assert read_marks(school.root) == school.marks
