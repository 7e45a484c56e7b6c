"""A function that is missing or has another name: what a student is told, in words and in a running notebook."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from classroom import COURSE, filled

from nnlab.grading.naming import not_defined

MISSING = "There is no function softmax in this notebook. "
RULE = "The name must be the one the statement asks for."


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([], MISSING + RULE),
        (["def soft_max(z):\n    return z"], f"{MISSING}There is soft_max: is that it? {RULE}"),
        (["x = 3", "SoftMax = lambda z: z"], f"{MISSING}There is SoftMax: is that it? {RULE}"),
        (
            ["class Softmax:\n    def __call__(self, z):\n        return z"],
            f"{MISSING}There is Softmax: is that it? {RULE}",
        ),
        (["%matplotlib inline\ndef sofmax(z):\n    return z"], f"{MISSING}There is sofmax: is that it? {RULE}"),
        (["softmax_ = np.ones(3)"], MISSING + RULE),  # a value, not a function
        (["def relu(x):\n    return x"], MISSING + RULE),
        (["print(softmax)  # def softmax"], MISSING + RULE),
        (
            ["def softmax(z)\n    return z"],
            "softmax is not defined: the cell that defines it stopped with an error. Mend that one first.",
        ),
        (
            ["import torch\nsoftmax = torch.softmax"],
            "softmax is not defined: the cell that defines it stopped with an error. Mend that one first.",
        ),
        (
            ["def helper():\n    def softmax(z):\n        return z"],
            "softmax is defined only inside of something else. Its `def` must stand at the beginning of a line.",
        ),
    ],
)
def test_messages(cells: list[str], message: str) -> None:
    assert not_defined("softmax", cells) == message


def test_no_other_exercise_is_taken_for_a_misspelling() -> None:
    cells = ["def l2_penalty(w, lam):\n    return w", "def adam_step(w):\n    return w"]
    assert "is that it" not in not_defined("l1_penalty", cells)
    assert "is that it" not in not_defined("adamw_step", cells)


def test_what_no_exercise_asks_for_is_not_called_a_function() -> None:
    assert not_defined("images", []) == f"There is no images in this notebook. {RULE}"


def test_a_running_notebook_says_so(tmp_path: Path) -> None:
    """As ``nbgrader validate`` shows it: Python's own error, and after it which name may be meant."""
    source = nbformat.read(COURSE / "source" / "ps1" / "backpropagation.ipynb", as_version=4)
    notebook = filled(source, {"softmax": "def soft_max(logits):\n    return logits"})
    del notebook.cells[[cell.source[:10] for cell in notebook.cells].index("# 8 points") :]
    for cell in notebook.cells:  # without it, the notebook counts as one whose tests were changed
        cell.metadata.get("nbgrader", {}).pop("checksum", None)
    nbformat.write(notebook, tmp_path / "backpropagation.ipynb")
    command = [sys.executable, "-m", "nbgrader", "validate", "backpropagation.ipynb"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    shown = " ".join(said.stdout.split())
    assert "NameError: name 'softmax' is not defined" in shown, said.stderr
    assert "There is no function softmax yet. Run the cell that defines it. There is soft_max: is that it?" in shown
