"""Canvas and Moodle files from real ``nbgrader export``: whose row, which points, and nothing a spreadsheet runs."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from nnlab.grading.exporters.grades import FORMULA

STUDENTS = {
    "ada": {"first_name": "Ada", "last_name": 'Lovelace, "Countess"', "email": "ada@example.org", "lms_user_id": "42"},
    "bo": {"first_name": "博", "last_name": "王", "email": "bo@example.org"},
    "evil": {"first_name": "=HYPERLINK(A1)", "last_name": "@SUM(1+1)*cmd|' /C calc'!A0", "email": "+1@example.org"},
    "points": {"last_name": "Points Possible", "first_name": "-1\n2"},
    "late": {"first_name": "Lea", "last_name": "Müller", "lms_user_id": "=1"},
}
SCORES = {"ada": {"ps1": 7.25, "ps2": 10}, "bo": {"ps1": 10}, "evil": {"ps1": 0}, "late": {"ps1": 8, "ps2": 1}}
PENALTY = {("late", "ps1"): 3, ("late", "ps2"): 5}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with two assignments that were handed in and one that was not."""
    root = tmp_path_factory.mktemp("course")
    (root / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'nn'\n")
    monkeypatch = pytest.MonkeyPatch()
    # nbgrader starts `alembic` by its bare name when it makes a gradebook.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "nn") as gradebook:
        for name in ("ps1", "ps2", "ps3"):
            gradebook.add_assignment(name)
            gradebook.add_notebook("nb", name)
            gradebook.add_grade_cell("test", "nb", name, max_score=10, cell_type="code")
        for student, details in STUDENTS.items():
            gradebook.add_student(student, **details)
        for student, scores in SCORES.items():
            for name, score in scores.items():
                gradebook.add_submission(name, student)
                grade = gradebook.find_grade("test", "nb", name, student)
                grade.auto_score, grade.needs_manual_grade = score, (student, name) == ("ada", "ps2")
                if (student, name) in PENALTY:
                    gradebook.db.flush()
                    notebook = gradebook.find_submission_notebook("nb", name, student)
                    notebook.late_submission_penalty = PENALTY[student, name]
        gradebook.db.commit()
    monkeypatch.undo()
    return root


def export(course: Path, exporter: str, to: Path, *arguments: str) -> tuple[list[list[str]], str]:
    """The rows that a real export writes, and what it says."""
    command = [sys.executable, "-m", "nbgrader", "export", f"--exporter=nnlab.grading.exporters.{exporter}"]
    done = subprocess.run([*command, f"--to={to}", *arguments], cwd=course, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with to.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True)), done.stderr


def test_canvas(course: Path, tmp_path: Path) -> None:
    columns = "--CanvasExporter.columns={'ps1': 'Problem set 1 (4711)'}"
    rows, said = export(course, "CanvasExporter", tmp_path / "out.csv", columns)
    header, points, *students = rows
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Problem set 1 (4711)", "ps2"]
    assert points == ["    Points Possible", "", "", "", "", "10", "10"]
    by_login = {row[3]: row for row in students}
    assert by_login["ada"] == ['Lovelace, "Countess", Ada', "42", "", "ada", "", "7.25", "10"]
    assert by_login["bo"] == ["王, 博", "", "", "bo", "", "10", "0"]
    assert by_login["late"] == ["Müller, Lea", "", "", "late", "", "5", "0"], "penalties are taken off, never below 0"
    assert by_login["points"][5:] == ["0", "0"], "who handed in nothing has 0"
    assert [row for row in rows if "Points Possible" in row[0]] == [points], "Canvas takes such a row for the points"
    assert "ps1: submissions that wait" not in said and "ps2: submissions that wait for a person's marks: 1" in said


def test_moodle(course: Path, tmp_path: Path) -> None:
    rows, _ = export(course, "MoodleExporter", tmp_path / "out.csv", "--MoodleExporter.missing=")
    assert rows[0] == ["First name", "Last name", "ID number", "Username", "Email address", "ps1", "ps2"]
    by_name = {row[3]: row for row in rows[1:]}
    assert by_name["ada"] == ["Ada", 'Lovelace, "Countess"', "42", "ada", "ada@example.org", "7.25", "10"]
    assert by_name["bo"] == ["博", "王", "", "bo", "bo@example.org", "10", ""], "an open grade"
    assert by_name["points"][:2] == ["'-1 2", "Points Possible"], "one line"


@pytest.mark.parametrize("exporter", ["CanvasExporter", "MoodleExporter"])
def test_no_cell_is_a_formula(course: Path, tmp_path: Path, exporter: str) -> None:
    rows, said = export(course, exporter, tmp_path / "out.csv")
    assert len(rows) >= len(STUDENTS) + 1
    assert [cell for row in rows for cell in row if cell.startswith(FORMULA)] == []
    assert "would be a formula" in said


def test_what_is_asked_for_by_name(course: Path, tmp_path: Path) -> None:
    arguments = ['--assignment=["ps2", "ps3"]', '--student=["ada"]']
    rows, _ = export(course, "CanvasExporter", tmp_path / "out.csv", *arguments)
    assert rows[0][5:] == ["ps2", "ps3"]
    assert [row[5:] for row in rows[2:]] == [["10", "0"]]


def test_a_name_that_nobody_knows_is_refused(course: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="the gradebook has no assignment ps9") as error:
        export(course, "MoodleExporter", tmp_path / "out.csv", '--assignment=["ps9"]')
    assert "Traceback" not in str(error.value)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("place", "words"),
    [("", "is a folder; name the file to write, such as "), ("file/grades.csv", "cannot be written")],
)
def test_a_place_that_cannot_be_written_is_named(course: Path, tmp_path: Path, place: str, words: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AssertionError, match=words) as error:
        export(course, "CanvasExporter", tmp_path / place)
    assert str(tmp_path / place) in str(error.value) and "Traceback" not in str(error.value)
