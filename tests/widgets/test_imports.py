"""Results are computed anew when code they can depend on changes, and only then."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nnlab
from nnlab.widgets import load_all
from nnlab.widgets.imports import Package
from nnlab.widgets.source import compute_hash, depends_on

FILES = {
    "__init__.py": "from pkg.parts import thing\nfrom pkg import tools",
    "parts/__init__.py": "from pkg.parts.one import thing\nfrom pkg.parts.two import other\nOWN = 1",
    "parts/one.py": "from pkg.deep import base\ndef thing(): return base()",
    "parts/two.py": "def other(): pass",
    "deep.py": "def base():\n    from .late import late\n    return late()",
    "late.py": "def late(): return 0",
    "tools/__init__.py": "from .hammer import hit",
    "tools/hammer.py": "from ..alone import still\ndef hit(): still()",
    "alone.py": "def still(): pass",
}
THING = {"pkg.parts.one", "pkg.deep", "pkg.late"}
TOOLS = {"pkg.tools", "pkg.tools.hammer", "pkg.alone"}


@pytest.fixture
def package(tmp_path: Path) -> Package:
    """A small package with re-exports, a late import and relative ones."""
    for name, text in FILES.items():
        path = tmp_path / "pkg" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Package(tmp_path / "pkg")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("from pkg.parts import thing", THING),
        ("from pkg import thing as renamed", THING),
        ("from pkg.parts import one", THING),
        ("def late():\n    from pkg import thing", THING),
        ("from pkg.parts import other", {"pkg.parts.two"}),
        ("from pkg.parts import OWN", {"pkg.parts", "pkg.parts.two"} | THING),
        ("from pkg.parts import *", {"pkg.parts", "pkg.parts.two"} | THING),
        ("from pkg import tools", TOOLS),
        ("from pkg.tools import hit", {"pkg.tools.hammer", "pkg.alone"}),
        ("import pkg", {"pkg"} | THING | TOOLS),
        ("import pkg.deep", {"pkg", "pkg.deep"} | THING | TOOLS),
        ("import numpy\nfrom pkgs import thing\nfrom pkg import nothing_there", {"pkg"} | THING | TOOLS),
        ("import numpy", set()),
    ],
)
def test_imports_lead_to_where_names_are_defined(package: Package, code: str, expected: set[str]) -> None:
    assert set(package.reached(ast.parse(code), "elsewhere")) == expected


def test_what_is_left_out_is_not_followed(package: Package) -> None:
    reached = package.reached(ast.parse("from pkg import thing"), "elsewhere", lambda module: module == "pkg.deep")
    assert reached == ["pkg.parts.one"]


TRACED = ("step-size", "batch-noise", "adagrad-sparse", "optimizer-race", "losses", "layer-by-layer", "gradient-check")
TRACE = """
import json, sys
from nnlab.widgets import REGISTRY, load_all
load_all()
ran = {}
for name in sys.argv[1:]:
    files = ran[name] = set()
    def note(frame, event, _):
        if event == "call" and frame.f_code.co_name != "<module>":
            files.add(frame.f_code.co_filename)
    sys.setprofile(note)
    REGISTRY[name].compute()
    sys.setprofile(None)
print(json.dumps({name: sorted(files) for name, files in ran.items()}))
"""


def test_all_code_that_runs_is_among_the_modules_found() -> None:
    """Python's own record of the functions called while ``compute`` runs, in a fresh process without caches."""
    done = subprocess.run([sys.executable, "-c", TRACE, *TRACED], capture_output=True, text=True, check=True)
    ran = json.loads(done.stdout.splitlines()[-1])
    root = Path(nnlab.__file__).parent
    functions = {explorer.name: explorer.function for explorer in load_all()}
    for name in TRACED:
        called = {Path(file).relative_to(root) for file in ran[name] if Path(file).is_relative_to(root)}
        called = {path for path in called if path.parts[0] != "widgets" or len(path.parts) > 2}
        found = {Path(*module.split(".")[1:]) for module in [*depends_on(functions[name]), functions[name].__module__]}
        assert len(called) >= 3 and not {path.with_suffix("") for path in called} - found - {Path("__init__")}, name


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of nnlab whose files can be changed."""
    ignored = shutil.ignore_patterns("node_modules", "static", "__pycache__", "grading", "plots")
    shutil.copytree(Path(nnlab.__file__).parent, tmp_path / "nnlab", ignore=ignored)
    return tmp_path


def hashes(folder: Path) -> dict[str, str]:
    """The hash of two explorers' code, by a process that imports the copy."""
    code = (
        "from nnlab.widgets.forward_pass import losses as a; from nnlab.widgets.optimizers import optimizer_race as b;"
        "from nnlab.widgets.source import compute_hash as h; import json;"
        "print(json.dumps({e.name: h(e.function) for e in (a, b)}))"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_a_change_counts_for_those_that_can_run_it(copied: Path) -> None:
    before = hashes(copied)
    for changed, counts_for in {
        "losses.py": {"losses"},
        "optimizers/nesterov.py": {"optimizer-race"},
        "validation.py": {"losses", "optimizer-race"},
        "rbm.py": set(),
        "widgets/words.py": set(),
        "widgets/gradient_descent/surfaces.py": {"optimizer-race"},
    }.items():
        path = copied / "nnlab" / changed
        kept = path.read_text(encoding="utf-8")
        path.write_text(kept + "\nCHANGED = 1\n", encoding="utf-8")
        after = hashes(copied)
        path.write_text(kept, encoding="utf-8")
        assert {name for name in before if after[name] != before[name]} == counts_for, changed
    comment = copied / "nnlab" / "losses.py"
    comment.write_text(comment.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    assert hashes(copied) == before


def test_every_explorer_has_a_hash() -> None:
    values = [compute_hash(explorer.function) for explorer in load_all()]
    assert len(set(values)) == len(values)
