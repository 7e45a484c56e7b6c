"""Schedules against PyTorch's stored rates, their formulas, and what they refuse."""

import json
import math
import pickle
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nnlab import schedules
from nnlab.schedules import CosineDecay, OneCycle, StepDecay, WarmUp

ORACLE = json.loads((Path(__file__).parent / "oracles" / "optimizers.json").read_text())["schedules"]
BASE = {"StepDecay": "lr", "CosineDecay": "lr", "WarmUp": "then", "OneCycle": "peak"}
EVERY = [StepDecay(0.7, 7, 0.3), CosineDecay(0.7, 40), WarmUp(8, 0.7), OneCycle(0.7, 40)]
every_schedule = pytest.mark.parametrize("schedule", EVERY, ids=lambda schedule: type(schedule).__name__)


@pytest.mark.parametrize("case", ORACLE, ids=lambda case: f"{case['schedule']}-{case['arguments']}")
def test_follows_pytorch(case: dict) -> None:
    schedule = getattr(schedules, case["schedule"])(**{BASE[case["schedule"]]: 0.7}, **case["arguments"])
    np.testing.assert_allclose([schedule(step) for step in range(40)], case["rates"], rtol=1e-12, atol=1e-16)


def test_step_decay_falls_after_every_so_many_steps() -> None:
    assert [StepDecay(8.0, every=2, factor=0.5)(step) for step in range(7)] == [8, 8, 4, 4, 2, 2, 1]
    assert StepDecay(1.0, every=1)(3) == pytest.approx(0.001)
    assert StepDecay(1.0, every=5, factor=1.0)(1000) == 1.0


def test_cosine_decay_ends_at_final_and_stays() -> None:
    schedule = CosineDecay(0.5, steps=10, final=0.1)
    assert schedule(0) == 0.5
    assert schedule(5) == pytest.approx(0.3)
    assert [schedule(step) for step in (10, 11, 1000)] == [0.1] * 3
    assert CosineDecay(0.5, steps=10)(10) == 0.0


def test_warm_up_climbs_to_the_next_schedules_start_and_hands_over() -> None:
    after = CosineDecay(0.8, steps=10)
    schedule = WarmUp(4, then=after)
    assert [schedule(step) for step in range(4)] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert [schedule(step) for step in range(4, 20)] == [after(step) for step in range(16)]
    assert [WarmUp(2, 0.5)(step) for step in range(5)] == [0.25, 0.5, 0.5, 0.5, 0.5]
    assert WarmUp(2, lambda step: 3.0 + step)(5) == 6.0
    assert WarmUp(1, 0.5)(0) == 0.5


def test_one_cycle_rises_to_its_peak_and_falls_far_below_its_start() -> None:
    schedule = OneCycle(2.0, steps=100)
    rates = [schedule(step) for step in range(100)]
    assert rates[0] == pytest.approx(2.0 / 25)
    assert rates[29] == max(rates) == 2.0
    assert all(a < b for a, b in pairwise(rates[:30]))
    assert all(a > b for a, b in pairwise(rates[29:]))
    assert rates[99] == schedule(100) == schedule(10**6) == pytest.approx(2.0 / 25 / 1e4)


@pytest.mark.parametrize("rise", [0.0, 0.005, 0.01, 0.02, 0.995])
def test_one_cycle_may_rise_for_hardly_any_or_nearly_all_steps(rise: float) -> None:
    rates = [OneCycle(1.0, 100, rise=rise)(step) for step in range(101)]
    assert all(0 < rate <= 1 for rate in rates)
    assert rates[-1] == rates[99] == pytest.approx(1 / 25 / 1e4)
    assert OneCycle(1.0, 1)(0) == pytest.approx(1 / 25 / 1e4)


@every_schedule
def test_rates_are_numbers_a_learning_rate_may_be(schedule) -> None:
    for step in [*range(100), 10**9]:
        assert type(schedule(step)) is float
        assert math.isfinite(schedule(step)) and schedule(step) >= 0
        assert schedule(np.int64(step)) == schedule(step)


@every_schedule
def test_a_schedule_is_plain_data(schedule) -> None:
    assert pickle.loads(pickle.dumps(schedule)) == schedule
    assert type(schedule).__name__ in repr(schedule)
    with pytest.raises(AttributeError):
        schedule.steps = 3


@every_schedule
def test_a_step_is_a_whole_number_from_0(schedule) -> None:
    with pytest.raises(ValueError, match="step must be at least 0, got -1"):
        schedule(-1)
    with pytest.raises(TypeError, match=r"step must be a whole number, got 1\.5"):
        schedule(1.5)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda bad: StepDecay(bad, 3), "lr"),
        (lambda bad: StepDecay(0.1, 3, bad), "factor"),
        (lambda bad: CosineDecay(bad, 3), "lr"),
        (lambda bad: CosineDecay(0.1, 3, bad), "final"),
        (lambda bad: WarmUp(3, bad), "then"),
        (lambda bad: OneCycle(bad, 3), "peak"),
        (lambda bad: OneCycle(0.1, 3, rise=bad), "rise"),
        (lambda bad: OneCycle(0.1, 3, start_divisor=bad), "start_divisor"),
        (lambda bad: OneCycle(0.1, 3, end_divisor=bad), "end_divisor"),
    ],
)
def test_numbers_out_of_range_are_refused_by_name(make, name: str) -> None:
    for bad in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match=f"^{name} must be "):
            make(bad)
    with pytest.raises(TypeError, match=f"^{name} must be "):
        make("0.1")


def test_ends_of_intervals() -> None:
    for schedule in (StepDecay(0.0, 1), CosineDecay(0.0, 1), WarmUp(1, 0.0), OneCycle(0.0, 1)):
        assert schedule(0) == 0.0
    assert OneCycle(1.0, 10, start_divisor=1, end_divisor=1)(0) == 1.0
    for make, name in (
        (lambda: StepDecay(0.1, 1, factor=0.0), "factor"),
        (lambda: StepDecay(0.1, 1, factor=1.01), "factor"),
        (lambda: OneCycle(0.1, 9, rise=1.0), "rise"),
        (lambda: OneCycle(0.1, 9, start_divisor=0.99), "start_divisor"),
        (lambda: OneCycle(0.1, 9, end_divisor=0.99), "end_divisor"),
    ):
        with pytest.raises(ValueError, match=f"^{name} must be "):
            make()


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda bad: StepDecay(0.1, bad), "every"),
        (lambda bad: CosineDecay(0.1, bad), "steps"),
        (lambda bad: WarmUp(bad, 0.1), "steps"),
        (lambda bad: OneCycle(0.1, bad), "steps"),
    ],
)
def test_counts_are_whole_numbers_from_1(make, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be at least 1, got 0"):
        make(0)
    for bad in (2.0, "2", True, None):
        with pytest.raises(TypeError, match=f"^{name} must be a whole number"):
            make(bad)
