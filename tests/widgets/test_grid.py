"""Grids are computed once, in parallel, and failures say which explorer at which values."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from samples import CONTROLS, LINEAR, make

from nnlab.widgets import ExplorerError, Slider, grid
from nnlab.widgets.build import build
from nnlab.widgets.source import compute_hash


def compute(p: int, q: str) -> dict[str, object]:
    """Two points."""
    return {"x": [0, 1], "linear": [p, ord(q)]}


def test_a_second_time_computes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = grid.results(make(compute, [LINEAR]), tmp_path, progress=False)
    first = computed.table
    assert computed.now
    monkeypatch.setattr(grid, "evaluate", lambda *_, **__: pytest.fail("computed again"))
    kept = grid.results(make(compute, [LINEAR], describe="other words {p}"), tmp_path, progress=False)
    again = kept.table
    assert not kept.now and kept.seconds == computed.seconds
    for name in first:
        np.testing.assert_array_equal(first[name].values, again[name].values)
        np.testing.assert_array_equal(first[name].shapes, again[name].shapes)


def test_other_values_or_code_compute_again(tmp_path: Path) -> None:
    key = grid.grid_key(make(compute))
    assert key == grid.grid_key(make(compute, [LINEAR]))
    assert key != grid.grid_key(make(compute, controls=CONTROLS | {"p": Slider("p", 0, 3, step=1, initial=0)}))


MODULE = '''
from nnlab.widgets import Slider, explorer
{before}
CONTROLS = {{"p": Slider("p", 0, 1, step=1, initial=0)}}
@explorer(name="{name}", title="{title}", controls=CONTROLS, panels=[], describe="{{p}}")
def shown(p):
    """{doc}"""
    return {{"a": p {operation} 2}}
'''


def hash_of(folder: Path, name: str, **parts: str) -> str:
    path = folder / "module_under_test.py"
    values = {"before": "", "name": "under-test", "title": "T", "doc": "D", "operation": "+"} | parts
    path.write_text(MODULE.format(**values))
    code = (
        "import module_under_test as m; from nnlab.widgets.source import compute_hash as h; print(h(m.shown.function))"
    )
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def test_only_what_computes_counts(tmp_path: Path) -> None:
    plain = hash_of(tmp_path, "a")
    assert plain == hash_of(tmp_path, "b", title="Another title", doc="Other words")
    assert plain != hash_of(tmp_path, "c", operation="*")
    assert plain != hash_of(tmp_path, "d", before="FACTOR = 3")


def test_numpys_version_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    before = compute_hash(compute)
    monkeypatch.setattr("numpy.__version__", "another")
    assert compute_hash(compute) != before


def test_a_failure_names_explorer_and_values() -> None:
    def fails(p: int, q: str) -> dict[str, float]:
        return {"x": 1.0 / (p - 1)}

    with pytest.raises(ExplorerError, match=r"explorer 'sample' failed at p=1, q='a': ZeroDivisionError"):
        grid.evaluate(make(fails), progress=False)


def test_results_must_agree_in_kind() -> None:
    with pytest.raises(ExplorerError, match=r"sample.*'q': 'b'.*'x' is .* 1 axes, elsewhere .* 0"):
        grid.evaluate(make(lambda p, q: {"x": [1.0] if q == "b" else 1.0}), progress=False)
    with pytest.raises(ExplorerError, match=r"returned \['y'\], elsewhere \['x'\]"):
        grid.evaluate(make(lambda p, q: {"y" if q == "c" else "x": 1.0}), progress=False)


def test_processes_give_what_one_process_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    from nnlab.widgets.backpropagation import graph_stepper

    alone = grid.evaluate(make(compute), progress=False)
    monkeypatch.setattr(grid, "WORTH_PROCESSES", 0.0)
    monkeypatch.setattr(graph_stepper, "controls", dict(graph_stepper.controls))
    for name in "xy":
        graph_stepper.controls[name] = Slider(name, 0.0, 2.0, step=1, initial=1)
    table = grid.evaluate(graph_stepper, progress=False)
    for i, state in enumerate(grid.states(graph_stepper)):
        assert table["f"].at(i) == (state["x"] + state["y"]) * state["z"]
    assert len(alone) == 2


def test_a_failure_in_another_process_names_them_too(tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text(
        textwrap.dedent("""
        from nnlab.widgets import Slider, explorer

        CONTROLS = {"p": Slider("p", 0, 9, step=1, initial=0)}

        @explorer(name="failing", title="T", controls=CONTROLS, panels=[], describe="{p}")
        def failing(p):
            if p == 7:
                raise ValueError("too large")
            return {"a": p}
        """)
    )
    code = "from nnlab.widgets import grid; import failing; grid.WORTH_PROCESSES = 0; grid.evaluate(failing.failing)"
    done = subprocess.run([sys.executable, "-B", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode and "explorer 'failing' failed at p=7: ValueError: too large" in done.stderr


def test_several_explorers_are_computed_in_other_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnlab.widgets.backpropagation import factor_product, sigmoid_neuron

    alone = grid.evaluate(sigmoid_neuron, progress=False)
    monkeypatch.setattr(grid, "cores", lambda: 2)
    monkeypatch.setattr(grid, "evaluate", lambda *_, **__: pytest.fail("computed in this process"))
    grid.compute_missing([sigmoid_neuron, factor_product], tmp_path, progress=False)
    kept = grid.results(sigmoid_neuron, tmp_path, progress=False).table
    assert set(kept) == set(alone)
    for name, column in alone.items():
        np.testing.assert_array_equal(kept[name].values, column.values)
    monkeypatch.setattr(grid, "pool", lambda *_: pytest.fail("computed again"))
    grid.compute_missing([sigmoid_neuron, factor_product], tmp_path, progress=False)


def test_one_explorer_alone_is_left_to_all_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnlab.widgets.backpropagation import sigmoid_neuron

    monkeypatch.setattr(grid, "pool", lambda *_: pytest.fail("one process for one explorer"))
    grid.compute_missing([sigmoid_neuron], tmp_path, progress=False)
    assert not list(tmp_path.iterdir())


def test_a_second_build_computes_and_draws_nothing(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    first = build(out, cache=Path(".cache/explorers"), progress=False)
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.bin")}
    for what in ("grid.evaluate", "build.results", "build.make_pack", "frontend.draw_stills"):
        monkeypatch.setattr(f"nnlab.widgets.{what}", lambda *_, **__: pytest.fail("worked again"))
    again = build(out, cache=Path(".cache/explorers"), progress=False)
    assert again == first and times == {path: path.stat().st_mtime_ns for path in out.rglob("*.bin")}


def test_build_refuses_a_name_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no explorer is called \['grpah-stepper'\]; there are \[.*'graph-stepper'"):
        build(tmp_path, only=["grpah-stepper"])


def test_a_build_may_go_into_a_folder_named_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What draws the stills runs in another folder."""
    monkeypatch.chdir(tmp_path)
    manifest = build(Path("out"), cache=tmp_path / "cache", only=["ravine"], progress=False)
    entry = manifest["explorers"]["ravine"]
    assert (tmp_path / "out" / entry["pack"]).is_file() and (tmp_path / "out" / entry["still"]).is_file()
