"""``python -m nnlab.grading NOTEBOOK`` shows a student the points and messages of the visible tests."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from classroom import COURSE, filled
from nbformat.v4 import new_code_cell, new_notebook

from nnlab.grading.__main__ import main

NAME = "backpropagation.ipynb"


def preview(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "nnlab.grading", str(path)], capture_output=True, text=True)


def test_points_and_messages(tmp_path: Path) -> None:
    """With a wrong softmax, a missing ReLU, a renamed and a chatty function, on the source notebook itself."""
    wrong = {
        "softmax": "def softmax(logits):\n    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)",
        "relu_backward": "def relu_backward(dout, x):\n    raise NotImplementedError()",
        "mean_squared_error": "def mean_square_error(pred, target):\n    return pred, target",
        "dense_forward": "def dense_forward(x, W, b):\n    print('here')\n    return x @ W + b",
    }
    path = tmp_path / NAME
    nbformat.write(filled(nbformat.read(COURSE / "source" / "ps1" / NAME, as_version=4), wrong), path)
    before = path.read_bytes()
    done = preview(path)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert "    0 of 10  softmax                      softmax gives a wrong result." in lines
    assert "    0 of 7   relu_backward                relu_backward is not written yet." in lines
    assert "    5 of 5   dense_forward" in lines
    assert (
        "    0 of 3   mean_squared_error_loss      There is no function mean_squared_error in this notebook. There is"
        " mean_square_error: is that it? The name must be the one the statement asks for."
    ) in lines
    assert "   65 of 90  points on visible tests" in lines
    assert "  read      book/backpropagation.html#softmax-and-cross-entropy-p-y" in lines
    assert path.read_bytes() == before
    assert "WARNING" not in done.stderr


def test_a_kernel_that_dies_is_said(tmp_path: Path) -> None:
    test = {"nbgrader": {"grade": True, "grade_id": "test_it", "points": 1, "solution": False, "locked": True}}
    cells = [new_code_cell("import os\nos._exit(1)"), new_code_cell("assert True", metadata=test)]
    nbformat.write(new_notebook(cells=cells), tmp_path / NAME)
    done = preview(tmp_path / NAME)
    assert done.returncode == 2
    assert "its kernel died" in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no file"),
        ("", "The file is empty."),
        ("{}", "it has no list of cells"),
        ('{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "it has no list of cells"),
        (nbformat.writes(new_notebook()), "holds no tests"),
    ],
)
def test_what_cannot_be_previewed_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, words: str
) -> None:
    path = tmp_path / NAME
    if content is not None:
        path.write_text(content)
    assert main([str(path)]) == 2
    said = capsys.readouterr().err
    assert words in said and str(path) in said


def test_a_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / NAME).mkdir()
    assert main([str(tmp_path / NAME)]) == 2
    assert "is a folder" in capsys.readouterr().err
