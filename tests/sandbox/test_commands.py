"""What is wrong with a command, a course, a gradebook or a terminal is said in one line, and nothing is lost."""

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from attacks.attack import HONEST, Attack
from course import Course
from nbgrader.api import Gradebook

from nnlab import cli
from nnlab.grading import __main__ as course_commands
from nnlab.grading import sandbox
from nnlab.grading.course.releasing import release
from nnlab.grading.course.tidying import tidy
from nnlab.grading.grader import judges
from nnlab.grading.grader.cluster import Cluster, ClusterError
from nnlab.grading.grader.grading import Grader

GOOD = Attack("good", "nothing", HONEST, lost=frozenset()).notebook()
NAMES = ("ada", "-dash", "zoë müller 🙂")


@pytest.fixture(scope="module")
def generated(warm: str, tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = Course.generate(tmp_path_factory.mktemp("a folder with spaces") / "my course")
    course.submit("ada", GOOD)
    return course


@pytest.fixture
def course(generated: Course, tmp_path: Path) -> Course:
    return generated.copy(tmp_path / "my course")


def grade(course: Course, *arguments: str) -> int:
    return cli.main(["grade", "set", "--course", str(course.root), "--jobs", "1", *arguments])


def started(course: Course, *arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """The command as a user gives it, in a process of its own."""
    command = [sys.executable, "-m", "nnlab.cli", "grade", "set", "--course", str(course.root), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def said_in_one_line(capsys: pytest.CaptureFixture[str], *words: str) -> None:
    said = capsys.readouterr().err.strip()
    assert "Traceback" not in said and len(said.splitlines()) == 1
    assert [word for word in words if word not in said] == [], said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x = = 1", "SyntaxError"),
        ("x = 1\nimport no_such_module", "line {}: ModuleNotFoundError: No module named 'no_such_module'"),
        ("c.Sandbox.kind = 'docker'", "'bwrap', 'container', 'none'"),
        ("c.CourseDirectory.db_url = 3", "'db_url' trait of a CourseDirectory"),
        ("c.Sandbox.kindd = 'none'", "there is no c.Sandbox.kindd; there are"),
        ("c.Sandbox.limits = {'cell_seconds': -1}", "cell_seconds must be a number above 0, got -1"),
        ("c.Sandbox.limits = {'cell_seconds': float('nan')}", "cell_seconds must be a number above 0, got nan"),
        ("c.Sandbox.limits = {'total_seconds': 1e300}", "total_seconds must be at most 1,000,000, got 1e+300"),
        ("c.Sandbox.limits = {'memory_bytes': '2 GB'}", "memory_bytes must be a whole number above 0, got '2 GB'"),
        ("c.Sandbox.limits = {'memory_bytes': 1 << 70}", "memory_bytes must be at most 1,099,511,627,776, got"),
        ("c.AssignLatePenalties.plugin_class = 'gone.Plugin'", "'gone.Plugin' cannot be imported"),
        ("c.CourseDirectory.db_url = 'nonsense'", "the gradebook cannot be used: Could not parse"),
    ],
)
def test_a_mistake_in_the_configuration_is_named(
    course: Course, capsys: pytest.CaptureFixture[str], line: str, words: str
) -> None:
    config = course.root / "nbgrader_config.py"
    before = config.read_text()
    config.write_text(f"{before}{line}\n")
    number = before.count("\n") + line.count("\n") + 1
    assert grade(course) == 2
    where = "the gradebook" if "nonsense" in line else "nbgrader_config.py"
    said_in_one_line(capsys, "nnlab grade: ", where, words.format(number))


@pytest.mark.parametrize("limits", [{"memory_bytes": 1 << 20}, {"message_bytes": 1}, {"open_files": 3}, {"files": 1}])
def test_limits_in_which_nothing_can_run_stop_grading_and_cost_nobody_a_point(
    course: Course, capfd: pytest.CaptureFixture[str], limits: dict[str, int]
) -> None:
    with open(course.root / "nbgrader_config.py", "a") as config:
        config.write(f"c.Sandbox.limits = {limits}\n")
    assert grade(course) == 2
    said = capfd.readouterr().err.splitlines()  # by this process and by all that it started
    assert len(said) == 1 and f"nothing can run within c.Sandbox.limits = {limits}" in said[0], said
    assert course.scores() == {}


def test_such_limits_stop_stock_nbgrader_too(course: Course) -> None:
    with open(course.root / "nbgrader_config.py", "a") as config:
        config.write("c.Sandbox.limits = {'memory_bytes': 1 << 20}\n")
    answer = course.api.autograde("set", "ada")
    assert not answer["success"] and "nothing can run within c.Sandbox.limits" in answer["log"]
    assert not list(course.root.glob("autograded/*/set/*.ipynb"))


def test_a_rule_for_late_work_beside_the_configuration_is_found_and_holds_for_what_is_graded_already(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    course.submit("ada", GOOD, timestamp_txt=b"2025-01-01 00:00:01 UTC")
    assert grade(course) == 0
    (course.root / "late_here.py").write_text(
        "from nbgrader.plugins import BasePlugin\n\n\nclass OnePoint(BasePlugin):\n"
        "    def late_submission_penalty(self, student_id, score, total_seconds_late):\n        return 1\n"
    )
    with open(course.root / "nbgrader_config.py", "a") as config:
        config.write("c.AssignLatePenalties.plugin_class = 'late_here.OnePoint'\n")
    with Gradebook(course.database, "attacked") as gradebook:
        gradebook.update_or_create_assignment("set", duedate="2025-01-01 00:00:00 UTC")
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(judges.Judges, "judge", None)
    assert grade(course) == 0
    with Gradebook(course.database, "attacked") as gradebook:
        assert gradebook.find_submission_notebook("attacked", "set", "ada").late_submission_penalty == 1


def locked(database: Path) -> None:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    HELD.append(connection)


def garbage(database: Path) -> None:
    database.write_text("no database at all, and long enough to be looked at")


def folder(database: Path) -> None:
    database.unlink()
    database.mkdir()


HELD: list[sqlite3.Connection] = []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (locked, "database is locked. Another program is writing to it"),
        (garbage, "file is not a database"),
        (folder, "unable to open database file"),
    ],
)
@pytest.mark.parametrize("command", ["grade", "report"])
def test_a_gradebook_that_cannot_be_used_is_named(
    course: Course, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None], words: str, command: str
) -> None:
    spoil(course.root / "gradebook.db")
    try:
        assert cli.main([command, "set", "--course", str(course.root)]) == 2
    finally:
        while HELD:
            HELD.pop().close()
    said_in_one_line(capsys, f"nnlab {command}: the gradebook cannot be used: {words}")


def test_a_gradebook_locked_while_grading_fails_that_submission_alone(
    course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnlab.grading.grader.recording import Recorder

    record = Recorder.record

    def record_while_locked(self: Recorder, student: str, *rest: object) -> float:
        if student != "ada":
            return record(self, student, *rest)
        self._session.connection().exec_driver_sql("PRAGMA busy_timeout = 10")
        locked(course.root / "gradebook.db")
        try:
            return record(self, student, *rest)
        finally:
            HELD.pop().close()

    course.submit("grace", GOOD)
    monkeypatch.setattr(Recorder, "record", record_while_locked)
    assert grade(course) == 1
    table = capsys.readouterr().out
    assert "· the gradebook cannot be used: database is locked" in table and "SQL" not in table
    assert set(course.scores()) == {"grace"}
    monkeypatch.undo()
    assert grade(course) == 0
    assert set(course.scores()) == {"ada", "grace"}


@pytest.mark.parametrize("what", ["the folder", "'attacked.ipynb'"])
def test_what_this_machine_cannot_read_costs_no_student_a_point(
    course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    assert grade(course) == 0
    before = course.scores()
    opened = os.open

    def forbid(path: object, *rest: int, **options: int) -> int:
        named = "attacked.ipynb" if what != "the folder" else course.root / "submitted" / "ada" / "set"
        if str(path) == str(named):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, *rest, **options)

    monkeypatch.setattr(os, "open", forbid)
    assert grade(course, "--student", "ada") == 1
    assert f"· {what} cannot be read: Permission denied" in capsys.readouterr().out
    assert course.scores() == before


def test_a_student_whose_folder_cannot_be_looked_into_is_not_passed_over(
    course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, opened, closed = os.lstat, os.open, str(course.root / "submitted" / "ada" / "set")

    def forbid(known: Callable[..., object]) -> Callable[..., object]:
        def look(path: object, *rest: object, **options: object) -> object:
            if str(path) == closed:
                raise PermissionError(errno.EACCES, "Permission denied", closed)
            return known(path, *rest, **options)

        return look

    monkeypatch.setattr(os, "lstat", forbid(looked))
    monkeypatch.setattr(os, "open", forbid(opened))
    assert grade(course) == 1
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["ada", "failed"]


def test_any_name_of_a_student_and_of_a_folder(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES:
        course.submit(name, GOOD)
    assert grade(course, "--feedback") == 0
    assert capsys.readouterr().out.count("graded") == len(NAMES) + 1
    assert all((course.root / "feedback" / name / "set" / "attacked.html").is_file() for name in NAMES)
    assert grade(course, "--student=-dash") == 0
    assert "(as before)" in capsys.readouterr().out


def test_a_name_that_is_no_text_fails_that_submission_alone(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(os.fsdecode(os.fsencode(course.root / "submitted") + b"/m\xfcller/set"))
    folder.mkdir(parents=True)
    (folder / "attacked.ipynb").write_bytes(GOOD)
    assert grade(course) == 1
    assert "the name of the student's folder is no text in UTF-8; rename it" in capsys.readouterr().out
    assert set(course.scores()) == {"ada"}


def test_a_terminal_without_unicode_and_a_reader_that_goes_away(course: Course) -> None:
    course.submit(NAMES[-1], GOOD)
    with started(course, env={**os.environ, "PYTHONIOENCODING": "ascii"}) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert rb"zo\xeb m\xfcller \U0001f642" in out
    with started(course) as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr and process.stderr.read() == b""
    assert process.returncode == cli.READER_GONE
    assert set(course.scores()) == {"ada", NAMES[-1]}


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_says_how_to_go_on(course: Course, stop: signal.Signals) -> None:
    endless = Attack("endless", "", {"triple": "while True: pass"}, lost=frozenset()).notebook()
    course.submit("zoe", endless)
    with started(course, "--jobs", "1") as process:
        while not list(course.root.glob("autograded/ada/set/*.ipynb")) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(stop)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 128 + stop
    assert err.decode().splitlines() == [
        "Interrupted. Run the same command again to go on; what is done is kept.",
    ]
    course.submit("zoe", GOOD)
    assert grade(course) == 0


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("abc", "abc is no address of a Dask scheduler, such as tcp://10.0.0.5:8786: missing port number"),
        ("http://127.0.0.1:80", "unknown address scheme 'http'"),
        ("tls://127.0.0.1:8786", "names no certificates"),
        ("{}/bad.json", "bad.json is no scheduler file"),
        ("{}/empty.json", "empty.json is no scheduler file"),
    ],
)
def test_what_is_no_address_of_a_cluster_is_said_at_once(tmp_path: Path, address: str, words: str) -> None:
    (tmp_path / "bad.json").write_text("tcp://127.0.0.1:1")
    (tmp_path / "empty.json").write_text("{}")
    threads = threading.active_count()
    with pytest.raises(ClusterError) as error:
        Cluster(address.format(tmp_path))
    assert words in str(error.value)
    assert threading.active_count() == threads


def test_a_machine_without_any_sandbox_is_told_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise sandbox.SandboxError("no interpreter starts")

    monkeypatch.setattr(sandbox, "WarmInterpreter", broken)
    assert cli.main(["sandbox"]) == 1
    said = capsys.readouterr().out
    assert said.count(" no: no interpreter starts\n") == 2 and "cell_seconds       30.0" in said


def test_a_report_needs_a_place(course: Course, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert grade(course) == 0
    capsys.readouterr()
    report = ["report", "set", "--course", str(course.root)]
    assert cli.main([*report, "--out", str(tmp_path)]) == 2
    said_in_one_line(capsys, f"{tmp_path} is a folder; name the file to write")
    assert cli.main([*report, "--out", "/proc/report.html"]) == 2
    said_in_one_line(capsys, "nnlab report: /proc/")
    (graded,) = course.root.glob("autograded/ada/set/*.ipynb")
    graded.chmod(0o644)
    graded.write_text("{")
    assert cli.main(report) == 0
    assert "cannot be read; grade again" in (course.root / "report-set.html").read_text()


def test_a_flag_reaches_the_student_and_the_report(course: Course) -> None:
    course.submit("exits", Attack("exits", "", {"triple": "import os\nos._exit(3)"}, lost=frozenset()).notebook())
    assert grade(course, "--feedback") == 0
    words = "While your work was graded: it ended itself with exit status 3."
    assert words in (course.root / "feedback" / "exits" / "set" / "attacked.html").read_text()
    assert cli.main(["report", "set", "--course", str(course.root)]) == 0
    assert "it ended itself with exit status 3" in (course.root / "report-set.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["release", "set"], "is no nbgrader course: it has no nbgrader_config.py"),
        (["tidy"], "is no nbgrader course: it has no source/ASSIGNMENT/NOTEBOOK.ipynb"),
    ],
)
def test_without_a_course_there_is_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert course_commands.main([*arguments, "--course", str(tmp_path)]) == 2
    said_in_one_line(capsys, str(tmp_path), words)


@pytest.mark.parametrize("name", ["notes.txt", "."])
def test_any_path_is_taken_for_a_notebook(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / "notes.txt").write_text("words")
    assert course_commands.main([str(tmp_path / name)]) == 2
    said_in_one_line(capsys, str(tmp_path / name))


def test_a_full_disk_spoils_no_file(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    zipped = release(course.root, "set").read_bytes()
    (source,) = course.root.glob("source/set/*.ipynb")
    before = source.read_bytes()
    damaged = course.root / "source" / "set" / "z.ipynb"
    damaged.write_text("{")
    with pytest.raises(ValueError, match=r"z\.ipynb is no notebook"):
        tidy(course.root)
    damaged.unlink()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for write in (lambda: release(course.root, "set"), lambda: tidy(course.root)):
        with pytest.raises(OSError, match="No space left"):
            write()
    assert source.read_bytes() == before
    assert (course.root / "release" / "set.zip").read_bytes() == zipped


def test_as_many_at_a_time_as_there_are_processors_to_use(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that lends two of a machine's many processors must not get a judge for each of the many."""
    lent: list[int] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5, 8}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(Grader, "run", lambda grader, students, jobs, done, **more: lent.append(jobs) or [])
    assert cli.main(["grade", "set", "--course", str(course.root)]) == 0
    assert lent == [3]
