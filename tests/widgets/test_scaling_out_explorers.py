"""Explorers of scaling out against finite differences, a ring simulated message by message, and plain training."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from nnlab import Network
from nnlab.gradcheck import numerical_gradient
from nnlab.widgets.grid import states
from nnlab.widgets.scaling_out import large_batch, shards, speed_up

pieces = sys.modules[shards.__module__]
times = sys.modules[speed_up.__module__]
batches = sys.modules[large_batch.__module__]


def test_gradients_are_those_of_the_loss() -> None:
    expected = numerical_gradient(lambda w: float(pieces.losses(w)), pieces.START.copy())
    for ordered in (False, True):
        np.testing.assert_allclose(pieces.gradient(pieces.START, *pieces.examples(ordered)), expected, rtol=1e-6)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("shares", list(pieces.SHARES))
def test_by_examples_leads_where_the_big_batch_leads(shares: str, ordered: bool) -> None:
    assert sum(pieces.SHARES[shares]) == pieces.N
    results = shards.compute(shares=shares, ordered=ordered)
    np.testing.assert_allclose(results["path_weighted"], results["path_whole"], atol=1e-12)
    assert (results["off"][1] < 1e-9) == (shares == "even")


def ring_bytes(workers: int, parameters: int) -> tuple[np.ndarray, int, int]:
    """All-reduce by a ring, message by message: the sums, bytes sent by a worker, and messages it waits for."""
    values = np.random.default_rng(0).normal(size=(workers, parameters))
    chunks = [list(np.array_split(row, workers)) for row in values]
    sent = messages = 0
    for phase in range(2):
        for round_ in range(workers - 1):
            moved = [
                (r, (r - round_ + phase) % workers, chunks[r][(r - round_ + phase) % workers]) for r in range(workers)
            ]
            for r, c, chunk in moved:
                neighbour = chunks[(r + 1) % workers]
                neighbour[c] = chunk if phase else neighbour[c] + chunk
            sent += moved[0][2].size * times.BYTES
            messages += 1
    for row in chunks:
        np.testing.assert_allclose(np.concatenate(row), values.sum(axis=0), rtol=1e-9)
    return values, sent, messages


@pytest.mark.parametrize("workers", [2, 4, 8])
def test_the_ring_sends_what_the_model_counts(workers: int) -> None:
    parameters, link = 6400, 1.25
    _, sent, messages = ring_bytes(workers, parameters)
    expected = sent / (link * 1e9) + messages * times.LATENCY
    assert times.reduce_time(np.array(workers), parameters, link) == pytest.approx(expected)


def test_speed_up_by_hand() -> None:
    """10⁷ parameters, 1,024 examples, 16 cores of 10¹¹ operations/s at 1.25 GB/s; a hundredth cannot be shared."""
    one = 6e7 * 1024 / 1e11
    fixed = one / 99
    sixteen = 6e7 * 64 / 1e11 + fixed + 30 * (1e-5 + 4e7 / 16 / 1.25e9)
    results = speed_up.compute()
    assert results["gain"][4] == pytest.approx((one + fixed) / sixteen)
    assert results["amdahl"] == pytest.approx((one + fixed) / fixed)
    assert (results["silent"] < results["amdahl"]).all()


def test_a_batch_of_1_worker_each_is_the_same_either_way() -> None:
    for growing in (False, True):
        assert speed_up.compute(growing=growing)["gain"][0] == pytest.approx(1)


def test_rules_for_the_rate() -> None:
    assert [batches.scaled(0.05, 256, rule) for rule in batches.RULES] == pytest.approx([0.8, 0.2, 0.05])


@pytest.mark.parametrize(("rate", "batch", "warm"), [(1.6, 256, True), (1.6, 512, False), (6.4, 1024, True)])
def test_no_curve_hangs_on_rounding(monkeypatch: pytest.MonkeyPatch, rate: float, batch: int, warm: bool) -> None:
    """Weights moved in their last place lead to the same curve, where steps are too long as well."""
    curve, wrong = batches.train.__wrapped__(rate, batch, warm)

    def moved(*arguments: Any, **options: Any) -> Network:
        network = Network(*arguments, **options)
        network.flat_parameters[:] *= 1 + 8 * np.finfo(network.dtype).eps
        return network

    monkeypatch.setattr(batches, "Network", moved)
    again, wrong_again = batches.train.__wrapped__(rate, batch, warm)
    np.testing.assert_allclose(again, curve, rtol=1e-3)
    assert wrong_again == wrong


def test_goals_take_a_move_and_can_be_reached() -> None:
    assert not speed_up.compute()["fast"]
    assert any(speed_up.compute(**state)["fast"] for state in states(speed_up))
    base, _ = batches.train(0.025, 16, False)
    large, _ = batches.train(batches.scaled(0.025, 512, "linear"), 512, False)
    assert large[-1] < 1.25 * base[-1]
