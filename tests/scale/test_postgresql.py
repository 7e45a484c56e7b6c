"""A gradebook in PostgreSQL, on a real server that the test starts, where one is installed."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from mortal import Mortal
from nbgrader.api import Gradebook
from schools import Marks, make_course, read_marks, submit_class

from nnlab import cli

STUDENTS = 40


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an empty database, on a server that only this machine's sockets reach."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    pg_ctl = shutil.which("pg_ctl") or (str(programs[-1]) if programs else "")
    if not pg_ctl:
        pytest.skip("PostgreSQL is not installed; on Debian and Ubuntu: apt install postgresql")
    pytest.importorskip("psycopg", reason="there is no driver: pip install 'nnlab[postgresql]'")
    # The server refuses to run as root.
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    folder = Path(tempfile.mkdtemp(prefix="nnlab-pg-", dir="/tmp"))
    os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(*command: str) -> None:
        done = subprocess.run(command, user=owner.pw_uid, capture_output=True, text=True, cwd=folder, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr

    data = str(folder / "data")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    try:
        run(pg_ctl, "init", "-D", data, "-o", "-A trust -U grader -E UTF8 --no-sync")
        run(pg_ctl, "start", "-w", "-D", data, "-o", options, "-l", str(folder / "log"))
        try:
            yield f"postgresql://grader@/postgres?host={folder}"
        finally:
            run(pg_ctl, "stop", "-w", "-m", "immediate", "-D", data)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def course(sandbox: None, server: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Marks]:
    root = make_course(tmp_path_factory.mktemp("postgresql") / "course", server)
    return root, submit_class(root, STUDENTS)


def test_killed_and_gone_on_with(course: tuple[Path, Marks], server: str, tmp_path: Path) -> None:
    root, marks = course
    mortal = Mortal(root, tmp_path)
    assert [mortal.run(write=40), mortal.run(file=20)] == [-signal.SIGKILL] * 2
    assert 0 < len(read_marks(root)) < len(marks)
    assert mortal.run() == 0
    mortal.close()
    assert read_marks(root) == marks
    assert not (root / "gradebook.db").exists()


def test_a_second_run_changes_nothing_and_a_persons_mark_stays(
    course: tuple[Path, Marks], server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root, marks = course
    command = ["grade", "set", "--course", str(root), "--jobs", "2"]
    assert cli.main(command) == 0
    with Gradebook(server, "tiny") as gradebook:
        gradebook.find_grade("test_squares", "tiny", "set", "s0003").manual_score = 0.5
        gradebook.db.commit()
    capsys.readouterr()
    assert cli.main(command) == 0
    assert capsys.readouterr().out.count("(as before)") == STUDENTS
    assert cli.main([*command, "--again", "--student", "s0003"]) == 0
    cell = ("s0003", "test_squares")
    assert read_marks(root) == {**marks, cell: (marks[cell][0], 0.5, True)}
