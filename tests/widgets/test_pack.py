"""Packs hold what compute returned: read back by the front end's own code and compared with the arrays themselves."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from samples import FIELD, FREE, LINEAR, LOG, make

from nnlab.widgets import CHAPTERS, Slider, load_all
from nnlab.widgets.encoding import DRAWN_BITS, LINE_STEPS, RATIO_BITS
from nnlab.widgets.grid import evaluate, states
from nnlab.widgets.pack import make_pack


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The samples are in no registry, so that no other process could find them."""
    monkeypatch.setattr("nnlab.widgets.grid.WORTH_PROCESSES", float("inf"))


SETTINGS = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example starts Node: shrinking would take minutes
)
SLOW = 2.0
SINGLE = st.floats(width=32, allow_nan=True, allow_infinity=True)
WHOLE = st.one_of(st.integers(-(2**15), 2**15), st.integers(-(2**31), 2**31), st.integers(-(2**53), 2**53))


def arrays_of(shape: tuple[int, ...], elements: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, (3, 3, *shape), elements=elements)


def read(
    run: Callable[..., Any], pack: bytes, folder: Path, names: list[str], wanted: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """States of a pack as the front end reads them, with arrays for its lists."""
    path = folder / "sample.bin"
    path.write_bytes(pack)
    answers = run("read_pack", [{"pack": str(path), "names": names, "state": {"t": 0, **state}} for state in wanted])
    for answer in answers:
        for name, found in answer["arrays"].items():
            if found is not None:
                answer["arrays"][name] = np.array([float(v) for v in found["data"]]).reshape(found["shape"])
    return answers


@SETTINGS
@given(
    linear=arrays_of((5,), st.one_of(st.floats(-50, 50), st.sampled_from([np.nan, np.inf, -np.inf]))),
    ratio=arrays_of((4,), SINGLE),
    free=arrays_of((2, 3), SINGLE),
    field=arrays_of((2, 2), SINGLE),
    said=arrays_of((), SINGLE),
    counts=hnp.arrays(np.int64, (3, 3, 3), elements=WHOLE),
)
def test_every_state_comes_back(
    run_typescript: Callable[..., Any], tmp_path: Path, linear: np.ndarray, ratio: np.ndarray, free: np.ndarray,
    field: np.ndarray, said: np.ndarray, counts: np.ndarray,
) -> None:  # fmt: skip
    def compute(p: int, q: str) -> dict[str, Any]:
        at = (p, "abc".index(q))
        return {
            "x": np.arange(5), "linear": linear[at], "ratio": ratio[at], "free": free[at], "field": field[at],
            "said": said[at], "counts": counts[at],
        }  # fmt: skip

    explorer = make(compute, [LINEAR, LOG, FREE, FIELD], describe="{said:.3g}")
    names = ["x", "linear", "ratio", "free", "field", "said", "counts"]
    grid = states(explorer)
    answers = read(run_typescript, make_pack(explorer, evaluate(explorer, progress=False)), tmp_path, names, grid)
    for state, answer in zip(grid, answers, strict=True):
        fresh, got = explorer.compute(**state), answer["arrays"]
        np.testing.assert_array_equal(got["x"], fresh["x"])
        np.testing.assert_array_equal(got["counts"], fresh["counts"])
        np.testing.assert_array_equal(got["said"], fresh["said"])
        np.testing.assert_allclose(got["linear"], fresh["linear"], rtol=0, atol=100 / LINE_STEPS / 2 * 1.001)
        np.testing.assert_allclose(got["ratio"], fresh["ratio"], rtol=2.0 ** -(RATIO_BITS + 1), atol=0)
        np.testing.assert_allclose(got["free"], fresh["free"], rtol=2.0 ** -(DRAWN_BITS + 1), atol=1e-40)
        np.testing.assert_allclose(got["field"], fresh["field"], rtol=2.0 ** -(RATIO_BITS + 1), atol=0)


@SETTINGS
@given(
    st.lists(
        st.text(st.characters(blacklist_characters="{}", blacklist_categories=["Cs"]), max_size=30),
        min_size=9,
        max_size=9,
    )
)
def test_any_words_come_back(run_typescript: Callable[..., Any], tmp_path: Path, texts: list[str]) -> None:
    table = dict(zip(itertools.product(range(3), "abc"), texts, strict=True))
    explorer = make(lambda p, q: {"note": table[p, q]}, describe=lambda s: f"{s.note} 12.5 {s.p}")
    answers = read(
        run_typescript, make_pack(explorer, evaluate(explorer, progress=False)), tmp_path, [], states(explorer)
    )
    for state, answer in zip(states(explorer), answers, strict=True):
        assert answer["said"] == explorer.words(explorer.compute(**state), **state)


def test_shapes_may_differ_from_state_to_state(run_typescript: Callable[..., Any], tmp_path: Path) -> None:
    explorer = make(
        lambda p, q: {"x": np.arange(3.0) + p, "linear": np.linspace(0, 7.7, 2 + 3 * p) + ord(q) - 97}, [LINEAR]
    )
    answers = read(
        run_typescript,
        make_pack(explorer, evaluate(explorer, progress=False)),
        tmp_path,
        ["linear", "x"],
        states(explorer),
    )
    for state, answer in zip(states(explorer), answers, strict=True):
        np.testing.assert_allclose(
            answer["arrays"]["linear"], explorer.compute(**state)["linear"], rtol=0, atol=100 / LINE_STEPS
        )
        np.testing.assert_array_equal(answer["arrays"]["x"], explorer.compute(**state)["x"])


def test_numbers_beyond_float32_are_kept_whole(run_typescript: Callable[..., Any], tmp_path: Path) -> None:
    explorer = make(
        lambda p, q: {"ratio": np.array([1e-200, 1.0, 1e200]) * (p + 1)}, [LOG], describe="{p}{q}{ratio[0]:.1e}"
    )
    for state, answer in zip(
        states(explorer),
        read(run_typescript, make_pack(explorer, _table(explorer, drop="x")), tmp_path, ["ratio"], states(explorer)),
        strict=True,
    ):
        np.testing.assert_array_equal(answer["arrays"]["ratio"], explorer.compute(**state)["ratio"])


def _table(explorer: Any, drop: str) -> Any:
    """All states of an explorer whose panels also name a result it lacks."""
    explorer.uses = [use for use in explorer.uses if use.name != drop]
    return evaluate(explorer, progress=False)


def test_what_does_not_change_is_kept_once() -> None:
    fixed = np.random.default_rng(0).normal(size=5000)
    constant = make(lambda p, q: {"x": fixed, "linear": fixed}, [LINEAR])
    moving = make(lambda p, q: {"x": fixed, "linear": fixed + p + 0.1 * ord(q) * fixed}, [LINEAR])
    small, large = (len(make_pack(e, evaluate(e, progress=False))) for e in (constant, moving))
    assert small < 25_000 and large > 2 * small


def test_the_same_results_give_the_same_bytes() -> None:
    explorer = make(lambda p, q: {"x": [0, 1], "linear": [p, 1.5]}, [LINEAR])
    assert make_pack(explorer, evaluate(explorer, progress=False)) == make_pack(
        explorer, evaluate(explorer, progress=False)
    )


def test_results_that_nothing_shows_are_left_out(run_typescript: Callable[..., Any], tmp_path: Path) -> None:
    explorer = make(lambda p, q: {"x": [0, 1], "linear": [p, 1.5], "spare": np.arange(99)}, [LINEAR])
    (answer, *_) = read(
        run_typescript,
        make_pack(explorer, evaluate(explorer, progress=False)),
        tmp_path,
        ["spare", "x"],
        states(explorer),
    )
    assert answer["arrays"]["spare"] is None and answer["arrays"]["x"] is not None


def test_five_thousand_states_of_words_stay_small() -> None:
    controls = {"p": Slider("p", 0, 49, step=1, initial=0), "q": Slider("q", 0, 99, step=1, initial=0)}
    rng = np.random.default_rng(0)
    explorer = make(
        lambda p, q: {"loss": rng.uniform()},
        describe=lambda s: f"At p = {s.p} and q = {s.q} the loss is {s.loss:.3g} and its root {s.loss**0.5:.3g}.",
        controls=controls,
    )
    assert explorer.state_count == 5000
    assert len(make_pack(explorer, evaluate(explorer, progress=False))) < 60_000


@pytest.mark.parametrize("name", CHAPTERS)
def test_packed_states_are_what_compute_returns(
    name: str, built: Path, manifest: dict[str, Any], run_typescript: Callable[..., Any]
) -> None:
    """Some states of every explorer, fewer where each takes long, computed afresh, beside what its pack says."""
    rng = np.random.default_rng(1)
    for explorer in load_all():
        if name not in explorer.__module__:
            continue
        grid = states(explorer)
        seconds_each = manifest[explorer.name]["seconds"] / len(grid)
        count = min(4 if seconds_each < SLOW else 2, len(grid))
        chosen = [grid[i] for i in rng.choice(len(grid), size=count, replace=False)]
        full = [explorer.fill(state) for state in chosen]
        names = sorted({use.name for use in explorer.uses} - set(explorer.controls))
        pack = str(built / manifest[explorer.name]["pack"])
        answers = run_typescript("read_pack", [{"pack": pack, "names": names, "state": state} for state in full])
        for state, answer in zip(chosen, answers, strict=True):
            fresh = explorer.compute(**state)
            assert answer["words"] == explorer.words(fresh, **state), (explorer.name, state)
            for result in names:
                got = answer["arrays"][result]
                assert got["shape"] == list(fresh[result].shape), (explorer.name, result, state)
                if fresh[result].dtype == object:
                    assert got["data"] == list(fresh[result].ravel())
                else:
                    values = np.array([float(v) for v in got["data"]])
                    wanted = fresh[result].ravel().astype(float)
                    spans = [use.span for use in explorer.uses if use.name == result and use.span is not None]
                    atol = min(spans, default=0.0) / LINE_STEPS
                    np.testing.assert_allclose(
                        values, wanted, rtol=2.0**-RATIO_BITS, atol=atol, err_msg=f"{explorer.name} {result} {state}"
                    )
