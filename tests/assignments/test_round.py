"""Problem set 1 through real nbgrader, from generating it to the feedback of a class with every kind of mishap."""

import csv
import html
import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from classroom import (
    copy_course,
    filled,
    grade_id,
    run,
    solutions,
    tampered,
    text,
    with_copies,
    without,
    zipped,
)
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from variants import ps1 as variants

# The round that all tests share runs nbgrader six times and starts twenty kernels, one after the other.
pytestmark = pytest.mark.timeout(1800)

NAME = "backpropagation.ipynb"
WRITTEN = "experiment_answer"
TESTS = {
    "test_graph_forward": 2,
    "test_graph_gradients": 6,
    "test_softmax": 10,
    "test_cross_entropy_loss": 8,
    "test_cross_entropy_gradient": 8,
    "test_mean_squared_error_loss": 3,
    "test_mean_squared_error_gradient": 5,
    "test_dense_forward": 5,
    "test_dense_backward_dx": 4,
    "test_dense_backward_dW": 4,
    "test_dense_backward_db": 4,
    "test_relu_backward": 7,
    "test_mlp_loss": 6,
    "test_mlp_gradients": 10,
    "test_numerical_gradient": 8,
}
EVERYTHING = set(TESTS)

# Each student's lost tests. Nobody has points for the written question before a person has read it.
LOST: dict[str, set[str]] = {
    "reference": set(),
    "loops": set(),
    "einsum": set(),
    "noisy": set(),
    "misnamed": set(),
    "unzipped": set(),
    "copies": set(),
    "wrong": {"test_softmax"},
    "chained": {"test_softmax"},
    "syntax": {"test_softmax"},
    "endless": {"test_softmax"},
    "tampered": {"test_softmax"},
    "deleted": {"test_relu_backward"},
    "crash": {"test_relu_backward", "test_mlp_loss", "test_mlp_gradients"},
    "stub": EVERYTHING,
    "empty": EVERYTHING,
    "nocells": EVERYTHING,
    "truncated": EVERYTHING,
    "essay": EVERYTHING,
    "broken": EVERYTHING,
}

REASONS = {
    "wrong": "softmax gives a wrong result.",
    "syntax": "SyntaxError",
    "endless": "softmax was still running after 5 seconds",
    "crash": "it ended itself with exit status 3",
    "stub": "softmax is not written yet.",
    "empty": "The file is empty.",
    "nocells": "cells were missing and were put back",
    "truncated": "The file is not a complete notebook",
    "essay": "There is no backpropagation.ipynb. Handed in: essay.docx.",
    "broken": "broken.zip cannot be opened",
    "copies": "a copy of a cell was set aside",
    "deleted": "4 of 37 cells were missing and were put back",
    "tampered": "an edited test or statement was set back",
}


@dataclass
class Round:
    """What is left on disk when a round is over, and what each command said."""

    course: Path
    release: NotebookNode
    said: dict[str, subprocess.CompletedProcess[str]] = field(default_factory=dict)

    def command(self, *arguments: str) -> None:
        """Run one command and keep what it said."""
        self.said[arguments[1]] = run(self.course, *arguments)

    def scores(self, student: str) -> dict[str, float]:
        """The points of every graded cell."""
        with Gradebook(f"sqlite:///{self.course}/gradebook.db") as gradebook:
            submission = gradebook.find_submission("ps1", student)
            return {grade.name: grade.score for notebook in submission.notebooks for grade in notebook.grades}

    def feedback(self, student: str) -> str:
        """The words on the student's feedback page."""
        page = (self.course / "feedback" / student / "ps1" / "backpropagation.html").read_text(encoding="utf-8")
        return html.unescape(re.sub(r"<[^>]+>", "", page))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Round:
    course = copy_course(tmp_path_factory.mktemp("grading") / "course")
    generated = run(course, "nbgrader", "generate_assignment", "ps1")
    assert generated.returncode == 0, generated.stderr
    round_ = Round(course, nbformat.read(course / "release" / "ps1" / NAME, as_version=4))
    round_.command("nnlab.grading", "release", "ps1")
    hand_in(round_)
    round_.command("nbgrader", "zip_collect", "ps1")
    not_collected = course / "submitted" / "unzipped" / "ps1"
    not_collected.mkdir(parents=True)
    (not_collected / "Backprop final.ipynb").write_bytes(text(filled(round_.release, solutions("ps1", NAME[:-6]))))
    round_.command("nbgrader", "autograde", "ps1")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade(WRITTEN, "backpropagation", "ps1", "loops")
        grade.manual_score, grade.needs_manual_grade = 7, False
        gradebook.db.commit()
    round_.command("nbgrader", "generate_feedback", "ps1")
    round_.command("nbgrader", "export")
    return round_


def hand_in(round_: Round) -> None:
    """Put a class's submissions where an instructor puts what the learning platform gave."""
    right, release = solutions("ps1", "backpropagation"), round_.release
    reference = filled(release, right)

    def solved(*changes: dict[str, str]) -> bytes:
        sources = dict(right)
        for change in changes:
            sources |= change
        return text(filled(release, sources))

    endless = {"softmax": "def softmax(logits):\n    while True:\n        pass"}
    crash = {"relu_backward": "import os\n\ndef relu_backward(dout, x):\n    os._exit(3)"}
    files = {
        "reference.zip": zipped({NAME: text(reference)}),
        "stub_ps1.zip": zipped({f"ps1/{NAME}": text(release)}),
        f"loops_{NAME}": solved(variants.LOOPS),
        f"einsum_{NAME}": solved(variants.EINSUM),
        f"noisy_{NAME}": solved(variants.NOISY),
        "misnamed.zip": zipped({"my notebook (1).ipynb": solved(), "data.csv": b"1"}),
        f"copies_{NAME}": text(with_copies(reference, "setup", "softmax", "test_softmax")),
        f"wrong_{NAME}": solved(variants.WRONG_AXIS),
        f"chained_{NAME}": solved(variants.WRONG_AXIS, variants.CALLS_SOFTMAX),
        f"syntax_{NAME}": solved({"softmax": "def softmax(logits:\n    return logits"}),
        f"endless_{NAME}": solved(endless),
        f"tampered_{NAME}": text(tampered(filled(release, right | variants.WRONG_AXIS))),
        f"deleted_{NAME}": text(without(reference, "setup", "test_softmax", "relu_backward", "test_relu_backward")),
        f"crash_{NAME}": solved(crash),
        f"empty_{NAME}": b"",
        f"nocells_{NAME}": text(new_notebook()),
        f"truncated_{NAME}": solved()[:9000],
        "essay.zip": zipped({"essay.docx": b"words"}),
        "broken.zip": zipped({NAME: solved()})[:2000],
        NAME: solved(),
    }
    archive = round_.course / "downloaded" / "ps1" / "archive"
    archive.mkdir(parents=True)
    for name, content in files.items():
        (archive / name).write_bytes(content)


def test_the_release_holds_no_solutions_no_hidden_tests_and_no_outputs(graded: Round) -> None:
    sources = "\n".join(cell.source for cell in graded.release.cells)
    assert "BEGIN" not in sources and "draws=24" not in sources and "Taylor" not in sources
    for name, source in solutions("ps1", "backpropagation").items():
        inside = source.partition("### BEGIN SOLUTION\n")[2].partition("\n### END SOLUTION")[0]
        assert inside and inside.strip() not in sources, name
    assert sources.count("raise NotImplementedError()") == 10
    assert not any(cell.get("outputs") for cell in graded.release.cells)
    assert "](book:" not in sources and "/book/backpropagation.html)" in sources


def test_the_zip_for_students_holds_the_release(graded: Round) -> None:
    assert graded.said["release"].returncode == 0, graded.said["release"].stderr
    with zipfile.ZipFile(graded.course / "release" / "ps1.zip") as archive:
        assert archive.namelist() == [f"ps1/{NAME}"]
        assert archive.read(f"ps1/{NAME}") == (graded.course / "release" / "ps1" / NAME).read_bytes()


@pytest.mark.parametrize("command", ["zip_collect", "autograde", "generate_feedback", "export"])
def test_every_command_ends_well(graded: Round, command: str) -> None:
    said = graded.said[command]
    assert said.returncode == 0, said.stderr[-3000:]
    assert "Traceback" not in said.stderr, said.stderr[-3000:]


def test_what_belongs_to_no_student_is_reported(graded: Round) -> None:
    assert f"{NAME}: whose is it?" in graded.said["zip_collect"].stderr


@pytest.mark.parametrize("student", LOST)
def test_marks(graded: Round, student: str) -> None:
    expected = {name: 0.0 if name in LOST[student] else points for name, points in TESTS.items()}
    expected[WRITTEN] = 7 if student == "loops" else 0
    assert graded.scores(student) == expected


def test_the_written_question_waits_for_a_person_unless_it_is_unanswered(graded: Round) -> None:
    with Gradebook(f"sqlite:///{graded.course}/gradebook.db") as gradebook:
        waiting = {one.student_id for one in gradebook.assignment_submissions("ps1") if one.needs_manual_grade}
    assert {"reference", "wrong", "crash"} <= waiting
    assert not waiting & {"stub", "empty", "nocells", "truncated", "essay", "broken", "loops"}


@pytest.mark.parametrize("student", REASONS)
def test_feedback_gives_the_reason(graded: Round, student: str) -> None:
    assert REASONS[student] in graded.feedback(student)


def test_feedback_shows_the_call_what_came_back_and_what_was_expected(graded: Round) -> None:
    words = graded.feedback("wrong")
    message = words[words.index("softmax gives a wrong result.") :][:700]
    assert re.search(r"with +logits = \[\[", message)
    assert re.search(r"got +\[\[", message) and re.search(r"expected +\[\[", message)
    assert re.search(r'check\(softmax, "ps1.softmax", seed=\d+\)', message)


def test_a_warning_is_a_remark(graded: Round) -> None:
    assert "Remark on softmax: a warning was raised: divide by zero" in graded.feedback("noisy")


def test_export(graded: Round) -> None:
    with (graded.course / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(LOST)
    for student, row in rows.items():
        lost = sum(TESTS[name] for name in LOST[student])
        assert float(row["score"]) == 90 - lost + (7 if student == "loops" else 0), student
        assert float(row["max_score"]) == 100


def test_a_second_round_grades_nothing_again(graded: Round) -> None:
    again = run(graded.course, "nbgrader", "autograde", "ps1")
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("Skipping existing assignment") == len(LOST)


@pytest.fixture
def student_folder(tmp_path: Path) -> Path:
    """A folder without any configuration, as a student has."""
    return tmp_path


def test_validate_passes_the_reference_and_explains_the_stub(graded: Round, student_folder: Path) -> None:
    passes = filled(graded.release, solutions("ps1", "backpropagation"))
    (student_folder / "right.ipynb").write_bytes(text(passes))
    said = run(student_folder, "nbgrader", "validate", "right.ipynb")
    assert "Success! Your notebook passes all the tests." in said.stdout, said.stdout + said.stderr
    (student_folder / "stub.ipynb").write_bytes(text(graded.release))
    said = run(student_folder, "nbgrader", "validate", "stub.ipynb")
    assert "VALIDATION FAILED ON 16 CELL(S)!" in said.stdout
    assert "softmax is not written yet." in said.stdout
    assert "Replace `raise NotImplementedError()` by your code." in said.stdout


@pytest.fixture
def formgrader(graded: Round) -> Iterator[str]:
    """The address of a Jupyter server that was started in the course's folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0", "--ip=127.0.0.1"]
    command = [sys.executable, "-m", "jupyter", "server", *options, "--IdentityProvider.token=secret"]
    with (graded.course / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=graded.course, stdout=log, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(240):
                try:
                    get(f"{address}/api")
                    break
                except urllib.error.URLError:
                    assert server.poll() is None, (graded.course / "server.log").read_text()
                    time.sleep(0.25)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def get(address: str) -> str:
    """The body of a page of the server."""
    request = urllib.request.Request(address, headers={"Authorization": "token secret"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return reply.read().decode()


def test_formgrader_opens(graded: Round, formgrader: str) -> None:
    assert "manage_assignments" in get(f"{formgrader}/formgrader/manage_assignments")
    assignments = {one["name"]: one for one in json.loads(get(f"{formgrader}/formgrader/api/assignments"))}
    assignment = assignments["ps1"]
    assert assignment["num_submissions"] == len(LOST)
    assert assignment["max_score"] == 100 and assignment["max_written_score"] == 10
    submissions = json.loads(get(f"{formgrader}/formgrader/api/submitted_notebooks/ps1/backpropagation"))
    wrong = next(one for one in submissions if one["student"] == "wrong")
    page = get(f"{formgrader}/formgrader/submissions/{wrong['id']}/")
    assert "softmax gives a wrong result." in page


def test_release_refuses_what_is_not_ready(graded: Round, tmp_path: Path) -> None:
    elsewhere = run(tmp_path, "nnlab.grading", "release", "ps1")
    assert elsewhere.returncode == 2 and "is no nbgrader course" in elsewhere.stderr
    shutil.copy(graded.course / "nbgrader_config.py", tmp_path)
    missing = run(tmp_path, "nnlab.grading", "release", "ps1")
    assert missing.returncode == 2 and "run nbgrader generate_assignment ps1 first" in missing.stderr
    shutil.copytree(graded.course / "source" / "ps1", tmp_path / "release" / "ps1")
    leak = run(tmp_path, "nnlab.grading", "release", "ps1")
    assert leak.returncode == 2 and "still holds BEGIN SOLUTION" in leak.stderr
    assert not (tmp_path / "release" / "ps1.zip").exists()


def test_every_cell_of_the_release_is_known(graded: Round) -> None:
    assert {grade_id(cell) for cell in graded.release.cells} >= EVERYTHING | {WRITTEN}
