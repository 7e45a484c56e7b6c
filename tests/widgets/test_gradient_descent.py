"""Explorers of gradient descent against closed forms."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from nnlab import Network, fit
from nnlab import data as datasets
from nnlab.layers import Dense, Tanh
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import SGD
from nnlab.widgets import Explorer
from nnlab.widgets.gradient_descent import batch_noise, landscapes, race_by_time, ravine, step_size
from nnlab.widgets.gradient_descent.surfaces import SURFACES
from nnlab.widgets.grid import states


def goals_met(explorer: Explorer) -> dict[str, int]:
    """In how many states each goal is met."""
    met = dict.fromkeys((goal.met for goal in explorer.goals), 0)
    for state in states(explorer):
        results = explorer.compute(**state)
        for name in met:
            met[name] += bool(results[name])
    return met


@pytest.mark.parametrize("explorer", [step_size, ravine, landscapes], ids=lambda e: e.name)
def test_goals_take_a_move_and_can_be_reached(explorer: Explorer) -> None:
    start = explorer.compute()
    assert not any(start[goal.met] for goal in explorer.goals)
    assert all(count > 0 for count in goals_met(explorer).values())


@pytest.mark.parametrize("curvature", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("lr", [0.05, 0.5, 0.75, 1.25])
def test_each_step_multiplies_the_weight_by_one_minus_lr_times_curvature(lr: float, curvature: float) -> None:
    results = step_size.compute(lr=lr, curvature=curvature)
    np.testing.assert_allclose(results["path"], -3 * (1 - lr * curvature) ** np.arange(31), rtol=1e-9)
    np.testing.assert_allclose(results["loss"], 0.5 * curvature * results["path"] ** 2, rtol=1e-12)


def test_words_tell_the_border_2_over_lambda() -> None:
    for state in states(step_size):
        words = step_size.words(step_size.compute(**state), **state)
        product = state["lr"] * state["curvature"]
        if product > 2 + 1e-9:
            growth = 2 * math.log(product - 1)
            step = math.floor(math.log(100) / growth) + 1  # the first t with (lr·λ − 1)^(2t) > 100
            assert (f"diverged at step {step}:" if step <= 30 else "diverging slowly") in words, state
        else:
            assert "diverg" not in words, state
            assert ("for ever" in words) == (abs(product - 2) < 1e-9), state


@pytest.mark.parametrize("steep", [2, 10, 50])
def test_the_best_rate_of_a_ravine_shrinks_both_directions_alike(steep: int) -> None:
    best = float(ravine.compute(steep=steep)["best"])
    results = ravine.compute(lr=best, steep=steep)
    shrinks = (steep - 1) / (steep + 1)
    for path in (results["path1"], results["path2"]):
        np.testing.assert_allclose(np.abs(path[1:4] / path[:3]), shrinks, rtol=1e-9)


def test_a_ravine_diverges_beyond_2_over_its_steepest_curvature() -> None:
    for state in states(ravine):
        results = ravine.compute(**state)
        product = state["lr"] * state["steep"]
        if abs(product - 2) > 1e-9:
            assert (results["across"][-1] > results["across"][0]) == (product > 2), state


def test_one_batch_of_all_follows_the_linear_recursion() -> None:
    """w − w* is multiplied by I − lr·H at each update, with H = 2 (mean x², mean x; mean x, 1)."""
    module = sys.modules[batch_noise.__module__]
    x, y = module.examples()
    design = np.hstack([x, np.ones_like(x)])
    hessian = 2 * design.T @ design / len(x)
    best = np.linalg.solve(design.T @ design, design.T @ y[:, 0])
    matrix = np.eye(2) - 0.22 * hessian
    results = batch_noise.compute(batch=128, lr=0.22, seed=0)
    expected = [best + np.linalg.matrix_power(matrix, t) @ (module.START - best) for t in range(7)]
    np.testing.assert_allclose(np.stack([results["path1"], results["path2"]], axis=1), expected, atol=1e-10)
    np.testing.assert_allclose(results["bottom"], np.mean((design @ best - y[:, 0]) ** 2), rtol=1e-12)


def test_noise_falls_with_the_root_of_the_batch() -> None:
    module = sys.modules[batch_noise.__module__]
    x, y = module.examples()
    slope, intercept = module.START
    residuals = 2 * (slope * x + intercept - y)
    each = np.hstack([residuals * x, residuals])
    spread = np.sqrt(np.sum(each.var(axis=0))) / np.linalg.norm(each.mean(axis=0))
    measured, theory = module.noise()
    np.testing.assert_allclose(measured[0], spread, rtol=1e-9)
    sizes = np.array(module.BATCHES)
    np.testing.assert_allclose(theory, spread * np.sqrt((128 - sizes) / 127 / sizes), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(measured, theory, rtol=0.2, atol=1e-12)


@pytest.mark.parametrize("name", SURFACES)
def test_surfaces_have_their_gradients_and_named_places(name: str) -> None:
    surface = SURFACES[name]
    rng, h = np.random.default_rng(0), 1e-5
    for x, y in rng.uniform(-2, 2, (20, 2)):
        numeric = [
            (surface.loss(x + h, y) - surface.loss(x - h, y)) / (2 * h),
            (surface.loss(x, y + h) - surface.loss(x, y - h)) / (2 * h),
        ]
        np.testing.assert_allclose(surface.gradient(x, y), numeric, atol=1e-7)
    for place in surface.places.values():
        np.testing.assert_allclose(surface.gradient(*place), 0, atol=1e-9)
    side = np.linspace(-2, 2, 801)
    np.testing.assert_allclose(surface.loss(side, side[:, None]).min(), surface.least, atol=1e-4)


def test_only_noise_leaves_a_ridge() -> None:
    calm = landscapes.compute(surface="saddle", y=0.0, lr=0.24, noisy=False)
    assert (calm["path2"] == 0).all()
    noisy = landscapes.compute(surface="saddle", y=0.0, lr=0.24, noisy=True)
    assert abs(abs(noisy["path2"][-1]) - 1) < 0.3


def test_the_race_is_the_training_that_fit_does() -> None:
    module = sys.modules[race_by_time.__module__]
    x, y = datasets.two_moons(512, noise=0.1, seed=0)
    net = Network([Dense(2, 16), Tanh(), Dense(16, 2)], loss=SoftmaxCrossEntropy(), seed=0, dtype="float64")
    history = fit(net, SGD(lr=module.RATES[512]), x, y, batch_size=512, epochs=60)
    early = module.CHECKS[module.CHECKS < 60]
    np.testing.assert_allclose(module.losses(512)[: len(early)], np.array(history.step_loss)[early], rtol=1e-6)


@pytest.mark.parametrize(
    ("batch", "overhead", "lanes", "cost"),
    [(1, 10, 8, 11), (32, 10, 8, 14), (512, 10, 8, 74), (512, 1, 512, 2), (8, 0, 64, 1)],
)
def test_an_update_costs_a_fixed_part_and_its_loads(batch: int, overhead: float, lanes: int, cost: float) -> None:
    module = sys.modules[race_by_time.__module__]
    assert module.seconds_an_update(batch, overhead, lanes) == cost
