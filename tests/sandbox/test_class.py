"""A whole class through ``nnlab grade`` and through stock nbgrader: the same marks, whatever happens on the way."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest
from attacks import ATTACKS
from attacks.attack import HONEST, MARKER, POINTS, Attack
from course import Course
from nbgrader.api import Gradebook

from nnlab import cli
from nnlab.grading.course.notebooks import is_note
from nnlab.grading.grader import assembling, grading, judges

BY_NAME = {attack.name: attack for attack in ATTACKS}
CULPRITS = ("nan", "exit", "script", "empty_tests", "duplicate", "truncated", "own_check")
GOOD = Attack("good", "nothing", HONEST, lost=frozenset()).notebook()
CLASS = {
    "ada": GOOD,
    "grace": GOOD,
    "loops": Attack(
        "loops", "nothing", {"triple": "def triple(x): return np.array([3 * v for v in x])"}, lost=frozenset()
    ).notebook(),
    **{name: BY_NAME[name].notebook() for name in CULPRITS},
}
LOST = {name: BY_NAME[name].lost for name in CLASS if name in BY_NAME}


def points(student: str) -> dict[str, float]:
    return {name: 0 if name in LOST.get(student, ()) else most for name, most in POINTS.items()}


@pytest.fixture(scope="session")
def generated(warm: str, tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = Course.generate(tmp_path_factory.mktemp("generated") / "course")
    for student, notebook in CLASS.items():
        course.submit(student, notebook)
    return course


@pytest.fixture
def course(generated: Course, tmp_path: Path) -> Course:
    return generated.copy(tmp_path / "course")


def grade(course: Course, *arguments: str) -> int:
    return cli.main(["grade", "set", "--course", str(course.root), "--jobs", "2", *arguments])


def marks(course: Course) -> dict[str, dict[str, float]]:
    return {student: {name: cells[name][0] for name in POINTS} for student, cells in course.scores().items()}


def test_a_class_is_graded(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(course) == 0
    assert marks(course) == {student: points(student) for student in CLASS}
    table = capsys.readouterr().out
    assert table.splitlines()[1].split() == ["ada", "graded", "9"]
    assert "exit status 0" in table and "not a complete notebook" in table and "set back" in table
    assert table.splitlines()[-1] == f"6 graded, 4 flagged, 0 failed; {len(CLASS)} submissions"


def test_stock_nbgrader_gives_the_same(course: Course, generated: Course, tmp_path: Path) -> None:
    """The same gradebook and the same notebooks, from ``nbgrader autograde`` with the plug-in; and its feedback."""
    stock = generated.copy(tmp_path / "stock")
    for student in CLASS:
        answer = stock.api.autograde("set", student)
        assert answer["success"], answer["log"]
    assert grade(course) == 0
    assert course.scores() == stock.scores()
    for graded in (course, stock):
        notebook = nbformat.read(graded.root / "autograded/truncated/set/attacked.ipynb", as_version=4)
        (reason,) = filter(is_note, notebook.cells)
        assert "The file is not a complete notebook" in reason.source
    answer = stock.api.generate_feedback("set", "nan")
    assert answer["success"], answer["log"]
    page = (stock.root / "feedback" / "nan" / "set" / "attacked.html").read_text()
    assert "triple(x) is not 3x" in page and "(hidden tests)" in page
    assert MARKER not in page
    answer = stock.api.generate_feedback("set", "script")
    assert answer["success"], answer["log"]
    page = (stock.root / "feedback" / "script" / "set" / "attacked.html").read_text()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert(1)" not in page


def test_a_second_run_does_nothing(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert grade(course) == 0
    before = course.scores()
    judged = []
    judge = judges.Judges.judge
    monkeypatch.setattr(judges.Judges, "judge", lambda self, job: judged.append(job) or judge(self, job))
    assert grade(course) == 0
    assert judged == [] and course.scores() == before
    assert capsys.readouterr().out.count("(as before)") == len(CLASS)
    course.submit("ada", CLASS["nan"])
    assert grade(course) == 0
    assert len(judged) == 1 and marks(course)["ada"] == points("nan")
    assert grade(course, "--again", "--student", "grace") == 0
    assert len(judged) == 2


@pytest.mark.parametrize("changed", ["test", "limit", "version", "sandbox"])
def test_what_decides_a_result_runs_it_again(course: Course, monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    few = ("--student", "ada", "--student", "nan")
    assert grade(course, *few) == 0
    judged = []
    judge = judges.Judges.judge
    monkeypatch.setattr(judges.Judges, "judge", lambda self, job: judged.append(job) or judge(self, job))
    more: tuple[str, ...] = ()
    if changed == "test":
        with Gradebook(course.database, "attacked") as gradebook:
            gradebook.find_source_cell("test_triple", "attacked", "set").source += "\nassert triple(0) == 0"
            gradebook.db.commit()
    elif changed == "limit":
        with open(course.root / "nbgrader_config.py", "a") as config:
            config.write('c.Sandbox.limits = {"cell_seconds": 6.0, "total_seconds": 60.0}\n')
    elif changed == "version":
        monkeypatch.setattr(grading, "grader_version", lambda: "another")
    else:
        more = ("--sandbox", "none")
    assert grade(course, *few, *more) == 0
    assert len(judged) == 2
    assert grade(course, *few, *more) == 0
    assert len(judged) == 2


def test_two_graders_of_one_assignment_do_not_mix(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    with grading.Grader(course.root, "set").store.alone():
        assert grade(course) == 2
    assert "another nnlab grade is at work" in capsys.readouterr().err
    assert course.scores() == {}
    assert grade(course, "--student", "ada") == 0


def test_feedback_at_once_is_the_page_that_nbgrader_makes(course: Course) -> None:
    assert grade(course, "--student", "nan", "--feedback") == 0
    page = course.root / "feedback" / "nan" / "set" / "attacked.html"
    ours = page.read_text()
    assert "triple(x) is not 3x" in ours and MARKER not in ours
    page.unlink()
    answer = course.api.generate_feedback("set", "nan")
    assert answer["success"], answer["log"]
    assert page.read_text() == ours


def test_a_lost_gradebook_is_filled_again_without_running_anything(
    course: Course, generated: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert grade(course) == 0
    before = course.scores()
    shutil.copy(generated.root / "gradebook.db", course.root / "gradebook.db")
    monkeypatch.setattr(judges.Judges, "judge", lambda self, job: pytest.fail("it ran again"))
    assert grade(course) == 0
    assert course.scores() == before


def test_a_persons_marks_stay(course: Course) -> None:
    assert grade(course) == 0
    with Gradebook(course.database, "attacked") as gradebook:
        gradebook.find_grade("test_triple", "attacked", "set", "nan").manual_score = 2.0
        gradebook.db.commit()
    course.submit("nan", GOOD)
    assert grade(course) == 0
    assert course.scores()["nan"]["test_triple"] == (3.0, 2.0, True)


def test_late_work_is_penalized_as_nbgrader_does(course: Course) -> None:
    with open(course.root / "nbgrader_config.py", "a") as config:
        config.write('c.LateSubmissionPlugin.penalty_method = "zero"\n')
    with Gradebook(course.database, "attacked") as gradebook:
        gradebook.update_or_create_assignment("set", duedate="2025-01-01 00:00:00 UTC")
    course.submit("ada", GOOD, timestamp_txt=b"2025-01-01 00:00:01 UTC")
    course.submit("grace", GOOD, timestamp_txt=b"2024-12-31 23:59:59 UTC")
    course.submit("loops", GOOD, timestamp_txt=b"yesterday")
    assert grade(course) == 0
    with Gradebook(course.database, "attacked") as gradebook:
        assert gradebook.find_submission_notebook("attacked", "set", "ada").late_submission_penalty == 9
        for student in ("grace", "loops"):
            assert gradebook.find_submission_notebook("attacked", "set", student).late_submission_penalty is None


def test_links_are_not_followed_and_the_rest_is_graded(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    folder = course.submit("linker", GOOD)
    (folder / "attacked.ipynb").unlink()
    (folder / "attacked.ipynb").symlink_to(course.root / "source" / "set" / "attacked.ipynb")
    (course.root / "submitted" / "looper").symlink_to("looper")
    (course.root / "submitted" / "thief").symlink_to(course.root / "submitted" / "ada")
    assert grade(course) == 1
    assert marks(course) == {student: points(student) for student in CLASS} | {"linker": dict.fromkeys(POINTS, 0)}
    table = capsys.readouterr().out
    assert "is a link, which grading does not follow" in table
    assert "thief" in table and "the student's folder is a link" in table


def test_one_that_breaks_the_grader_stops_no_other(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    judge = grading.Grader._judge

    def break_for_ada(self: grading.Grader, student: str, at_work: judges.Judges) -> object:
        if student == "ada":
            raise RuntimeError("the disk is on fire")
        return judge(self, student, at_work)

    monkeypatch.setattr(grading.Grader, "_judge", break_for_ada)
    assert grade(course) == 1
    assert "RuntimeError: the disk is on fire" in capsys.readouterr().out
    assert marks(course) == {student: points(student) for student in CLASS if student != "ada"}


def test_the_release_is_parsed_once_and_in_no_thread(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11's ``ast.parse`` may fail when two threads use it at once: one submission in thousands was lost."""
    where = []
    parse = assembling.imports_of
    monkeypatch.setattr(
        assembling, "imports_of", lambda sources: where.append(threading.current_thread()) or parse(sources)
    )
    assert grade(course) == 0
    assert where == [threading.main_thread()]


def test_what_makes_a_sandbox_may_be_killed(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A judge then says that it has no sandbox, as if there were none on this machine."""
    judge, killed = judges._Staff.judge, list[str]()

    def kill(self: judges._Staff, job: judges.Job) -> judges.Judgement:
        if killed.count(job.as_text()) < times:
            killed.append(job.as_text())
            raise judges.SandboxError("bubblewrap cannot make a sandbox here: no reason given")
        return judge(self, job)

    monkeypatch.setattr(judges._Staff, "judge", kill)
    times = judges.TRIES - 1
    assert grade(course) == 0
    assert killed and marks(course) == {student: points(student) for student in CLASS}
    times = 2 * judges.TRIES
    killed.clear()
    assert grade(course, "--again") == 1
    assert "bubblewrap cannot make a sandbox here" in capsys.readouterr().out


def test_what_forks_judges_may_end_and_end_again_while_it_starts(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started = []

    class Mortal(judges.WarmInterpreter):
        def __init__(self, preload: tuple[str, ...] = ()) -> None:
            started.append(self)
            if len(started) in (2, 3):
                monkeypatch.setattr(sys, "executable", "/bin/false")
            try:
                super().__init__(preload)
            finally:
                monkeypatch.setattr(sys, "executable", python)

    judge, python = judges.Judges.judge, sys.executable
    monkeypatch.setattr(judges, "WarmInterpreter", Mortal)
    monkeypatch.setattr(judges.Judges, "judge", lambda self, job: (started[0].close(), judge(self, job))[1])
    assert grade(course) == 0
    assert len(started) == 4
    assert marks(course) == {student: points(student) for student in CLASS}
    monkeypatch.setattr(judges.Judges, "judge", lambda self, job: (started[-1].close(), judge(self, job))[1])
    monkeypatch.setattr(judges, "RENEWALS", 0)
    assert grade(course, "--again") == 1
    assert "the processes that grade ended 0 times in a row" in capsys.readouterr().out


@pytest.mark.parametrize(("pattern", "count"), [(".nnlab/set/*.json", 1), ("autograded/*/set/*.ipynb", 5)])
def test_killed_in_the_middle_it_goes_on(course: Course, pattern: str, count: int) -> None:
    """kill -9, then the same command again: everyone graded once, and the gradebook whole."""
    command = [sys.executable, "-m", "nnlab.cli", "grade", "set", "--course", str(course.root), "--jobs", "2"]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while first.poll() is None and len(list(course.root.glob(pattern))) < count:
        time.sleep(0.01)
    os.kill(first.pid, signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL, "it was still at work"
    assert len(course.scores()) < len(CLASS)
    assert grade(course) == 0
    assert marks(course) == {student: points(student) for student in CLASS}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "other"], "the gradebook has no assignment 'other'"),
        (["grade", "set", "--student", "bob"], "bob has handed in nothing for set"),
        (["grade", "set", "--course", "/"], "is no nbgrader course"),
    ],
)
def test_mistakes_in_the_command_are_named(
    course: Course, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    where = [] if "--course" in arguments else ["--course", str(course.root)]
    assert cli.main([*arguments, *where]) == 2
    assert words in capsys.readouterr().err


def test_no_sandbox_comes_with_a_warning(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert grade(course, "--sandbox", "none", "--student", "ada") == 0
    assert "runs students' code as you" in capsys.readouterr().err
