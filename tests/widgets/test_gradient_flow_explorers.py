"""Explorers of the gradient-flow chapter against products of matrices and finite differences."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from nnlab.widgets import Explorer
from nnlab.widgets.gradient_flow import clipping, depth_repairs, recurrent_norms
from nnlab.widgets.grid import states

time = sys.modules[recurrent_norms.__module__]
cliff = sys.modules[clipping.__module__]
repairs = sys.modules[depth_repairs.__module__]


@pytest.mark.parametrize("explorer", [recurrent_norms, clipping, depth_repairs], ids=lambda e: e.name)
def test_goals_take_a_move_and_can_be_reached(explorer: Explorer) -> None:
    assert not any(explorer.compute()[goal.met] for goal in explorer.goals)
    missing = {goal.met for goal in explorer.goals}
    for state in reversed(states(explorer)):
        if state.get("depth", 5) > 10:
            continue
        results = explorer.compute(**state)
        missing = {name for name in missing if not results[name]}
        if not missing:
            break
    assert not missing


@pytest.mark.parametrize("radius", [0.7, 1.0, 1.4])
def test_without_inputs_an_orthogonal_matrix_multiplies_by_rho_at_every_step(radius: float) -> None:
    results = recurrent_norms.compute(radius=radius, size=0.0, kind="orthogonal")
    for name in ("low", "middle", "high"):
        np.testing.assert_allclose(results[name], radius ** np.arange(time.STEPS), rtol=1e-9)
    np.testing.assert_allclose(np.hypot(results["real"], results["imaginary"]), radius, rtol=1e-9)


def test_with_inputs_the_gradient_is_the_product_of_jacobians() -> None:
    """∂L/∂h_t = W_rec · diag(1 − h²_{t+1}) · ∂L/∂h_{t+1}, for one sequence, step by step."""
    w = 1.2 * time.unit_matrix("random")
    norms, _ = time.backward_norms(w, 0.3)
    rng = np.random.default_rng(1)
    x = 0.3 * rng.normal(size=(time.SEQUENCES, time.STEPS, 1))
    direction = rng.normal(size=(time.SEQUENCES, time.UNITS))
    w_in = time.RNN(1, time.UNITS).initialize(0).W_in[0]
    h, states_h = np.zeros(time.UNITS), []
    for t in range(time.STEPS):
        h = np.tanh(x[3, t, 0] * w_in + h @ w)
        states_h.append(h)
    g, expected = direction[3] / np.linalg.norm(direction[3]), []
    for h in states_h[::-1]:
        expected.append(np.linalg.norm(g))
        g = w @ ((1 - h**2) * g)
    np.testing.assert_allclose(norms[:, 3], expected, rtol=1e-9)


def _loss(w: float, b: float) -> float:
    h = np.tanh(cliff.PULSE + b)
    for _ in range(cliff.TIME - 1):
        h = np.tanh(w * h + b)
    return float((h - cliff.TARGET) ** 2)


def test_the_first_steps_are_those_of_finite_differences_clipped_by_hand() -> None:
    limit, lr, h = 0.095, 0.1, 1e-6
    start = np.array(cliff.STARTS[0])
    slope = np.array([(_loss(*(start + d)) - _loss(*(start - d))) / (2 * h) for d in h * np.eye(2)])
    assert np.linalg.norm(slope) > limit
    expected = {
        "none": slope,
        "value": np.clip(slope, -limit, limit),
        "norm": slope * limit / np.linalg.norm(slope),
    }
    results = clipping.compute(limit=limit, lr=lr, start=0)
    for way, step in expected.items():
        moved = np.array([results[f"{way}_w"][1], results[f"{way}_b"][1]]) - start
        np.testing.assert_allclose(moved, -lr * step, rtol=1e-5, err_msg=way)
        assert results[f"{way}_norm"][0] == pytest.approx(np.linalg.norm(slope), rel=1e-5)


def test_the_map_is_the_units_own_loss() -> None:
    heights = cliff.surface()
    for i, k in ((0, 0), (35, 20), (70, 65)):
        assert heights[i, k] ** 2 == pytest.approx(_loss(cliff.ACROSS[k], cliff.UP[i]), abs=1e-12)


def test_gradients_of_blocks_are_finite_differences() -> None:
    """Along a random direction of each block's weights, for the variant with everything in it."""
    net = repairs.network("both", "tanh", "xavier", 3)
    (x, y), _ = repairs.standardized_digits()
    x, y = x[:64].astype(float), y[:64]
    net.loss_and_gradients(x, y)
    gradients = [g.copy() for g in net.gradients]
    rng = np.random.default_rng(0)
    for parameter, gradient in zip(net.parameters, gradients, strict=True):
        if parameter.shape != (repairs.WIDTH, repairs.WIDTH):
            continue
        direction, h = rng.normal(size=parameter.shape), 1e-5
        losses = []
        for sign in (1, -1):
            parameter += sign * h * direction
            losses.append(net.loss_and_gradients(x, y))
            parameter -= sign * h * direction
        assert np.sum(gradient * direction) == pytest.approx((losses[0] - losses[1]) / (2 * h), rel=1e-5)
