"""The demo as a user runs it: a real process, a progress bar, an accuracy worth showing."""

import ast
import re
import subprocess
import sys


def test_demo_learns_to_read_digits():
    run = subprocess.run([sys.executable, "-m", "nnlab.demo"], capture_output=True, text=True, timeout=120, check=True)
    accuracy = float(re.search(r"it has not seen: (\d\.\d+)", run.stdout).group(1))
    assert accuracy > 0.95
    assert "epoch" in run.stderr and "100%" in run.stderr


def test_import_needs_numpy_alone():
    code = (
        "import sys; import numpy.random; before = set(sys.modules); import nnlab, nnlab.layers, nnlab.losses, "
        "nnlab.optimizers, nnlab.graph, nnlab.gradcheck; "
        "new = {m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names); print(sorted(new))"
    )
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert set(ast.literal_eval(run.stdout)) - {"numpy"} == {"nnlab"}
