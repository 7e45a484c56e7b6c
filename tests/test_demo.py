"""The demo as a user runs it: a real process, a progress bar, an accuracy worth showing."""

import ast
import re
import subprocess
import sys

import pytest


def test_demo_learns_to_read_digits():
    run = subprocess.run([sys.executable, "-m", "nnlab.demo"], capture_output=True, text=True, timeout=120, check=True)
    accuracy = float(re.search(r"it has not seen: (\d\.\d+)", run.stdout).group(1))
    assert accuracy > 0.95
    assert "epoch" in run.stderr and "100%" in run.stderr


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--lr=-1", "lr must be a finite number, at least 0, got -1.0"),
        ("--lr=nan", "lr must be a finite number"),
        ("--seed=-1", "seed must be at least 0, got -1"),
        ("--epochs=-1", "epochs must be at least"),
    ],
)
def test_a_wrong_argument_is_named(argument, words):
    run = subprocess.run([sys.executable, "-m", "nnlab.demo", argument], capture_output=True, text=True)
    assert run.returncode == 2
    assert words in run.stderr.splitlines()[-1] and "Traceback" not in run.stderr


def test_import_needs_numpy_alone():
    code = (
        "import sys; import numpy.random; before = set(sys.modules); import nnlab, nnlab.layers, nnlab.losses, "
        "nnlab.optimizers, nnlab.graph, nnlab.gradcheck; "
        "new = {m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names); print(sorted(new))"
    )
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert set(ast.literal_eval(run.stdout)) - {"numpy"} == {"nnlab"}
