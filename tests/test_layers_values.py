"""Single layers against values of PyTorch (tests/oracles/make_losses.py) and against what theory says."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from nnlab import Network
from nnlab.initializers import constant, zeros
from nnlab.layers import GELU, RNN, BatchNorm, Dense, Dropout, LayerNorm, LeakyReLU, ReLU, Residual, Sigmoid, Tanh
from nnlab.losses import MeanSquaredError

STORED = json.loads(Path(__file__).with_name("oracles").joinpath("losses.json").read_text())


def wave(*shape, offset=0.0, scale=1.0):
    return np.sin(np.arange(math.prod(shape)) + offset).reshape(shape) * scale


def bound(layer, **parameters):
    """The layer with these parameters and fresh state."""
    layer.initialize(np.random.default_rng(0))
    assert set(parameters) == set(layer.parameters)
    for name, value in parameters.items():
        layer.parameters[name][...] = value
    return layer


def close(actual, expected, tolerance=1e-13):
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("layer", [ReLU(), LeakyReLU(0.2), Sigmoid(), Tanh(), GELU()], ids=lambda layer: repr(layer))
def test_activations_agree_with_pytorch(layer):
    stored = STORED["activations"]["cases"][type(layer).__name__]
    close(layer.forward(wave(3, 8, scale=6.0)), stored["out"])
    close(layer.backward(wave(3, 8, offset=4.0)), stored["dx"], 1e-12)


def test_gelu_stays_near_the_exact_form():
    exact = STORED["activations"]["exact_gelu"]
    difference = GELU().forward(np.array(exact["x"])) - exact["out"]
    assert 1e-4 < np.abs(difference).max() < 5e-4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layer", [ReLU(), LeakyReLU(), Sigmoid(), Tanh(), GELU()], ids=lambda layer: repr(layer))
def test_activations_take_huge_inputs_without_a_warning(layer, dtype):
    limits = {"ReLU": (0, math.inf), "LeakyReLU": (-math.inf, math.inf), "Sigmoid": (0, 1), "Tanh": (-1, 1)}
    low, high = limits.get(type(layer).__name__, (0, math.inf))
    big = float(np.finfo(dtype).max)
    x = np.array([[-math.inf, -big, -1e30, -200, 200, 1e30, big, math.inf]], dtype)
    with np.errstate(all="raise", under="ignore"):
        if not isinstance(layer, GELU):
            out = layer.forward(x)
            np.testing.assert_array_equal(out[0, [0, -1]], [low, high])
        x = x[:, 1:-1]
        out = layer.forward(x)
        assert np.isfinite(out).all() and np.isfinite(layer.backward(np.ones_like(x))).all()
        ends = (low, high) if math.isfinite(high) else (-0.01 * big if math.isinf(low) else 0, big)
        np.testing.assert_allclose(out[0, [0, -1]], ends, rtol=1e-6)


def test_sigmoid_keeps_the_relative_precision_of_tiny_values():
    out = Sigmoid().forward(np.array([[-700.0, -40.0]]))
    np.testing.assert_allclose(out, np.exp([[-700.0, -40.0]]), rtol=1e-13)


def test_kinks_are_where_the_docstrings_say():
    zero, one = np.array([[0.0, -0.0, 5e-324]]), np.ones((1, 3))
    relu, leaky = ReLU(), LeakyReLU(0.25)
    relu.forward(zero), leaky.forward(zero)
    np.testing.assert_array_equal(relu.backward(one), [[0, 0, 1]])
    np.testing.assert_array_equal(leaky.backward(one), [[0.25, 0.25, 1]])


def test_dense_is_xw_plus_b():
    layer = bound(Dense(2, 3), W=[[1, 2, 3], [4, 5, 6]], b=[10, 20, 30])
    np.testing.assert_array_equal(layer.forward(np.array([[1.0, -1.0], [0.5, 2.0]])), [[7, 17, 27], [18.5, 31, 43.5]])
    np.testing.assert_array_equal(layer.backward(np.array([[1.0, 0, 2], [0, 1, 1]])), [[7, 16], [5, 11]])
    np.testing.assert_array_equal(layer.dW, [[1, 0.5, 2.5], [-1, 2, 0]])
    np.testing.assert_array_equal(layer.db, [1, 1, 3])


def test_dense_starts_from_its_initializer_and_bias():
    layer = Dense(2, 3, initializer=constant(0.5), bias=[1, 2, 3]).initialize(np.random.default_rng(0))
    np.testing.assert_array_equal(layer.W, np.full((2, 3), 0.5))
    np.testing.assert_array_equal(layer.b, [1, 2, 3])
    assert Dense(2, 3, bias=-1).initialize(np.random.default_rng(0)).b.tolist() == [-1, -1, -1]
    assert Dense(2, 3).initialize(np.random.default_rng(0)).b.tolist() == [0, 0, 0]


def test_batchnorm_agrees_with_pytorch():
    layer = bound(BatchNorm(3, momentum=0.25, eps=1e-3), gamma=wave(3, offset=0.3) + 1.5, beta=wave(3, offset=0.7))
    for step, (rows, stored) in enumerate(zip((6, 2, 5), STORED["BatchNorm"]["steps"], strict=True)):
        close(layer.forward(wave(rows, 3, offset=step, scale=2.0) + 5, training=True), stored["out"], 1e-12)
        close(layer.backward(wave(rows, 3, offset=step + 0.5)), stored["dx"], 1e-12)
        close(layer.dgamma, stored["gradients"]["weight"], 1e-12)
        close(layer.dbeta, stored["gradients"]["bias"], 1e-12)
        close(layer.running_mean, stored["mean"])
        close(layer.running_var, stored["var"])
    stored = STORED["BatchNorm"]["evaluation"]
    close(layer.forward(wave(4, 3, offset=9.0)), stored["out"], 1e-12)
    close(layer.backward(wave(4, 3, offset=1.0)), stored["dx"], 1e-12)
    close(layer.dgamma, stored["gradients"]["weight"], 1e-12)


def test_batchnorm_normalizes_and_treats_steps_as_rows():
    x = np.random.default_rng(0).normal(3, 5, (40, 6, 2))
    layer = BatchNorm(2, eps=1e-12).initialize(np.random.default_rng(0))
    out = layer.forward(x, training=True)
    close(out.mean(axis=(0, 1)), 0)
    close(out.var(axis=(0, 1)), 1)
    rows = BatchNorm(2, eps=1e-12).initialize(np.random.default_rng(0))
    close(rows.forward(x.reshape(-1, 2), training=True), out.reshape(-1, 2))
    close(layer.running_var, 0.9 + 0.1 * x.reshape(-1, 2).var(axis=0, ddof=1))


def test_batchnorm_of_one_row_gives_beta_and_keeps_its_statistics():
    layer = bound(BatchNorm(2), gamma=[2, 3], beta=[5, 6])
    np.testing.assert_array_equal(layer.forward(np.array([[7.0, -1.0]]), training=True), [[5, 6]])
    np.testing.assert_array_equal(layer.backward(np.ones((1, 2))), np.zeros((1, 2)))
    assert layer.running_mean.tolist() == [0, 0] and layer.running_var.tolist() == [1, 1]


def test_batchnorm_in_float32_survives_a_large_mean():
    x = (1000 + np.random.default_rng(0).normal(size=(500, 1))).astype(np.float32)
    layer = BatchNorm(1).initialize(np.random.default_rng(0), np.float32)
    out = layer.forward(x, training=True)
    assert abs(out.std() - 1) < 1e-3


def test_layernorm_agrees_with_pytorch():
    layer = bound(LayerNorm(6, eps=1e-3), gamma=wave(6, offset=0.3) + 1.5, beta=wave(6, offset=0.7))
    stored = STORED["LayerNorm"]
    close(layer.forward(wave(4, 6, scale=2.0) + 5, training=True), stored["out"], 1e-12)
    close(layer.backward(wave(4, 6, offset=0.5)), stored["dx"], 1e-12)
    close(layer.dgamma, stored["gradients"]["weight"], 1e-12)
    close(layer.dbeta, stored["gradients"]["bias"], 1e-12)


def test_dropout_zeroes_with_probability_p_and_keeps_the_expectation():
    p, n = 0.3, 200_000
    layer = Dropout(p).initialize(np.random.default_rng(0))
    out = layer.forward(np.full((n, 1), 2.0), training=True)
    assert set(np.unique(out)) == {0.0, 2.0 / (1 - p)}
    dropped = int((out == 0).sum())
    assert scipy.stats.binomtest(dropped, n, p).pvalue > 1e-3
    # the mean of n draws is 2 within four of its standard deviations
    assert abs(out.mean() - 2) < 4 * 2 * math.sqrt(p / (1 - p) / n)
    np.testing.assert_array_equal(layer.backward(np.ones((n, 1))), out / 2)


def test_dropout_draws_entries_and_batches_independently():
    layer = Dropout(0.5).initialize(np.random.default_rng(0))
    x = np.ones((4000, 2))
    first, second = layer.forward(x, training=True).copy(), layer.forward(x, training=True).copy()
    table = np.array([[((first[:, 0] == a) & (first[:, 1] == b)).sum() for b in (0, 2)] for a in (0, 2)])
    assert scipy.stats.chi2_contingency(table).pvalue > 1e-3
    assert abs((first == second).mean() - 0.5) < 0.05


def test_dropout_repeats_itself_from_the_same_seed():
    def masks(seed):
        network = Network([Dense(3, 8), Dropout(0.5), Dense(8, 1)], loss=MeanSquaredError(), seed=seed)
        ones = np.ones((5, 8), np.float32)
        return [network.layers[1].forward(ones, training=True).copy() for _ in range(3)], network

    (first, network), (again, _), (other, _) = masks(1), masks(1), masks(2)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    network.reseed(7)
    ones = np.ones((5, 8), np.float32)
    third = network.layers[1].forward(ones, training=True).copy()
    network.reseed(7)
    np.testing.assert_array_equal(network.layers[1].forward(ones, training=True), third)


def test_dropout_leaves_the_initial_weights_as_they_are_without_it():
    plain = Network([Dense(3, 8), Dense(8, 1)], loss=MeanSquaredError(), seed=1)
    dropped = Network([Dense(3, 8), Dropout(), Dense(8, 1)], loss=MeanSquaredError(), seed=1)
    np.testing.assert_array_equal(plain.flat_parameters, dropped.flat_parameters)


def test_what_is_not_set_is_as_documented():
    norms = BatchNorm(2), LayerNorm(2)
    assert (norms[0].momentum, norms[0].eps, norms[1].eps) == (0.1, 1e-5, 1e-5)
    assert (LeakyReLU().slope, Dropout().p, RNN(1, 1).sequences) == (0.01, 0.5, False)


def test_many_seeds_give_as_many_masks():
    ones, layer = np.ones((1, 64)), Dropout(0.5)
    assert len({layer.initialize(seed).forward(ones, training=True).tobytes() for seed in range(300)}) == 300


def test_two_dropout_layers_draw_different_masks():
    network = Network([Dropout(), Dropout()], loss=MeanSquaredError())
    ones = np.ones((50, 8), np.float32)
    first, second = (layer.forward(ones, training=True).copy() for layer in network.layers)
    assert not np.array_equal(first, second)


def test_dropout_in_evaluation_is_the_identity():
    layer, x = Dropout(0.5), np.ones((2, 3))
    assert layer.forward(x) is x
    dout = np.ones((2, 3))
    assert layer.backward(dout) is dout


def test_residual_adds_its_layers_to_the_identity():
    inner = Dense(2, 2)
    layer = bound(Residual([inner]), **{"0.W": [[1, 2], [3, 4]], "0.b": [10, 20]})
    np.testing.assert_array_equal(layer.forward(np.array([[1.0, 1.0]])), [[15, 27]])
    np.testing.assert_array_equal(layer.backward(np.array([[1.0, 2.0]])), [[6, 13]])
    assert inner.dW is layer.gradients["0.W"]
    still = Residual([Dense(2, 3), ReLU(), Dense(3, 2, zeros)]).initialize(np.random.default_rng(0))
    np.testing.assert_array_equal(still.forward(np.array([[1.0, 2.0]])), [[1, 2]])


def test_a_residual_passes_training_and_state_on():
    layer = Residual([BatchNorm(2), Dropout(0.9)]).initialize(np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(10, 2))
    layer.forward(x, training=True)
    assert set(layer.state) == {"0.running_mean", "0.running_var"}
    close(layer.layers[0].running_mean, 0.1 * x.mean(axis=0))
    assert layer.state["0.running_mean"] is layer.layers[0].running_mean
    assert (layer.forward(x, training=True) == x).mean() > 0.5


@pytest.mark.parametrize("sequences", [False, True])
def test_rnn_agrees_with_pytorch(sequences):
    layer = bound(
        RNN(3, 4, sequences),
        W_in=wave(3, 4, offset=0.1),
        W_rec=wave(4, 4, offset=0.2, scale=0.7),
        b=wave(4, offset=0.3),
    )
    stored = STORED["RNN"]["all" if sequences else "last"]
    close(layer.forward(wave(2, 5, 3)), stored["out"])
    close(layer.backward(wave(2, 5, 4, offset=0.5) if sequences else wave(2, 4, offset=0.5)), stored["dx"])
    close(layer.dW_in, np.transpose(stored["gradients"]["weight_ih_l0"]))
    close(layer.dW_rec, np.transpose(stored["gradients"]["weight_hh_l0"]))
    close(layer.db, stored["gradients"]["bias_ih_l0"])


def test_rnn_shows_its_states_and_their_gradients():
    layer = bound(RNN(1, 1), W_in=1, W_rec=0.5, b=0)
    layer.forward(np.zeros((1, 4, 1)))
    layer.backward(np.ones((1, 1)))
    # at h = 0 tanh has slope 1, so each step back multiplies by W_rec alone
    np.testing.assert_allclose(layer.state_gradients[:, 0, 0], [0.125, 0.25, 0.5, 1])
    np.testing.assert_array_equal(layer.states, np.zeros((5, 1, 1)))


def test_rnn_starts_with_an_orthogonal_recurrent_matrix_unless_told_otherwise():
    layer = RNN(3, 6).initialize(np.random.default_rng(0))
    close(layer.W_rec.T @ layer.W_rec, np.eye(6))
    assert np.abs(layer.W_in).max() <= math.sqrt(6 / 9)
    told = RNN(3, 6, initializer=constant(2.0), recurrent_initializer=zeros).initialize(np.random.default_rng(0))
    assert (told.W_in == 2).all() and (told.W_rec == 0).all() and (told.b == 0).all()


def test_rnn_learns_to_remember_the_first_entry():
    from nnlab import fit
    from nnlab.optimizers import Adam

    rng = np.random.default_rng(0)
    x = rng.choice([-1.0, 1.0], (300, 6, 1))
    network = Network([RNN(1, 8), Dense(8, 1)], loss=MeanSquaredError(), seed=0)
    fit(network, Adam(0.02), x, x[:, 0], batch_size=30, epochs=40)
    assert network.evaluate(x, x[:, 0])[0] < 0.02
    # the time may differ from batch to batch
    assert network.predict(x[:, :3]).shape == (300, 1)
