"""Explorers of the optimizers against closed forms and rules written out by hand."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from nnlab.widgets import Explorer
from nnlab.widgets.gradient_descent.surfaces import SURFACES
from nnlab.widgets.grid import states
from nnlab.widgets.optimizers import (
    adagrad_sparse,
    adam_adamw_decay,
    bias_correction,
    lars_batch,
    momentum_phase,
    optimizer_race,
    schedules,
)

phase = sys.modules[momentum_phase.__module__]
race = sys.modules[optimizer_race.__module__]


@pytest.mark.parametrize(
    "explorer",
    [momentum_phase, optimizer_race, bias_correction, schedules, adagrad_sparse, lars_batch],
    ids=lambda e: e.name,
)
def test_goals_take_a_move_and_can_be_reached(explorer: Explorer) -> None:
    start = explorer.compute()
    assert not any(start[goal.met] for goal in explorer.goals)
    missing = {goal.met for goal in explorer.goals}
    for state in states(explorer):
        results = explorer.compute(**state)
        missing = {name for name in missing if not results[name]}
        if not missing:
            break
    assert not missing


def test_the_measured_diagram_is_the_theorys() -> None:
    """|z| of the larger root of z² − (1 + β − lr·λ)z + β; √β where the roots are complex."""
    measured = phase.measured_rates()
    for i, beta in enumerate(phase.MOMENTA):
        for k, rate in enumerate(phase.RATES):
            half = (1 + beta - rate) / 2
            inside = half**2 - beta
            expected = np.sqrt(beta) if inside < 0 else abs(half) + np.sqrt(inside)
            # at a double root the error is t·zᵗ, which falls more slowly than zᵗ at first
            assert measured[i, k] == pytest.approx(expected, abs=0.03), (beta, rate)


def test_momentum_diverges_beyond_2_plus_2_beta() -> None:
    for beta in (0.0, 0.5, 0.9):
        border = 2 * (1 + beta)
        inside, outside = phase.walk(np.array([border - 0.05, border + 0.05]), beta, 400)[-1]
        assert abs(inside) < 0.5 and abs(outside) > 2


@pytest.mark.parametrize("ratio", [4.0, 25.0, 100.0])
def test_polyaks_choice_shrinks_every_direction_by_root_beta(ratio: float) -> None:
    """lr = (2/(√λ₁ + √λ₂))² and β = ((√κ − 1)/(√κ + 1))² make both ends critical: (1 − √(lr·λ))² = β."""
    beta = ((np.sqrt(ratio) - 1) / (np.sqrt(ratio) + 1)) ** 2
    lr = (2 / (1 + np.sqrt(ratio))) ** 2
    for curvature in (1.0, ratio):
        np.testing.assert_allclose(np.abs(phase.roots(lr * curvature, beta)), np.sqrt(beta), rtol=1e-6)


@pytest.mark.parametrize("surface", SURFACES)
def test_every_racer_takes_its_own_first_step(surface: str) -> None:
    """From rest: momentum as SGD, Nesterov 1.9 times as far; AdaGrad and Adam by lr, RMSProp by 10 lr a weight."""
    lr = 0.03
    results = optimizer_race.compute(surface=surface, lr=lr)
    start = np.array(SURFACES[surface].start)
    g = np.array(SURFACES[surface].gradient(*start))
    step = np.stack([results["path1"][:, 1], results["path2"][:, 1]], axis=1) - start
    expected = {
        "SGD": -lr * g, "Momentum": -lr * g, "Nesterov": -1.9 * lr * g,
        "AdaGrad": -lr * np.sign(g), "RMSProp": -10 * lr * np.sign(g), "Adam": -lr * np.sign(g),
    }  # fmt: skip
    for name, moved in zip(race.NAMES, step, strict=True):
        np.testing.assert_allclose(moved, expected[name], rtol=1e-4, err_msg=name)


def test_sgd_in_the_ravine_is_a_power() -> None:
    results = optimizer_race.compute(surface="ravine", lr=0.03)
    t = np.arange(101)
    expected = 0.5 * ((1.8 * 0.97**t) ** 2 + 25 * (0.6 * (1 - 0.03 * 25) ** t) ** 2)
    np.testing.assert_allclose(results["above"][0], expected, rtol=1e-9)


def test_a_race_that_diverges_says_who_and_when() -> None:
    words = optimizer_race.words(optimizer_race.compute(surface="ravine", lr=0.3), surface="ravine", lr=0.3)
    factor = 0.3 * 25 - 1
    t = next(t for t in range(100) if 1.62 * 0.7 ** (2 * t) + 4.5 * factor ** (2 * t) > 100 * 6.12)
    assert f"SGD at step {t}" in words


@pytest.mark.parametrize(("beta1", "beta2"), [(0.0, 0.9), (0.9, 0.999), (0.99, 0.9)])
def test_means_are_weighted_sums_and_the_correction_divides_by_the_weights_given(beta1: float, beta2: float) -> None:
    results = bias_correction.compute(beta1=beta1, beta2=beta2, noise=0.5)
    g, t = results["g"], np.arange(1, 101)
    m = np.array([sum((1 - beta1) * beta1 ** (k - i) * g[i - 1] for i in range(1, k + 1)) for k in t])
    v = np.array([sum((1 - beta2) * beta2 ** (k - i) * g[i - 1] ** 2 for i in range(1, k + 1)) for k in t])
    np.testing.assert_allclose(results["m"], m, rtol=1e-9)
    np.testing.assert_allclose(results["v"], v, rtol=1e-9)
    ratio = (1 - beta1**t) / np.sqrt(1 - beta2**t)
    np.testing.assert_allclose(results["raw"] / results["moved"], ratio, rtol=1e-4)
    words = bias_correction.words(results, beta1=beta1, beta2=beta2, noise=0.5)
    longest = int(np.argmax(ratio))
    assert (f"up to {ratio[longest]:.2g} times too long, at step {longest + 1}." in words) == (ratio[longest] > 1.25)


@pytest.mark.parametrize("decay", [0.1, 1.0])
def test_coupled_decay_leaves_s_over_s_plus_decay_and_decoupled_the_same_for_all(decay: float) -> None:
    """Adam with L2 rests where s(w − 1) + λw = 0. AdamW's weights differ by the noise of their runs alone."""
    results = adam_adamw_decay.compute(decay=decay, lr=0.01, noise=1.0)
    scale = np.geomspace(0.01, 100, 13)
    np.testing.assert_allclose(results["coupled"], scale / (scale + decay), atol=0.03)
    assert np.ptp(results["decoupled"]) < 0.04
    assert results["decoupled"].mean() < 0.95


def test_the_rates_are_the_schedules_formulas() -> None:
    steps = 600
    t = np.arange(steps)
    expected = {
        "constant": np.full(steps, 0.32),
        "step": 0.32 * 0.1 ** (t // 200),
        "cosine": 0.16 * (1 + np.cos(np.pi * t / steps)),
        "warm": np.where(t < 60, 0.32 * (t + 1) / 60, 0.16 * (1 + np.cos(np.pi * (t - 60) / 540))),
    }
    for name, rate in expected.items():
        np.testing.assert_allclose(schedules.compute(schedule=name, lr=0.32)["rate"], rate, rtol=1e-9, atol=1e-12)
    cycle = schedules.compute(schedule="cycle", lr=0.32)["rate"]
    assert np.argmax(cycle) == 179 and cycle.max() == pytest.approx(0.32) and cycle[0] == pytest.approx(0.32 / 25)


def test_adagrads_rate_rises_as_one_over_the_root_of_how_often_a_feature_is_on() -> None:
    results = adagrad_sparse.compute()
    seen = results["often"] * 600 >= 5
    slope, _ = np.polyfit(np.log(results["often"][seen]), np.log(results["rate"][seen]), 1)
    assert slope == pytest.approx(-0.5, abs=0.1)


@pytest.mark.parametrize("rule", ["AdaGrad", "RMSProp", "Adam"])
def test_a_rate_for_each_weight_lets_rare_features_catch_up(rule: str) -> None:
    results = adagrad_sparse.compute(rule=rule, lr=1.0)
    assert results["share"] > 2 * results["plain_share"] > 0
    never = adagrad_sparse.compute(rule=rule, exponent=1.5)
    off = never["often"] == 0
    assert off.any() and not never["weight"][off].any() and np.isnan(never["rate"][off]).all()


@pytest.mark.parametrize("batch", [32, 512])
def test_lars_moves_all_layers_by_one_share_and_never_beyond_its_bound(batch: int) -> None:
    """lr · trust/(1 − momentum) = 10 lr · 0.01/0.1 = lr: the longest step a velocity of such gradients can grow to."""
    results = lars_batch.compute(batch=batch)
    momentum, lars = results["longest"]
    assert lars.max() < 1.1 * results["peak"] and lars.max() < 1.3 * lars.min()
    assert momentum.max() > 2 * lars.max()


def test_where_momentum_breaks_lars_still_learns() -> None:
    momentum, lars = lars_batch.compute()["accuracy"]
    assert momentum < 0.5 and lars > 0.8
    small = [lars_batch.compute(scaling=scaling, batch=32) for scaling in ("linear", "root", "none")]
    for other in small[1:]:
        np.testing.assert_array_equal(small[0]["loss"], other["loss"])
    assert np.min(small[0]["accuracy"]) > 0.9


def test_a_run_that_overflows_is_said_to_diverge() -> None:
    lars = sys.modules[lars_batch.__module__]
    run = lars.train("Momentum", 1024, 1e30)
    assert np.isinf(run.loss[-1]) and 0 < run.accuracy < 0.2
    assert lars._fate("Momentum", run).startswith("Momentum diverges in epoch 1, its longest step moves a layer by")
