"""No link in a submission's folder is followed, whichever command grades it, and no file nobody asked for is copied."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from attacks.attack import HONEST, POINTS, Attack
from course import Course

from nnlab import cli
from nnlab.grading.course.plainfiles import LEFT_OUT, set_aside

GOOD = Attack("good", "nothing", HONEST, lost=frozenset()).notebook()
SECRET = b"the gradebook of another course"
NOTHING = dict.fromkeys(POINTS, 0)
WHOLE = {name: float(points) for name, points in POINTS.items()}


@pytest.fixture(scope="module")
def generated(warm: str, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course, and beside it a secret that the submissions lead to."""
    root = tmp_path_factory.mktemp("links")
    (root / "secret").mkdir()
    (root / "secret" / "secret.txt").write_bytes(SECRET)
    return Course.generate(root / "course")


def hand_in(course: Course, secret: Path) -> dict[str, dict[str, float]]:
    """Submissions that lead elsewhere, and the marks that each should get."""
    course.submit("ada", GOOD, data_csv=b"1,2")
    linked = course.submit("linked", GOOD)
    (linked / "attacked.ipynb").unlink()
    (linked / "attacked.ipynb").symlink_to(course.root / "source" / "set" / "attacked.ipynb")
    thief = course.submit("thief", GOOD)
    (thief / "data.csv").symlink_to(secret)
    (thief / "notes.txt").symlink_to(secret)
    (thief / "all").symlink_to(secret.parent)
    (thief / "within").mkdir()
    (thief / "within" / "notes.csv").symlink_to(secret)
    looper = course.submit("looper", GOOD)
    (looper / "again").symlink_to(".")
    (looper / "loop.csv").symlink_to("loop.csv")
    (looper / "loop.ipynb").symlink_to("loop.ipynb")
    device = course.submit("device", GOOD)
    (device / "timestamp.txt").symlink_to("/dev/zero")
    (device / "zero.csv").symlink_to("/dev/zero")
    os.mkfifo(device / "pipe.csv")
    os.mkfifo(device / "pipe.ipynb")
    large = course.submit("large", GOOD, movie_mp4=b"unasked")
    for name in ("huge.csv", "huge.txt"):
        with open(large / name, "wb") as file:
            file.truncate(1 << 40)
    (course.root / "submitted" / "loop").symlink_to("loop")
    return {"linked": NOTHING} | dict.fromkeys(("ada", "thief", "looper", "device", "large"), WHOLE)


def check_files(course: Course) -> None:
    """Only the named notebook and allowed plain files are there, and the secret is in none."""
    for path in (course.root / "autograded").rglob("*"):
        assert not path.is_symlink()
        if path.is_file():
            assert path.name in ("attacked.ipynb", "data.csv"), path
            assert SECRET not in path.read_bytes()
            assert path.stat().st_size < 1 << 20


def marks(course: Course) -> dict[str, dict[str, float]]:
    return {student: {name: cells[name][0] for name in POINTS} for student, cells in course.scores().items()}


@pytest.mark.timeout(200)
def test_nnlab_grade_follows_no_link(generated: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = generated.copy(tmp_path / "course")
    expected = hand_in(course, generated.root.parent / "secret" / "secret.txt")
    assert cli.main(["grade", "set", "--course", str(course.root), "--jobs", "2"]) == 0
    assert marks(course) == expected
    check_files(course)
    said = capsys.readouterr().out
    for words in (
        "'attacked.ipynb' is a link",
        "'pipe.csv' is no plain file",
        "'huge.csv' is too large",
        "'all' was left",
    ):
        assert words in said


@pytest.mark.timeout(200)
def test_stock_autograde_follows_no_link(generated: Course, tmp_path: Path) -> None:
    """What would lead elsewhere is out of the way before nbgrader reads or copies a file."""
    course = generated.copy(tmp_path / "course")
    expected = hand_in(course, generated.root.parent / "secret" / "secret.txt")
    for student in expected:
        answer = course.api.autograde("set", student)
        assert answer["success"], answer["log"]
    assert marks(course) == expected
    check_files(course)
    page = (course.root / "autograded" / "linked" / "set" / "attacked.ipynb").read_text()
    assert "is a link, which grading does not follow" in page
    kept = course.root / "submitted" / "thief" / LEFT_OUT / "set"
    assert {path.name for path in kept.iterdir()} == {"data.csv", "notes.txt", "all", "within"}, "nothing was deleted"


@pytest.mark.parametrize("level", ["student", "assignment"])
def test_stock_autograde_enters_no_folder_that_is_a_link(generated: Course, tmp_path: Path, level: str) -> None:
    course = generated.copy(tmp_path / "course")
    ada = course.submit("ada", GOOD)
    thief = course.root / "submitted" / "thief"
    if level == "student":
        thief.symlink_to(ada.parent)
    else:
        thief.mkdir()
        (thief / "set").symlink_to(ada)
    answer = course.api.autograde("set", "thief")
    assert answer["success"], answer["log"]
    assert marks(course) == {"thief": NOTHING}
    assert (ada / "attacked.ipynb").read_bytes() == GOOD
    assert "is a link" in (course.root / "autograded" / "thief" / "set" / "attacked.ipynb").read_text()


def test_what_was_set_aside_before_stays(tmp_path: Path) -> None:
    folder = tmp_path / "ada" / "set"
    folder.mkdir(parents=True)
    for content in ("one", "two"):
        (folder / "notes.txt").write_text(content)
        assert set_aside(folder, ("*.csv",)) == ["'notes.txt' was left out"]
    kept = tmp_path / "ada" / LEFT_OUT / "set"
    assert {path.name: path.read_text() for path in kept.iterdir()} == {"notes.txt": "one", "notes.txt.1": "two"}
    assert set_aside(folder, ()) == []


def test_collecting_from_an_exchange_folder_follows_no_link(generated: Course, tmp_path: Path) -> None:
    """With real ``nbgrader collect``."""
    course = generated.copy(tmp_path / "course")
    inbound = tmp_path / "exchange" / "attacked" / "inbound"
    handed_in = inbound / "ada+set+2025-01-01 00:00:00.000000 UTC+key"
    handed_in.mkdir(parents=True)
    (handed_in / "attacked.ipynb").write_bytes(GOOD)
    (handed_in / "timestamp.txt").write_text("2025-01-01 00:00:00.000000 UTC")
    (handed_in / "data.csv").symlink_to(generated.root.parent / "secret" / "secret.txt")
    (handed_in / "all").symlink_to(generated.root.parent / "secret")
    (handed_in / "again").symlink_to(".")
    inbound.chmod(0o733)
    (inbound.parent.parent).chmod(0o777)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "collect", "set", f"--Exchange.root={tmp_path / 'exchange'}"],
        cwd=course.root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    collected = course.root / "submitted" / "ada" / "set"
    assert {path.name for path in collected.iterdir()} == {"attacked.ipynb", "timestamp.txt"}, done.stderr
    assert "'data.csv' is a link" in done.stderr
