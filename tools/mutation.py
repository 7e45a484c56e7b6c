"""Break the package in many small ways and show each break that no test notices: `python tools/mutation.py rules`.

mutmut changes one operator, number or name at a time and runs the tests that reach it. A break that survives is a test
to write, or a change that changes nothing: those it prints as differences to read. It works on a copy in
_build/mutation and keeps its own packages in .cache/mutation.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / ".cache" / "mutation"
WORK = ROOT / "_build" / "mutation"
MUTMUT = "mutmut==3.8.1"

# what is broken, and the tests that must notice
SUBJECTS = {
    "rules": (
        ["optimizers/*.py", "schedules.py", "clipping.py", "regularizers.py", "callbacks.py", "training.py"],
        ["test_optimizers*.py", "test_schedules.py", "test_clipping.py", "test_regularizers.py", "test_training.py"],
    ),
    "layers": (
        ["layers/*.py", "losses.py", "initializers.py"],
        ["test_layers*.py", "test_losses*.py", "test_initializers*.py", "test_gradcheck.py"],
    ),
}

CONFIGURATION = """
[tool.mutmut]
source_paths = ["nnlab"]
also_copy = ["nnlab"]
only_mutate = {modules}
pytest_add_cli_args = ["-p", "no:cacheprovider", "-m", "not gpu", "--deselect={deselected}"]
pytest_add_cli_args_test_selection = {tests}
timeout_constant = 60.0
"""
# mutmut calls every function through one of its own, so a warning no longer names the line that asked for it
DESELECTED = "tests/test_training.py::TestDivergence::test_no_warning_from_numpy"

SETTINGS = '''"""The same examples for every break, however often a process runs them."""

from hypothesis import HealthCheck, settings
from tqdm import tqdm

tqdm.monitor_interval = 0  # its thread would not outlive the fork that runs each break
settings.register_profile("mutation", suppress_health_check=list(HealthCheck), derandomize=True, database=None)
settings.load_profile("mutation")
'''


def prepare(subject: str) -> None:
    """A copy of the package and the subject's tests, with mutmut's configuration."""
    shutil.rmtree(WORK, ignore_errors=True)
    skipped = shutil.ignore_patterns("__pycache__", "node_modules", "static", "widgets", "grading", "plots")
    shutil.copytree(ROOT / "nnlab", WORK / "nnlab", ignore=skipped)
    modules, patterns = SUBJECTS[subject]
    found = sorted({path for pattern in patterns for path in (ROOT / "tests").glob(pattern)})
    helpers = [path for path in (ROOT / "tests").glob("*.py") if not path.name.startswith(("test_", "conftest"))]
    shutil.copytree(ROOT / "tests" / "oracles", WORK / "tests" / "oracles")
    for path in (*found, *helpers):
        shutil.copy(path, WORK / "tests")
    (WORK / "tests" / "conftest.py").write_text(SETTINGS)
    configuration = CONFIGURATION.format(
        modules=json.dumps([f"nnlab/{module}" for module in modules]),
        tests=json.dumps([f"tests/{path.name}" for path in found]),
        deselected=DESELECTED,
    )
    (WORK / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + configuration)


def mutmut(*arguments: str, show: bool = False) -> str:
    """Run a command of mutmut in the copy; returns what it printed, unless it is shown."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGES)}
    command = [sys.executable, "-m", "mutmut", *arguments]
    output = None if show else subprocess.PIPE
    return subprocess.run(command, cwd=WORK, env=environment, stdout=output, text=True, check=True).stdout or ""


def main() -> None:
    """Break one subject and report."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("subject", choices=SUBJECTS)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if not (PACKAGES / "mutmut").exists():
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]
        subprocess.run([*install, str(PACKAGES), MUTMUT], check=True)
    prepare(options.subject)
    mutmut("run", "--max-children", str(options.jobs), show=True)
    results = dict(line.strip().split(": ") for line in mutmut("results", "--all", "true").splitlines() if ": " in line)
    alive = [name for name, verdict in results.items() if verdict not in ("killed", "timeout", "caught by type check")]
    for name in alive:
        print(mutmut("show", name))
    killed = len(results) - len(alive)
    print(f"{options.subject}: {killed} of {len(results)} breaks noticed, {killed / len(results):.1%}")


if __name__ == "__main__":
    main()
