"""The benchmark's own machinery: same problem for all, ratios within a round, results as table, plot and numbers."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks import measure, report
from benchmarks.contestants import CONTESTANTS
from benchmarks.measure import Failure, Result
from benchmarks.problems import PROBLEMS

PRODUCTS, PLAIN = "matrix products alone", "nnlab, NumPy alone"


def test_a_brief_run_times_every_contestant_in_every_round(monkeypatch, tmp_path):
    monkeypatch.setattr(measure, "WARM_UP_SECONDS", 0.01)
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    told = []
    result = measure.measure(
        Path(sys.executable), "cpu", [PRODUCTS, PLAIN], 1, rounds=3, seconds=0.005, tell=lambda *what: told.append(what)
    )
    assert result.failures == [] and sum(done for _, done in told) == 2 * 3 * len(PROBLEMS["cpu"])
    for times in result.times.values():
        assert list(times) == [PRODUCTS, PLAIN]
        assert all(len(timings) == 3 and min(timings) > 0 for timings in times.values())
    assert result.versions["numpy"] == np.__version__

    path = report.Report("cpu", ["Some facts."], [result], [PRODUCTS, PLAIN]).write()
    assert PLAIN in path.read_text("utf-8")
    stored = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert stored["results"][0]["times"] == result.times
    assert ElementTree.parse(path.with_suffix(".svg")).getroot().tag.endswith("svg")


def test_a_contestant_that_cannot_start_is_reported_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr(measure, "WARM_UP_SECONDS", 0.0)
    monkeypatch.setattr(measure, "PROBLEMS", {"cpu": {"tiny": PROBLEMS["cpu"]["tiny"]}})
    titles = [PRODUCTS, "PyTorch eager", PLAIN]
    result = measure.measure(Path(sys.executable), "cpu", titles, 1, 1, 0.001, lambda *what: None)
    assert list(result.times["tiny"]) == [PRODUCTS, PLAIN]
    assert result.failures == ["2-16-16-2, batch 32: PyTorch eager: ModuleNotFoundError: No module named 'torch'"]


def test_a_process_that_dies_is_a_failure():
    with (
        measure.worker(Path(sys.executable), "cpu", "no such contestant", 1) as worker,
        pytest.raises(Failure, match="no such contestant: KeyError"),
    ):
        worker.train("tiny", 1)
    with measure.worker(Path(sys.executable), "cpu", PLAIN, 1) as worker:
        worker.process.kill()
        worker.process.wait()
        with pytest.raises(Failure, match=r"nnlab, NumPy alone: its process ended with code -9"):
            worker.train("tiny", 1)


@pytest.mark.parametrize(
    "title, curve, passes",
    [
        ("JAX jit + optax", [1.0, 0.9, 0.8], True),
        ("JAX jit + optax", [1.0, 0.9, 0.85], False),
        ("JAX jit + optax", [1.0, np.nan, 0.8], False),
        ("scikit-learn", [1.0, 0.95, 0.9], True),  # one output instead of two: other steps
        ("scikit-learn", [1.1, 0.95, 0.9], False),
        ("scikit-learn", [1.0, 1.0, 1.0], False),
        (PRODUCTS, None, True),
    ],
)
def test_whoever_trains_something_else_is_refused(title, curve, passes):
    reference = [1.0, 0.9, 0.8]
    long = {PLAIN: np.repeat(reference, 17), title: None if curve is None else np.repeat(curve, 17)}
    if passes:
        measure.check_losses("cpu", "tiny", long)
    else:
        with pytest.raises(Failure, match="does not train 2-16-16-2, batch 32 as nnlab, NumPy alone does"):
            measure.check_losses("cpu", "tiny", long)


def test_ratios_are_taken_within_a_round():
    times = {PRODUCTS: [1e-6, 100e-6, 1e-6], PLAIN: [2e-6, 200e-6, 3e-6]}
    result = Result(1, {"tiny": times})
    found = report.Report("cpu", [], [result], [PRODUCTS, PLAIN, "scikit-learn"])
    assert found.ratios(result, "tiny", PLAIN) == pytest.approx((2, 2, 2.5))
    rows = found.table(result).splitlines()
    assert rows[2:] == [f"| {PRODUCTS} | 1.0 µs |", f"| {PLAIN} | 3.0 µs, 2.00× (2.00–2.50) |", "| scikit-learn | – |"]


def test_contestants_and_problems_of_both_devices_have_names_of_their_own():
    for device in ("cpu", "cuda"):
        assert len(CONTESTANTS[device]) >= 6 and len(PROBLEMS[device]) == 3
        assert not next(iter(CONTESTANTS[device].values())).learns
