"""Restricted Boltzmann machines against sums over all states, and what pre-training hands on."""

import itertools
import math

import numpy as np
import pytest
import scipy.special
import scipy.stats

from nnlab import Network, data
from nnlab.gradcheck import numerical_gradient
from nnlab.layers import Dense, Sigmoid
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.rbm import RBM, DeepBeliefNetwork, pretrain


def machine(visible, hidden, seed=0, scale=0.8):
    """A machine with weights far enough from 0 that its units depend on each other."""
    rbm, rng = RBM(visible, hidden, seed=seed), np.random.default_rng(seed + 100)
    rbm.W[:] = rng.normal(0, scale, rbm.W.shape)
    rbm.a[:], rbm.b[:] = rng.normal(0, 0.5, visible), rng.normal(0, 0.5, hidden)
    return rbm


def states(units):
    return np.array(list(itertools.product([0.0, 1.0], repeat=units)))


def joint(rbm):
    """p(v, h) of all states, by the definition."""
    v, h = states(rbm.visible), states(rbm.hidden)
    energy = np.array([[-vi @ rbm.W @ hj - rbm.a @ vi - rbm.b @ hj for hj in h] for vi in v])
    weights = np.exp(-energy)
    return v, h, energy, weights / weights.sum(), math.log(weights.sum())


SMALL = [(3, 4), (4, 3), (1, 5), (5, 1)]
small = pytest.mark.parametrize("sizes", SMALL, ids=str)


@small
def test_energies_probabilities_and_the_partition_function_by_enumeration(sizes):
    rbm = machine(*sizes)
    v, h, energy, p, log_z = joint(rbm)
    pairs = [(vi, hj) for vi in v for hj in h]
    energies = rbm.energy(np.array([vi for vi, _ in pairs]), np.array([hj for _, hj in pairs]))
    np.testing.assert_allclose(energies, energy.ravel(), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(rbm.free_energy(v), -scipy.special.logsumexp(-energy, axis=1), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(rbm.log_partition(), log_z, rtol=1e-13)
    np.testing.assert_allclose(rbm.hidden_probabilities(v), p @ h / p.sum(axis=1, keepdims=True), rtol=1e-12)
    np.testing.assert_allclose(rbm.visible_probabilities(h), p.T @ v / p.T.sum(axis=1, keepdims=True), rtol=1e-12)
    np.testing.assert_allclose(rbm.log_likelihood(v), np.log(p.sum(axis=1)).mean(), rtol=1e-12)


@small
def test_the_exact_gradient_is_the_derivative_of_the_log_likelihood(sizes):
    rbm = machine(*sizes)
    x = np.random.default_rng(1).choice([0.0, 1.0], (7, sizes[0]))
    gradient = rbm.exact_gradient(x)
    for name in ("W", "a", "b"):
        numerical = numerical_gradient(lambda _: rbm.log_likelihood(x), getattr(rbm, name))
        np.testing.assert_allclose(gradient[name], numerical, atol=1e-9)


def test_with_ten_hidden_units_cd_of_many_steps_is_the_exact_gradient():
    rbm = machine(8, 10, scale=0.5)
    x = np.random.default_rng(1).choice([0.0, 1.0], (40, 8))
    exact = rbm.exact_gradient(x)
    chains = np.random.default_rng(2).choice([0.0, 1.0], (12_000, 8))
    sampled = rbm.gradient(x, k=40, chains=chains)
    repeated = rbm.gradient(np.tile(x, (300, 1)), k=40)
    # a mean over n draws of numbers between 0 and 1 has a standard error of at most ½/√n
    bound = 5 * 0.5 / math.sqrt(12_000)
    for name in exact:
        assert np.abs(exact[name]).max() > 3 * bound
        np.testing.assert_allclose(sampled[name], exact[name], atol=bound)
        np.testing.assert_allclose(repeated[name], exact[name], atol=bound)
    # one step from the data is biased by more than that
    once = rbm.gradient(np.tile(x, (300, 1)), k=1)
    assert max(np.abs(once[name] - exact[name]).max() for name in exact) > 2 * bound


def test_gibbs_steps_draw_from_the_model():
    rbm = machine(3, 4)
    v, _, _, p, _ = joint(rbm)
    drawn = rbm.gibbs(np.zeros((20_000, 3)), steps=30)
    assert set(np.unique(drawn)) == {0.0, 1.0}
    counts = np.array([(drawn == state).all(axis=1).sum() for state in v])
    assert scipy.stats.chisquare(counts, 20_000 * p.sum(axis=1)).pvalue > 1e-3


def test_one_gibbs_step_has_the_transition_probabilities():
    rbm = machine(2, 3)
    v, _, _, p, _ = joint(rbm)
    p_h_given_v = p / p.sum(axis=1, keepdims=True)
    p_v_given_h = p / p.sum(axis=0, keepdims=True)
    drawn = rbm.gibbs(np.tile(v[1], (20_000, 1)), steps=1)
    counts = np.array([(drawn == state).all(axis=1).sum() for state in v])
    assert scipy.stats.chisquare(counts, 20_000 * (p_h_given_v[1] @ p_v_given_h.T)).pvalue > 1e-3


def test_contrastive_divergence_by_hand():
    """With saturated units nothing is left to chance."""
    rbm = RBM(1, 1)
    rbm.W[:], rbm.a[:], rbm.b[:] = 0.0, -50.0, 50.0
    gradient = rbm.gradient([[1.0], [1.0], [0.0]], k=1)
    # the data: v = 1, 1, 0 with h = 1; the model: v = 0 with h = 1
    np.testing.assert_allclose([gradient["W"][0, 0], gradient["a"][0], gradient["b"][0]], [2 / 3, 2 / 3, 0], atol=1e-12)


def test_persistent_chains_move_on():
    rbm, chains = machine(3, 4), np.zeros((50, 3))
    rbm.gradient(np.ones((2, 3)), chains=chains)
    first = chains.copy()
    assert (first != 0).any()
    rbm.gradient(np.ones((2, 3)), chains=chains)
    assert (chains != first).any()


@pytest.mark.parametrize("persistent", [False, True])
def test_training_raises_the_likelihood(persistent):
    bars = np.array([np.kron(row, np.ones(3)) for row in states(3)])  # three groups of three equal pixels
    x = np.tile(bars, (20, 1))
    rbm = RBM(9, 8, seed=0)
    before = rbm.log_likelihood(x)
    errors = rbm.fit(x, lr=0.1, epochs=120, batch_size=16, k=2, persistent=persistent, momentum=0.5)
    # the best any model can do is log 1/8; it starts near 9 log ½
    assert before < -6 and rbm.log_likelihood(x) > -3.5
    assert len(errors) == 120 and errors[-1] < 0.3 * errors[0]


def test_training_steps_are_momentum_on_the_cd_gradient():
    x = np.ones((4, 1))
    rbm = RBM(1, 1, seed=0)
    rbm.W[:], rbm.a[:], rbm.b[:] = 0.0, -60.0, 60.0
    rbm.fit(x, lr=0.5, epochs=3, batch_size=4, momentum=0.5)
    # the gradient by a is 1 in every step: 0.5 · (1 + 1.5 + 1.75)
    np.testing.assert_allclose(rbm.a, -60 + 2.125, rtol=1e-12)


def test_the_same_seed_gives_the_same_machine():
    x = data.digits()[0][0][:100]
    first, again, other = (RBM(64, 8, seed=seed) for seed in (1, 1, 2))
    for rbm in (first, again, other):
        rbm.fit(x, epochs=2)
    np.testing.assert_array_equal(first.W, again.W)
    assert (first.W != other.W).any()
    assert abs(RBM(300, 300).W.std() - 0.01) < 1e-3 and not RBM(3, 3).a.any() and not RBM(3, 3).b.any()


def test_pretraining_stacks_machines_and_hands_on_their_weights():
    x = data.digits()[0][0][:300]
    belief = pretrain([64, 32, 16], x, epochs=3, seed=1)
    assert isinstance(belief, DeepBeliefNetwork)
    assert [(rbm.visible, rbm.hidden) for rbm in belief.rbms] == [(64, 32), (32, 16)]
    assert [len(errors) for errors in belief.errors] == [3, 3] and belief.errors[0][-1] < belief.errors[0][0]
    layers = belief.layers()
    assert [type(layer) for layer in layers] == [Dense, Sigmoid, Dense, Sigmoid]
    network = Network([*layers, Dense(16, 10)], loss=SoftmaxCrossEntropy(), dtype="float64")
    np.testing.assert_array_equal(network.layers[0].W, belief.rbms[0].W)
    np.testing.assert_array_equal(network.layers[2].b, belief.rbms[1].b)
    np.testing.assert_allclose(network.activations(x)[3], belief.transform(x), rtol=1e-12)
    network.flat_parameters[:] = 0
    assert belief.rbms[0].W.any() and belief.layers()[0] is not layers[0]


def test_pretraining_finds_features_that_a_linear_read_out_can_use():
    (x, y), (x_test, y_test) = data.digits()
    belief = pretrain([64, 200], x, epochs=2, seed=0)
    chance = DeepBeliefNetwork([RBM(64, 200, seed=0)])

    def accuracy(model):
        train, test = (np.column_stack([model.transform(z), np.ones(len(z))]) for z in (x, x_test))
        weights = np.linalg.lstsq(train, data.one_hot(y, 10), rcond=1e-6)[0]
        return ((test @ weights).argmax(axis=1) == y_test).mean()

    assert accuracy(belief) > 0.95 > 0.935 > accuracy(chance)


def test_arrays_handed_in_are_left_alone():
    x = data.digits()[0][0][:50]
    x.flags.writeable = False
    pretrain([64, 8, 4], x, epochs=1)
    RBM(64, 8).fit(x, epochs=1, persistent=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RBM(0, 2), "visible must be at least 1, got 0"),
        (lambda: RBM(2, 1.5), "hidden must be a whole number, got 1.5"),
        (lambda: RBM(2, 2, seed="x"), "seed must be a whole number, got 'x'"),
        (lambda: RBM(2, 2).free_energy([[1, 0, 1]]), r"v must have shape \(N, 2\) with N > 0, got \(1, 3\)"),
        (lambda: RBM(2, 2).free_energy([1, 0]), r"v must have shape \(N, 2\)"),
        (lambda: RBM(2, 2).free_energy(np.ones((0, 2))), r"v must have shape \(N, 2\) with N > 0"),
        (lambda: RBM(2, 2).hidden_probabilities([["a", "b"]]), "v must be an array of real numbers"),
        (lambda: RBM(2, 2).hidden_probabilities([[0, math.nan]]), "v must be finite"),
        (lambda: RBM(2, 2).hidden_probabilities([[0, 16]]), r"v must lie in \[0, 1\], got values from 0 to 16"),
        (lambda: RBM(2, 3).visible_probabilities([[0, 1]]), r"h must have shape \(N, 3\)"),
        (lambda: RBM(2, 2).energy([[0, 1]], [[0, 1], [1, 1]]), "v and h must have as many rows, got 1 and 2"),
        (lambda: RBM(2, 2).gibbs([[0, 1]], steps=0), "steps must be at least 1, got 0"),
        (lambda: RBM(21, 21).log_partition(), "enumeration needs at most 20 units on the smaller side, got 21"),
        (lambda: RBM(2, 2).fit([[0, 1]], lr=-1), "lr must be a finite number, at least 0, got -1"),
        (lambda: RBM(2, 2).fit([[0, 1]], momentum=1), "momentum must be .* less than 1, got 1"),
        (lambda: RBM(2, 2).fit([[0, 1]], epochs=-1), "epochs must be at least 0, got -1"),
        (lambda: RBM(2, 2).fit([[0, 1]], batch_size=0), "batch_size must be at least 1, got 0"),
        (lambda: RBM(2, 2).fit([[0, 1]], k=0), "k must be at least 1, got 0"),
        (lambda: RBM(2, 2).fit([[0, 2]]), r"x must lie in \[0, 1\], got values from 0 to 2"),
        (lambda: pretrain([2], [[0, 1]]), r"layer_sizes must be a list of at least two sizes .*, got \[2\]"),
        (lambda: pretrain("64", [[0, 1]]), "layer_sizes must be a list"),
        (lambda: pretrain([2, 0], [[0, 1]]), r"layer_sizes\[1\] must be at least 1, got 0"),
        (lambda: pretrain([3, 2], [[0, 1]]), r"x must have shape \(N, 3\)"),
    ],
)
def test_arguments_are_checked(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_the_larger_side_may_have_more_units_than_can_be_enumerated():
    for sizes in ((30, 3), (3, 30)):
        rbm = machine(*sizes, scale=0.3)
        assert math.isfinite(rbm.log_likelihood(np.ones((1, sizes[0]))))
    assert repr(RBM(3, 2)) == "RBM(3, 2)"
