"""The report on a class: measures against formulas, and a page from a real gradebook in which text stays text."""

import os
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from contrast import hard_to_read
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from playwright.sync_api import Browser
from scipy.stats import pearsonr

from nnlab.grading.course.notebooks import note
from nnlab.grading.grader.grading import FLAGGED
from nnlab.grading.reports.command import add_arguments, run
from nnlab.grading.reports.gathering import Mistake, gather, mistakes_in
from nnlab.grading.reports.measures import difficulty, discrimination

POINTS = {"ada": (4, 6), "ben": (4, 0), "cyd": (0, 0), "dee": (2, 6)}
TOLD = """\
softmax gives a wrong result.
  mistake   You normalized each column. One example is one row, so the sums
            go along axis 1.
  read      book/backpropagation.html#softmax
  with      logits = [[1.]]
  got       <script>alert(1)</script>"""


def test_difficulty_and_discrimination() -> None:
    rng = np.random.default_rng(2)
    ability = rng.normal(size=40)
    points = np.clip(np.round(5 + 2 * ability[:, None] + rng.normal(size=(40, 4))), 0, 10)
    most = np.full(4, 10.0)
    assert np.allclose(difficulty(points, most), points.mean(axis=0) / 10)
    for test in range(4):
        rest = points.sum(axis=1) - points[:, test]
        assert np.isclose(discrimination(points)[test], pearsonr(points[:, test], rest).statistic)
    points[:, 1] = 7
    points[0, 2] = np.nan
    assert np.isnan(discrimination(points)[1]) and np.isclose(difficulty(points, most)[1], 0.7)
    assert np.isclose(difficulty(points, most)[2], np.nanmean(points[:, 2]) / 10)
    assert not np.isnan(discrimination(points)[2])


def test_the_mistake_is_read_from_a_message() -> None:
    explanation = "You normalized each column. One example is one row, so the sums go along axis 1."
    assert list(mistakes_in(TOLD.splitlines())) == [Mistake(explanation, "book/backpropagation.html#softmax")]
    assert list(mistakes_in(["softmax raised ValueError.", "  reason    mistake in line 3"])) == []


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # nbgrader starts `alembic` by its bare name.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as gradebook:
        gradebook.add_assignment("ps1")
        gradebook.add_notebook("it", "ps1")
        for name, most in (("test_softmax", 4), ("test_dense", 6)):
            gradebook.add_grade_cell(name, "it", "ps1", max_score=most, cell_type="code")
        for student, points in POINTS.items():
            gradebook.add_student(student)
            gradebook.add_submission("ps1", student)
            for name, score in zip(("test_softmax", "test_dense"), points, strict=True):
                gradebook.find_grade(name, "it", "ps1", student).auto_score = score
        gradebook.db.commit()
    for student in ("ben", "cyd"):
        test = new_code_cell("check(softmax)", metadata={"nbgrader": {"grade_id": "test_softmax"}})
        lines = TOLD.splitlines()
        test.outputs = [new_output("error", ename="CheckFailed", evalue=lines[0], traceback=lines)]
        mended, seen = note("This notebook was mended before grading."), note(FLAGGED + "it <b>looked</b> around.")
        cells = [mended, seen, test] if student == "cyd" else [test]
        folder = tmp_path / "autograded" / student / "ps1"
        folder.mkdir(parents=True)
        nbformat.write(new_notebook(cells=cells), folder / "it.ipynb")
    return tmp_path


def test_the_page_of_a_class(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = gather(course, "ps1")
    assert dict(zip(results.students, results.points.tolist(), strict=True)) == {s: list(p) for s, p in POINTS.items()}
    assert results.flags == {"cyd": "This notebook was mended before grading. it <b>looked</b> around."}
    assert results.scores.tolist() == [10, 4, 0, 8] and results.max_score == 10
    assert [count for _, count in results.mistakes.items()] == [2]
    assert main(course, "ps1") == 0
    page = (course / "report-ps1.html").read_text(encoding="utf-8")
    assert "4 submissions. Median 6, mean 5.5 of 10 points." in page
    assert page.count("You normalized each column.") == 1 and page.count("<svg") == 3
    assert "it &lt;b&gt;looked&lt;/b&gt; around." in page and "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


SCHEMES = {
    "light": ("rgb(255, 255, 255)", "rgb(55, 108, 209)", "rgb(208, 26, 47)"),
    "dark": ("rgb(20, 24, 30)", "rgb(88, 139, 255)", "rgb(244, 86, 16)"),
}


def test_it_is_read_in_the_light_and_in_the_dark(course: Path, browser: Browser) -> None:
    assert main(course, "ps1") == 0
    for scheme, (ground, bars, median) in SCHEMES.items():
        with browser.new_context(color_scheme=scheme) as context:
            page = context.new_page()
            page.goto((course / "report-ps1.html").as_uri())
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
            assert hard_to_read(page) == []
            drawn = (
                page.locator("svg")
                .first.locator("path")
                .evaluate_all(
                    "(paths) => paths.flatMap((path) => [getComputedStyle(path).fill, getComputedStyle(path).stroke])"
                )
            )
            assert {bars, median} <= set(drawn)


def test_without_results_it_says_so(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(course, "ps9") == 2
    assert "knows no assignment ps9" in capsys.readouterr().err
    assert main(course / "autograded", "ps1") == 2
    assert "is no nbgrader course" in capsys.readouterr().err


def main(course: Path, assignment: str) -> int:
    import argparse

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([assignment, "--course", str(course)]))
