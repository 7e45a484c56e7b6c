"""Explorers of the initialization chapter against formulas and networks written out by hand."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from nnlab.widgets import Explorer
from nnlab.widgets.grid import states
from nnlab.widgets.initialization import input_scaling, signal_depth, symmetry, variance_propagation
from nnlab.widgets.initialization.deep import standardized_digits

variances = sys.modules[variance_propagation.__module__]
scaling = sys.modules[input_scaling.__module__]


@pytest.mark.parametrize(
    "explorer", [signal_depth, symmetry, input_scaling, variance_propagation], ids=lambda e: e.name
)
def test_goals_take_a_move_and_can_be_reached(explorer: Explorer) -> None:
    assert not any(explorer.compute()[goal.met] for goal in explorer.goals)
    missing = {goal.met for goal in explorer.goals}
    for state in reversed(states(explorer)):
        results = explorer.compute(**state)
        missing = {name for name in missing if not results[name]}
        if not missing:
            break
    assert not missing


@pytest.mark.parametrize("q", [1e-3, 0.3, 1.0, 40.0])
def test_the_variance_of_linear_and_relu_layers_is_a_product(q: float) -> None:
    """E[z²] = q, and half of it where z < 0 is cut off; E[σ(z)²] = ¼ + E[tanh²(z/2)]/4, since tanh is odd."""
    assert variances.next_variance(q, "linear", 1.5) == pytest.approx(1.5 * q, rel=1e-9)
    assert variances.next_variance(q, "relu", 1.5) == pytest.approx(0.75 * q, rel=1e-9)
    half_angle = variances.next_variance(q / 4, "tanh", 1.0)
    assert variances.next_variance(q, "sigmoid", 1.0) == pytest.approx(0.25 + half_angle / 4, rel=1e-9)


@pytest.mark.parametrize("q", [0.3, 4.0])
def test_the_variance_of_tanh_layers_is_that_of_samples(q: float) -> None:
    sampled = np.tanh(np.sqrt(q) * np.random.default_rng(0).normal(size=2_000_000)) ** 2
    error = 5 * sampled.std() / np.sqrt(len(sampled))
    assert variances.next_variance(q, "tanh", 1.0) == pytest.approx(sampled.mean(), abs=error)


def test_measured_variance_is_that_of_a_network_written_out() -> None:
    z = standardized_digits()[0][0][: variances.IMAGES].astype(float)
    expected = []
    for w in variances.draws(10)[2]:
        z = z @ (np.sqrt(1.75) * w)
        expected.append(np.mean(z**2))
        z = np.maximum(z, 0)
    np.testing.assert_allclose(variances.measured("relu", 1.75, 10)[2], expected, rtol=1e-9)


def test_gradients_by_depth_are_products_of_jacobians() -> None:
    """∂L/∂a of one layer is that of the next, times its derivative, times its weights: from the end to the start."""
    results = signal_depth.compute(scheme="xavier", activation="tanh", depth=5)
    module = sys.modules[signal_depth.__module__]
    (x, y), _ = standardized_digits()
    x, y = x[: module.IMAGES].astype(float), y[: module.IMAGES]
    dense = module.deep_network("xavier", "tanh", 5, module.WIDTH).layers[::2]
    outputs = [x]
    for layer in dense[:-1]:
        outputs.append(np.tanh(outputs[-1] @ layer.W))
    logits = outputs[-1] @ dense[-1].W
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    g = p / len(y) @ dense[-1].W.T
    expected = []
    for a, layer in zip(outputs[:0:-1], dense[-2::-1], strict=True):
        expected.append(np.sqrt(np.mean(g**2)))
        g = g * (1 - a**2) @ layer.W.T
    np.testing.assert_allclose(results["gradient"][0], expected[::-1], rtol=1e-8)
    np.testing.assert_allclose(results["spread"], [np.sqrt(a.var(axis=0).mean()) for a in outputs[1:]], rtol=1e-8)


def test_descent_on_raw_inputs_is_the_power_of_a_matrix() -> None:
    """w − w* is multiplied by 1 − lr·H at each step, H = 2xᵀx/N."""
    x, y = scaling.examples(1.0, 3.2)
    best = np.linalg.solve(x.T @ x, x.T @ y)[:, 0]
    hessian = 2 * x.T @ x / len(x)
    results = input_scaling.compute(spread=3.2, mean=1.0, share=0.5)
    step = np.eye(2) - hessian / np.linalg.eigvalsh(hessian)[-1]
    start = np.array([-1.0, 2.0 / 3.2])
    for t in (1, 7, 40):
        expected = best + np.linalg.matrix_power(step, t) @ (start - best)
        np.testing.assert_allclose([results["raw_1"][t], results["raw_2"][t]], expected, rtol=1e-9)
    assert results["condition"] == pytest.approx(np.linalg.cond(hessian))


def test_equal_units_stay_equal_to_the_last_bit_and_a_little_noise_parts_them() -> None:
    for start in (0.0, 0.5):
        for activation in ("tanh", "relu", "sigmoid"):
            assert symmetry.compute(noise=0.0, start=start, activation=activation)["difference"].max() == 0
    parted = symmetry.compute(noise=1e-4, start=0.5, activation="tanh")["difference"]
    assert parted[0] < 1e-3 < 1 < parted[-1]
