"""Penalties against finite differences and exact sums, the max-norm constraint, and both in a network."""

import math
import tracemalloc

import numpy as np
import pytest
from strict_arrays import strict

from nnlab import Network, fit
from nnlab.gradcheck import gradient_check, numerical_gradient
from nnlab.layers import Dense, Tanh
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import SGD
from nnlab.regularizers import L1, L2, MaxNorm, Regularizer

W = np.array([[0.5, -2.0, 0.0], [1.5, 0.25, -1.0]])


def gradient(regularizer: Regularizer, w: np.ndarray) -> np.ndarray:
    dw = np.zeros_like(w)
    regularizer.add_gradient(w, dw)
    return dw


def batch(rows: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(rows, 4)), rng.integers(0, 3, rows)


def network(regularizer=None, dtype: str = "float64") -> Network:
    layers = [Dense(4, 5), Tanh(), Dense(5, 3)]
    return Network(layers, loss=SoftmaxCrossEntropy(), seed=1, dtype=dtype, regularizer=regularizer)


def test_values_by_hand() -> None:
    assert L2(0.1).penalty(W) == pytest.approx(0.1 * (0.25 + 4 + 2.25 + 0.0625 + 1), rel=1e-15)
    assert L1(0.1).penalty(W) == pytest.approx(0.1 * (0.5 + 2 + 1.5 + 0.25 + 1), rel=1e-15)
    np.testing.assert_allclose(gradient(L2(0.1), W), [[0.1, -0.4, 0.0], [0.3, 0.05, -0.2]], rtol=1e-14)
    np.testing.assert_allclose(gradient(L1(0.1), W), [[0.1, -0.1, 0.0], [0.1, 0.1, -0.1]], rtol=1e-14)
    assert MaxNorm(1.0).penalty(W) == 0.0
    assert not gradient(MaxNorm(1.0), W).any()


@pytest.mark.parametrize("regularizer", [L1(0.3), L2(0.3)], ids=repr)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(4, 3), (3, 2, 4), (5,), (), (0, 3)])
def test_the_gradient_is_the_penaltys_and_is_added(regularizer: Regularizer, dtype: str, shape) -> None:
    rng = np.random.default_rng(0)
    w, dw = np.asarray(rng.normal(size=shape)), np.asarray(rng.normal(size=shape))
    expected = dw + numerical_gradient(regularizer.penalty, w)
    before, w, dw = w.copy(), w.astype(dtype), dw.astype(dtype)
    regularizer.add_gradient(w, dw)
    assert dw.dtype == dtype
    np.testing.assert_allclose(dw, expected, rtol=1e-5 if dtype == "float32" else 1e-8)
    np.testing.assert_array_equal(w, before.astype(dtype))


@pytest.mark.parametrize("regularizer", [L1(0.3), L2(0.3), MaxNorm(1.0)], ids=repr)
def test_works_on_views_and_on_device_arrays(regularizer: Regularizer) -> None:
    whole = np.random.default_rng(0).normal(size=(6, 8))
    view, part = whole[::2, 1::2], whole[::2, 1::2].copy()
    device, dw, device_dw = strict(part.copy()), np.zeros(part.shape), strict(np.zeros(part.shape))
    assert regularizer.penalty(view) == pytest.approx(float(regularizer.penalty(part)), rel=1e-14)
    assert float(regularizer.penalty(device)) == pytest.approx(float(regularizer.penalty(part)), rel=1e-14)
    regularizer.add_gradient(view, dw)
    regularizer.add_gradient(device, device_dw)
    np.testing.assert_array_equal(dw, gradient(regularizer, part))
    np.testing.assert_array_equal(device_dw.get(), dw)
    for w in (view, device, part):
        regularizer.constrain(w)
    np.testing.assert_allclose(view, part, rtol=1e-14)
    np.testing.assert_allclose(device.get(), part, rtol=1e-14)


@pytest.mark.parametrize("regularizer", [L1(0.3), L2(0.3), MaxNorm(1.0)], ids=repr)
def test_makes_no_array_of_the_weights_size_once_it_has_seen_them(regularizer: Regularizer) -> None:
    weights = [np.ones((400, 300)), np.ones((300, 350))]
    for used in ("once before", "measured"):
        if used == "measured":
            tracemalloc.start()
        try:
            for w in weights:
                regularizer.penalty(w)
                regularizer.add_gradient(w, w)
                regularizer.constrain(w)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < weights[1].nbytes / 10


@pytest.mark.parametrize("rule", [L1, L2])
def test_one_regularizer_serves_networks_of_two_dtypes(rule) -> None:
    both = rule(1 / 3)
    for dtype in ("float32", "float64", "float32"):
        np.testing.assert_array_equal(gradient(both, W.astype(dtype)), gradient(rule(1 / 3), W.astype(dtype)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_max_norm_shortens_only_the_columns_that_are_too_long(dtype: str) -> None:
    w = np.array([[3.0, 0.1, 0.0], [4.0, 0.2, 0.0]], dtype)
    MaxNorm(2.5).constrain(w)
    assert w.dtype == dtype
    np.testing.assert_allclose(w, np.array([[1.5, 0.1, 0.0], [2.0, 0.2, 0.0]], dtype), rtol=1e-6)
    np.testing.assert_array_equal(w[:, 1:], np.array([[0.1, 0.0], [0.2, 0.0]], dtype))


def test_max_norm_counts_all_axes_but_the_last() -> None:
    w = np.random.default_rng(0).normal(size=(3, 4, 5)) * np.linspace(0.01, 3, 5)
    norms = np.linalg.norm(w.reshape(12, 5), axis=0)
    expected = w * np.minimum(1, 2.0 / norms)
    MaxNorm(2.0).constrain(w)
    np.testing.assert_allclose(w, expected, rtol=1e-14)
    assert (norms > 2).any() and (norms < 2).any()


@pytest.mark.parametrize(
    "regularizer", [L1(0.01), L2(0.01), [L1(0.02), L2(0.03)], (L2(0.1), MaxNorm(1.0)), [], None], ids=repr
)
def test_a_networks_gradient_includes_the_penalties(regularizer) -> None:
    x, y = batch()
    check = gradient_check(network(regularizer), x, y)
    assert check.passed, str(check)


def test_penalties_are_paid_for_weight_matrices_alone() -> None:
    x, y = batch()
    plain, paying = network(), network([L1(0.5), L2(0.25)])
    for net in (plain, paying):
        net.flat_parameters[...] += 0.1  # so that biases are not 0
    w = [layer.W for layer in plain.layers if isinstance(layer, Dense)]
    penalty = sum(0.5 * np.abs(a).sum() + 0.25 * (a * a).sum() for a in w)
    assert paying.loss_and_gradients(x, y) == pytest.approx(plain.loss_and_gradients(x, y) + penalty, rel=1e-12)
    for (a, da), (_, without) in zip(paying.weights, plain.weights, strict=True):
        np.testing.assert_allclose(da, without + 0.5 * np.sign(a) + 0.5 * a, rtol=1e-10)
    for i in (0, 2):
        np.testing.assert_array_equal(paying.layers[i].db, plain.layers[i].db)
    expected = paying.flat_gradients.copy()
    paying.backward_signals(x, y)
    np.testing.assert_array_equal(paying.flat_gradients, expected)
    assert paying.evaluate(x, y) == plain.evaluate(x, y)


def test_fit_restores_the_constraint_after_every_step() -> None:
    x, y = batch()
    net, longest = network([MaxNorm(0.5)]), []
    fit(net, SGD(1.0), x, y, batch_size=4, epochs=3, callbacks=[lambda n, h: longest.append(columns(n))])
    assert np.max(longest) <= 0.5 * (1 + 1e-12)
    free = network()
    fit(free, SGD(1.0), x, y, batch_size=4, epochs=3)
    assert np.max(columns(free)) > 0.6


def columns(net: Network) -> list[float]:
    return [float(np.linalg.norm(w, axis=0).max()) for w, _ in net.weights]


def test_l2_under_gradient_descent_is_weight_decay() -> None:
    x, y = batch()
    penalized, decayed = network(L2(0.05)), network()
    for _ in range(5):
        penalized.loss_and_gradients(x, y)
        SGD(0.2).step(penalized.parameters, penalized.gradients)
        decayed.loss_and_gradients(x, y)
        for w, _ in decayed.weights:
            w *= 1 - 2 * 0.2 * 0.05
        SGD(0.2).step(decayed.parameters, decayed.gradients)
    np.testing.assert_allclose(penalized.flat_parameters, decayed.flat_parameters, rtol=1e-10)


def test_l1_brings_more_weights_near_0_than_l2() -> None:
    x, y = batch()
    near = {}
    for regularizer in (L1(0.05), L2(0.05)):
        net = network(regularizer)
        fit(net, SGD(0.05), x, y, batch_size=12, epochs=1500)
        near[type(regularizer)] = sum(int((np.abs(w) < 0.01).sum()) for w, _ in net.weights)
    assert near[L1] > 2 * max(near[L2], 1)


@pytest.mark.parametrize("rule", [L1, L2])
def test_lam_is_checked(rule) -> None:
    for bad in (-1e-9, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"^lam must be a finite number, at least 0, got "):
            rule(bad)
    with pytest.raises(TypeError, match=r"^lam must be a real number"):
        rule("1e-4")
    assert rule(0).penalty(W) == 0.0
    assert repr(rule(1e-4)) == f"{rule.__name__}(0.0001)"


def test_limit_is_checked() -> None:
    for bad in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"^limit must be a finite number, greater than 0, got "):
            MaxNorm(bad)
    with pytest.raises(TypeError, match=r"^limit must be a real number"):
        MaxNorm(None)
    assert repr(MaxNorm(3)) == "MaxNorm(3)"


@pytest.mark.parametrize("bad", [L2, 1e-4, "L2", [L2], [L2(0.1), None], {L2(0.1)}])
def test_a_network_refuses_what_is_no_regularizer(bad) -> None:
    with pytest.raises(TypeError, match=r"regularizer must be None, a regularizer such as L2\(1e-4\), or a list"):
        network(bad)
