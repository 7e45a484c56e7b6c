"""Explorers of regularization against optimality conditions, ridge regression and nnlab's own layers."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from nnlab import Network, data
from nnlab.layers import Dense
from nnlab.losses import MeanSquaredError
from nnlab.regularizers import L2
from nnlab.widgets.grid import states
from nnlab.widgets.regularization import double_descent, dropout_ensemble, early_stopping, weight_paths

paths = sys.modules[weight_paths.__module__]
dropout = sys.modules[dropout_ensemble.__module__]
stopping = sys.modules[early_stopping.__module__]
descent = sys.modules[double_descent.__module__]


@pytest.mark.parametrize("correlation", [0.0, 0.9])
@pytest.mark.parametrize("lam", [0.42, 1.0])
def test_l1_paths_meet_the_lassos_conditions(lam: float, correlation: float) -> None:
    """The least of the loss + λ·Σ|w|: ∂loss/∂w = −λ·sign(w) where w is not 0, and at most λ in size where it is."""
    w = weight_paths.compute(penalty="L1", lam=lam, correlation=correlation)["w"]
    x, y = paths.examples(correlation)
    slope = 2 * x.T @ (x @ w - y[:, 0]) / len(x)
    np.testing.assert_allclose(slope[w != 0], -lam * np.sign(w[w != 0]), atol=1e-6)
    assert (w == 0).any() and np.abs(slope[w == 0]).max() < lam


@pytest.mark.parametrize("lam", [0.1, 1.0, 10.0])
def test_l2_paths_are_ridge_regression(lam: float) -> None:
    x, y = paths.examples(0.9)
    expected = np.linalg.solve(x.T @ x / len(x) + lam * np.eye(6), x.T @ y[:, 0] / len(x))
    w = weight_paths.compute(penalty="L2", lam=lam, correlation=0.9)["w"]
    np.testing.assert_allclose(w, expected, atol=1e-6)


@pytest.mark.parametrize("penalty", ["L1", "L2"])
def test_the_ball_holds_no_weights_of_less_loss(penalty: str) -> None:
    results = weight_paths.compute(penalty=penalty, lam=0.42, correlation=0.5)
    x, y = paths.examples(0.5)
    candidates = np.tile(results["w"], (49, 1))
    candidates[:, :2] = results["ball"].T
    losses = ((candidates @ x.T - y[:, 0]) ** 2).mean(axis=1)
    assert losses.min() > ((x @ results["w"] - y[:, 0]) ** 2).mean() - 1e-9


@pytest.mark.parametrize("where", ["last", "both"])
def test_thinned_networks_are_what_dropout_trains(where: str) -> None:
    """nnlab's own training passes, whose masks differ from row to row, have the same mean and spread."""
    p = 0.35
    net = dropout.train(p, where)
    rows = np.full((20000, 1), dropout.GRID[30])
    passes = net.forward(rows, training=True)[:, 0]
    curves = dropout.thinned(net, dropout.masks(p, where, 4000, seed=5), p, where)[:, 30]
    error = np.sqrt(passes.var() / len(passes) + curves.var() / len(curves))
    assert abs(passes.mean() - curves.mean()) < 4 * error
    assert curves.std() == pytest.approx(passes.std(), rel=0.06)


def test_with_dropout_in_the_last_layer_alone_the_one_pass_is_the_average() -> None:
    assert dropout_ensemble.compute(p=0.5, where="last")["exact"]
    assert not dropout_ensemble.compute(p=0.5, where="both")["exact"]


def test_an_early_stop_filters_directions_as_the_formula_says() -> None:
    """Full-batch descent from 0 covers 1 − (1 − 2·lr·s)ᵗ of the way along a direction of variance s."""
    results = early_stopping.compute(noise=1.0, batch=32)
    t = np.arange(2, 201, 2)[:, None]
    expected = 1 - (1 - 2 * 0.3 * results["variance"]) ** t
    np.testing.assert_allclose(results["share"], expected, atol=1e-9)


def test_the_l2_solutions_are_stationary_in_nnlab() -> None:
    results = early_stopping.compute(noise=1.0, batch=4)
    lam = float(results["lam"][40])
    net = Network([Dense(24, 1)], loss=MeanSquaredError(), dtype="float64", regularizer=L2(lam))
    net.flat_parameters[:] = [*results["shrunk"][40], 0.0]
    net.loss_and_gradients(*stopping.examples(1.0)[0])
    np.testing.assert_allclose(net.flat_gradients, 0, atol=1e-9)


@pytest.mark.parametrize("width", [56, 1000])
def test_output_weights_are_least_squares_and_ridge(width: int) -> None:
    train, _ = descent.features(width, 0)
    targets = data.one_hot(descent.examples(0.1, 0)[1], 10) - 0.1
    factors = np.linalg.svd(train, full_matrices=False)
    np.testing.assert_allclose(descent.solve(factors, targets, 0.0), np.linalg.pinv(train) @ targets, atol=1e-8)
    square = train.T @ train + 180 * 0.01 * np.eye(width)
    np.testing.assert_allclose(
        descent.solve(factors, targets, 0.01), np.linalg.solve(square, train.T @ targets), atol=1e-8
    )


def test_goals_take_a_move_and_can_be_reached() -> None:
    assert not weight_paths.compute()["right"]
    assert any(weight_paths.compute(**state)["right"] for state in states(weight_paths))
    assert not double_descent.compute()["good"].any()
    assert double_descent.compute(noise=0.4, lam=0.1)["good"].any()
    assert early_stopping.compute()["early"].any() and not early_stopping.compute()["early"].all()
