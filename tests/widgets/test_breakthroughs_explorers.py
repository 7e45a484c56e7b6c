"""Explorers of the breakthroughs chapter against sums over all states and networks written out by hand."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pytest

from nnlab import data
from nnlab.rbm import RBM
from nnlab.widgets.breakthroughs import early_failures, pretraining, rbm_learning

learning = sys.modules[rbm_learning.__module__]
starts = sys.modules[pretraining.__module__]
failures = sys.modules[early_failures.__module__]


def test_the_log_likelihood_is_a_sum_over_every_hidden_state() -> None:
    """p(v) = Σ_h e^(vᵀWh + aᵀv + bᵀh)/Z with Z = Σ_h e^(bᵀh) Π_i (1 + e^(a + Wh)_i): here for 4 hidden units."""
    run = learning.train("cd1", 4, 0.1)
    x, _ = learning.digits()
    rbm = RBM(64, 4, seed=0)
    rbm.fit(x, lr=0.1, epochs=1)
    hidden = np.array(list(itertools.product((0.0, 1.0), repeat=4)))
    log_z = np.log(np.sum([np.exp(h @ rbm.b + np.log1p(np.exp(rbm.a + rbm.W @ h)).sum()) for h in hidden]))
    joint = np.array([x @ rbm.W @ h + x @ rbm.a + h @ rbm.b for h in hidden])
    expected = np.mean(np.log(np.exp(joint - joint.max(axis=0)).sum(axis=0)) + joint.max(axis=0)) - log_z
    assert run["likelihood"][1] == pytest.approx(expected, rel=1e-9)
    # before training every unit is a coin, but for weights of 0.01
    assert run["likelihood"][0] == pytest.approx(-64 * np.log(2), abs=0.1)


def test_a_tile_is_the_image_it_was_made_of() -> None:
    sheet = learning.tiled(np.arange(3 * 64.0).reshape(3, 64), 3)[::-1]
    assert sheet.shape == (8, 26)
    np.testing.assert_array_equal(sheet[:, 9:17], np.arange(64, 128).reshape(8, 8))


def test_a_pretrained_network_starts_as_the_machines_do() -> None:
    x = starts.digits()[0][0][:20]
    expected = x
    for rbm in starts.beliefs().rbms[:2]:
        expected = 1 / (1 + np.exp(-(expected @ rbm.W + rbm.b)))
    np.testing.assert_allclose(starts.network("pretrained", 2).activations(x)[3], expected, rtol=1e-9)


def test_predictions_and_goals_say_what_the_runs_did() -> None:
    few = pretraining.compute(labels=50, depth=3)
    lead = few["accuracy"][2, -1] - few["accuracy"][3, -1]
    assert few["guess"] == (1 if lead >= 0.02 else 0 if lead <= -0.02 else 2)
    assert few["ahead"] == (lead >= 0.03)
    default = pretraining.compute()
    assert few["ahead"] and not default["ahead"] and not default["behind"]
    assert pretraining.compute(labels=1437, depth=2)["behind"]


def test_the_corner_and_its_changes_are_runs_of_their_own() -> None:
    """One hidden layer, 50 labels, ReLU: the accuracy after 10 steps, from a loop written out here."""
    (x, y), (x_test, y_test) = data.digits()
    x, y = x[:50].astype(float), y[:50]
    rng = np.random.default_rng(0)
    w1 = rng.normal(0, np.sqrt(2 / 64), (64, failures.WIDTH))
    w2 = rng.normal(0, np.sqrt(2 / failures.WIDTH), (failures.WIDTH, 10))
    weights = [w1, np.zeros(failures.WIDTH), w2, np.zeros(10)]
    speed = [np.zeros_like(w) for w in weights]
    for _ in range(10):
        h = np.maximum(x @ weights[0] + weights[1], 0)
        p = np.exp(h @ weights[2] + weights[3])
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(50), y] -= 1
        p /= 50
        back = (p @ weights[2].T) * (h > 0)
        gradients = [x.T @ back, back.sum(axis=0), h.T @ p, p.sum(axis=0)]
        for w, v, g in zip(weights, speed, gradients, strict=True):
            v *= 0.9
            v += g
            w -= 0.1 * v
    guesses = np.argmax(np.maximum(x_test @ weights[0] + weights[1], 0) @ weights[2] + weights[3], axis=1)
    expected = float(np.mean(guesses == y_test))
    assert failures.train("relu", "scaled", 50, 1)[0] == pytest.approx(expected, abs=0.003)
