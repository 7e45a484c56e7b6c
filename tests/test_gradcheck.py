"""Gradient checks against exact derivatives, and against backward passes broken on purpose."""

import numpy as np
import pytest

from nnlab import Network
from nnlab.gradcheck import gradient_check, layer_gradient_check, numerical_gradient, relative_error
from nnlab.layers import BatchNorm, Dense, Dropout, Sigmoid, Tanh
from nnlab.losses import SoftmaxCrossEntropy


def test_numerical_gradient_of_a_quadratic_is_exact():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(4, 4))
    x = rng.normal(size=4)
    before = x.copy()
    gradient = numerical_gradient(lambda v: v @ a @ v, x)
    np.testing.assert_allclose(gradient, (a + a.T) @ x, rtol=1e-9, atol=1e-9)
    assert np.array_equal(x, before)


def test_numerical_gradient_keeps_shape_and_order_of_views():
    x = np.asfortranarray(np.arange(6.0).reshape(2, 3))[:, ::2]
    np.testing.assert_allclose(numerical_gradient(lambda v: (v**2).sum(), x), 2 * x, rtol=1e-8, atol=1e-9)


def test_error_of_central_differences_falls_like_h_squared():
    x = np.array([1.0])
    errors = [abs(numerical_gradient(lambda v: np.exp(v[0]), x, h)[0] - np.e) for h in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(100, rel=0.01)
    assert errors[0] == pytest.approx(np.e * 1e-4 / 6, rel=0.01)


def test_x_is_restored_when_f_raises():
    x = np.array([1.0, 2.0])
    with pytest.raises(ZeroDivisionError):
        numerical_gradient(lambda v: 1 / 0, x)
    assert np.array_equal(x, [1.0, 2.0])


@pytest.mark.parametrize(
    ("x", "h", "error", "says"),
    [
        (np.array([1, 2]), 1e-5, TypeError, "array of floats, got int64"),
        ([1.0], 1e-5, TypeError, "got list"),
        (np.ones(2), 0.0, ValueError, "h must be a finite number, greater than 0"),
        (np.ones(2), float("nan"), ValueError, "h must"),
    ],
)
def test_bad_input_is_named(x, h, error, says):
    with pytest.raises(error, match=says):
        numerical_gradient(np.sum, x, h)


def test_relative_error():
    assert relative_error(np.array([1.0, 2.0]), np.array([1.0, 1.0])) == 0.5
    assert relative_error(np.zeros(3), np.zeros(3)) == 0.0


def small_network(middle=None, dtype="float64"):
    layers = [Dense(3, 5), middle or Tanh(), Dense(5, 4)]
    return Network(layers, loss=SoftmaxCrossEntropy(), seed=1, dtype=dtype)


@pytest.fixture
def batch():
    rng = np.random.default_rng(2)
    return rng.normal(size=(6, 3)), rng.integers(0, 4, 6)


def test_a_right_backward_pass_passes(batch):
    result = gradient_check(small_network(), *batch)
    assert result.passed and result.relative_error < 1e-7
    assert list(result.by_parameter) == ["0.W", "0.b", "2.W", "2.b"]
    assert str(result).count("ok") == 4


class ForgetsOneFactor(Sigmoid):
    def backward(self, dout, needs_input_gradient=True):
        return dout * self.out


def test_a_broken_layer_is_found_below_it_alone(batch):
    result = gradient_check(small_network(ForgetsOneFactor()), *batch)
    assert not result.passed
    wrong = {name for name, error in result.by_parameter.items() if error > 1e-6}
    assert wrong == {"0.W", "0.b"} and str(result).count("WRONG") == 2


def test_float32_cannot_pass(batch):
    assert not gradient_check(small_network(dtype="float32"), *batch).passed


def test_gradients_are_those_of_the_check_start(batch):
    network = small_network()
    parameters = network.flat_parameters.copy()
    gradient_check(network, *batch)
    assert np.array_equal(network.flat_parameters, parameters)


def test_dropout_and_batchnorm_can_be_checked_and_keep_their_state(batch):
    layers = [Dense(3, 5), BatchNorm(5), Dropout(0.5), Tanh(), Dense(5, 4)]
    network = Network(layers, loss=SoftmaxCrossEntropy(), seed=1, dtype="float64")
    network.loss_and_gradients(*batch)
    before = {name: array.copy() for name, array in network.state.items()}
    result = gradient_check(network, *batch)
    assert result.passed, str(result)
    assert before and all(np.array_equal(network.state[name], array) for name, array in before.items())


class HalfTheWeights(Dense):
    def backward(self, dout, needs_input_gradient=True):
        dx = super().backward(dout, needs_input_gradient)
        self.dW *= 0.5
        return dx


def test_a_wrong_gradient_is_found_where_all_gradients_are_small(batch):
    network = Network([HalfTheWeights(3, 5), Tanh(), Dense(5, 4)], SoftmaxCrossEntropy(), seed=1, dtype="float64")
    network.layers[2].W[:] *= 1e-5
    result = gradient_check(network, *batch)
    assert {name for name, error in result.by_parameter.items() if error > 1e-6} == {"0.W"}


def test_layer_check_names_what_is_wrong():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(4, 3))
    dense = Dense(3, 2).initialize(rng)
    assert layer_gradient_check(dense, x, rng).passed
    broken = ForgetsOneFactor().initialize(rng)
    assert not layer_gradient_check(broken, x, rng).passed
