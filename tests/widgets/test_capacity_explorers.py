"""Explorers of capacity against interpolation, exact linearity and folds counted by hand."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from nnlab import Network
from nnlab.layers import Dense, ReLU
from nnlab.losses import MeanSquaredError
from nnlab.widgets.capacity import cross_validation, shrink_to_linear, target_curve
from nnlab.widgets.grid import states

curves = sys.modules[target_curve.__module__]
scale = sys.modules[shrink_to_linear.__module__]
folds = sys.modules[cross_validation.__module__]


@pytest.mark.parametrize("target", ["wave", "step", "zigzag"])
@pytest.mark.parametrize("width", [4, 16])
def test_relu_weights_set_by_hand_interpolate(width: int, target: str) -> None:
    net = curves.set_by_hand(width, "relu", target)
    knots = np.linspace(-1, 1, width + 1)
    expected = np.interp(curves.X, knots, curves.TARGETS[target](knots))
    np.testing.assert_allclose(net.forward(curves.X[:, None])[:, 0], expected, atol=1e-9)


def test_tanh_weights_set_by_hand_step_through_the_levels() -> None:
    net = curves.set_by_hand(8, "tanh", "wave")
    knots = np.linspace(-1, 1, 9)
    np.testing.assert_allclose(net.forward(knots[:, None])[:, 0], curves.TARGETS["wave"](knots), atol=1e-9)


def test_kinks_are_where_units_switch_and_the_slope_changes() -> None:
    """−b/w of every unit, but for two that switch at one place and cancel."""
    net = Network([Dense(1, 5), ReLU(), Dense(5, 1)], loss=MeanSquaredError(), dtype="float64")
    hidden, _, out = net.layers
    hidden.W[:], hidden.b[:] = [[1, 1, -2, 1, -1]], [0.5, -0.25, 1.5, -0.6, 0.6]
    out.W[:, 0] = [1, -2, 0.5, 1, -1]  # relu(z) − relu(−z) = z has no kink
    np.testing.assert_allclose(curves.kinks(net), [-0.5, 0.25, 0.75], atol=1e-3)


def test_bend_is_0_for_a_line_and_1_for_what_no_line_follows() -> None:
    assert scale.bend(3 - 2 * scale.X) < 1e-12
    assert scale.bend(scale.X**2) == pytest.approx(1)
    assert scale.bend(np.ones_like(scale.X)) == 0
    line, cubic = scale.X, 2.5 * scale.X**3 - 1.5 * scale.X  # Legendre polynomials are orthogonal
    assert scale.bend(line + cubic) == pytest.approx(np.sqrt(1 / 7) / np.sqrt(1 / 3 + 1 / 7), abs=0.01)


def test_tanh_networks_straighten_and_relu_networks_keep_their_shape() -> None:
    """tanh z = z − z³/3 + …: a tenth of the scale leaves a hundredth of the bend. max(0, sz) = s·max(0, z)."""
    tanh = scale.bends("tanh", 1, 0.0)
    assert tanh[6] / tanh[0] == pytest.approx(100, rel=0.15)
    relu = scale.bends("relu", 1, 0.0)
    np.testing.assert_allclose(relu, relu[0], rtol=1e-9)


def test_relus_that_are_all_on_make_a_product_of_matrices() -> None:
    results = shrink_to_linear.compute(activation="relu", scale=0.01, depth=3, added=1.0)
    assert results["on"] == 36 and results["linear"]
    weights = [0.01 * w for w, _ in scale.drawn("relu", 3).weights]
    slope = np.linalg.multi_dot(weights).item()
    curve, _ = scale.scaled("relu", 3, 1.0, 0.01)
    np.testing.assert_allclose(np.diff(curve) / np.diff(scale.X), slope, rtol=1e-6)


def test_the_one_standard_error_rule() -> None:
    mean, deviation = np.array([0.9, 0.42, 0.41, 0.35, 0.36]), np.array([0.1, 0.2, 0.1, 0.06, 0.01])
    assert folds.one_standard_error(mean, deviation) == 2
    assert folds.one_standard_error(mean, np.full(5, 0.01)) == 3


def test_every_fold_is_held_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With networks that predict 0, the mean of squares over the folds is that of all targets."""
    monkeypatch.setattr(folds, "STEPS", 0)
    monkeypatch.setattr(folds, "error", lambda net, x, y: float((y**2).mean()))
    results = folds.cross_validation.compute(n=40, width=3, split=2)
    assert results["mean"] == pytest.approx(np.full(6, (results["y"] ** 2).mean()))
    folds.truth.cache_clear()


def test_goals_take_a_move_and_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not shrink_to_linear.compute()["linear"]
    assert any(shrink_to_linear.compute(**state)["linear"] for state in states(shrink_to_linear))
    net, error = curves.train(4, 4, "tanh", "wave")
    assert error < 0.05 and net.flat_parameters.size < 100
