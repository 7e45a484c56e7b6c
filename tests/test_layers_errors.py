"""What layers say when they are given what they cannot take."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from layer_table import LAYERS, Row

from nnlab import Network
from nnlab.layers import RNN, BatchNorm, Dense, Dropout, Layer, LayerNorm, LeakyReLU, ReLU, Residual
from nnlab.losses import MeanSquaredError

every_layer = pytest.mark.parametrize("row", LAYERS.values(), ids=LAYERS.keys())
NOT_SIZES = [0, -1, 2.0, "3", None, True, [2], float("nan")]


@pytest.mark.parametrize("size", NOT_SIZES, ids=repr)
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda n: Dense(n, 2), "fan_in"),
        (lambda n: Dense(2, n), "fan_out"),
        (lambda n: RNN(n, 2), "fan_in"),
        (lambda n: RNN(2, n), "hidden"),
        (BatchNorm, "features"),
        (LayerNorm, "features"),
    ],
)
def test_sizes_are_positive_whole_numbers(make, name, size):
    with pytest.raises((TypeError, ValueError), match=name):
        make(size)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LeakyReLU(1.0), "slope must be a finite number, at least 0 and less than 1, got 1.0"),
        (lambda: LeakyReLU(-0.1), "slope .* got -0.1"),
        (lambda: LeakyReLU("x"), "slope must be a real number, got 'x'"),
        (lambda: Dropout(1.0), "p must be a finite number, at least 0 and less than 1, got 1.0"),
        (lambda: Dropout(-0.1), "p must .* got -0.1"),
        (lambda: Dropout(float("nan")), "p must .* got nan"),
        (lambda: BatchNorm(2, momentum=1.1), "momentum must be .* at most 1, got 1.1"),
        (lambda: BatchNorm(2, momentum=-0.1), "momentum must be a finite number, at least 0"),
        (lambda: BatchNorm(2, eps=0), "eps must be a finite number, greater than 0, got 0"),
        (lambda: LayerNorm(2, eps=0), "eps must be a finite number, greater than 0, got 0"),
        (lambda: RNN(2, 3, sequences=1), "sequences must be True .* got 1"),
        (lambda: Dense(2, 3, initializer=1), "initializer must be a function"),
        (lambda: RNN(2, 3, initializer=1), "initializer must be a function"),
        (lambda: RNN(2, 3, recurrent_initializer="orthogonal"), "recurrent_initializer must be a function"),
        (lambda: Dense(2, 3, bias=[1, 2]), r"bias must be a number or have shape \(3,\), got shape \(2,\)"),
        (lambda: Dense(2, 3, bias="x"), "bias must be an array of real numbers"),
        (lambda: Dense(2, 3, bias=float("nan")), "bias must be finite"),
        (lambda: Residual([]), "at least one layer"),
        (lambda: Residual(ReLU()), r"layers must be a list of layers such as .*, got ReLU\(\)"),
        (lambda: Residual([ReLU(), 3]), r"layers\[1\] must be a layer .* got 3"),
        (lambda: Residual([Dense(2, 3)]), r"f must keep the shape: it made \(3,\) of \(2,\)"),
        (lambda: Residual([Dense(2, 3), Dense(4, 2)]), r"layers\[1\] does not fit the layer before it: .* got \(3,\)"),
        (lambda: Residual([RNN(2, 2)]), "f must keep the shape"),
    ],
)
def test_settings_are_checked(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_the_ends_of_the_intervals_that_are_allowed():
    for layer in (LeakyReLU(0.0), Dropout(0.0), BatchNorm(2, momentum=0.0), BatchNorm(1, momentum=1.0), Dense(1, 1)):
        layer.initialize(np.random.default_rng(0))
        x = np.array([[-1.0]] * 3) if layer.input_shape != (2,) else np.ones((3, 2))
        assert np.isfinite(layer.forward(x, training=True)).all()
    np.testing.assert_array_equal(LeakyReLU(0.0).forward(np.array([[-1.0, 2.0]])), [[0, 2]])


@pytest.mark.parametrize("initializer", [lambda *_: np.zeros((3, 2)), lambda *_: [[1, 2], [3]], lambda *_: "W"])
def test_an_initializer_must_return_a_matrix_that_fits(initializer):
    with pytest.raises((TypeError, ValueError), match="initializer"):
        Dense(2, 3, initializer).initialize(np.random.default_rng(0))
    with pytest.raises(ValueError, match="the initializer's matrix must be finite"):
        Dense(2, 3, lambda *_: np.full((2, 3), np.nan)).initialize(np.random.default_rng(0))


@every_layer
def test_backward_needs_a_forward_before_it(row: Row):
    with pytest.raises(RuntimeError, match="call forward before backward"):
        row.layer().backward(np.ones((2, 3)))


@every_layer
def test_dout_must_be_like_the_output(row: Row):
    layer = row.layer()
    out = layer.forward(row.batch(4), training=True)
    for wrong in (np.ones((5, *out.shape[1:])), np.ones((4, *out.shape[1:], 1)), np.float64(1), [1.0]):
        with pytest.raises(ValueError, match=re.escape(f"{layer!r}: dout must have the output's shape")):
            layer.backward(wrong)
    with pytest.raises(
        TypeError, match=re.escape(f"{layer!r}: dout must have the output's dtype float64, got float32")
    ):
        layer.backward(np.ones(out.shape, np.float32))


@every_layer
def test_a_batch_must_be_an_array_of_floats(row: Row):
    layer, x = row.layer(), row.batch(4)
    for wrong in (x.tolist(), None, "x", x.astype(int), x.astype(np.float16), x.astype(complex), x.astype(object)):
        got = f"dtype {wrong.dtype}" if isinstance(wrong, np.ndarray) else f"builtins.{type(wrong).__name__}"
        message = f"{layer!r} takes a numpy array of float32 or float64, got {got}"
        with pytest.raises(TypeError, match=re.escape(message) + "$"):
            layer.forward(wrong)
    with pytest.raises((TypeError, ValueError), match="takes"):
        layer.forward(np.array(1.0))
    if layer.parameters:
        with pytest.raises(TypeError, match=r"x must have the dtype of .*, float64, got float32"):
            layer.forward(x.astype(np.float32))
        with pytest.raises(TypeError, match=r"x must have the dtype of .*, float32, got float64"):
            row.layer(np.float32).forward(x)


@every_layer
def test_examples_must_have_the_layer_s_shape(row: Row):
    layer, x = row.layer(), row.batch(4)
    if layer.input_shape is None:
        return
    for wrong in (np.ones(4), np.ones((4, row.example[-1] + 1)), np.concatenate([x, x], axis=-1), x[..., :-1]):
        with pytest.raises(ValueError, match="takes examples of shape"):
            layer.forward(wrong)
    layer.forward(x)


@every_layer
def test_a_failed_call_leaves_the_layer_usable(row: Row):
    layer, x = row.layer(), row.batch(4)
    expected = layer.forward(x).copy()
    with pytest.raises((TypeError, ValueError)):
        layer.forward(np.ones((2, 2, 2, 2), int))
    np.testing.assert_array_equal(layer.forward(x), expected)


@every_layer
def test_parameters_must_be_drawn_first(row: Row):
    layer = row.make()
    if layer.parameter_shapes():
        with pytest.raises(RuntimeError, match=r"has no parameters yet: call initialize\(rng\)"):
            layer.forward(row.batch(2))


def test_dropout_needs_a_seed_for_training():
    with pytest.raises(RuntimeError, match=r"Dropout\(p=0.5\) has no generator yet: call initialize\(rng\)"):
        Dropout(0.5).forward(np.ones((1, 1)), training=True)


def test_initialize_checks_its_arguments():
    assert Dense(2, 3).initialize(0, "float32").W.dtype == np.float32
    for rng, dtype, message in (("x", float, "rng must be"), (None, float, "rng must"), (0, int, "dtype must be")):
        with pytest.raises((TypeError, ValueError), match=message):
            Dense(2, 3).initialize(rng, dtype)
    network = Network([Dense(2, 3)], loss=MeanSquaredError())
    with pytest.raises(RuntimeError, match=r"Dense\(2, 3\) belongs to a network"):
        network.layers[0].initialize(0)


def test_rnn_needs_a_step():
    layer = RNN(3, 2).initialize(np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"examples of shape \(T, 3\) with T > 0, got \(0, 3\)"):
        layer.forward(np.ones((2, 0, 3)))


def test_batchnorm_needs_an_example_for_training():
    layer = BatchNorm(3).initialize(np.random.default_rng(0))
    with pytest.raises(ValueError, match="a training batch must hold at least one example"):
        layer.forward(np.ones((0, 3)), training=True)
    assert layer.forward(np.ones((0, 3))).shape == (0, 3)


@every_layer
def test_an_empty_batch_is_refused_or_right(row: Row):
    layer, x = row.layer(), row.batch(4)[:0]
    try:
        out = layer.forward(x, training=True)
    except ValueError as error:
        assert "at least one example" in str(error)
        return
    assert out.shape == (0, *layer.output_shape(row.example))
    assert layer.backward(np.ones_like(out)).shape == x.shape
    assert all((gradient == 0).all() for gradient in layer.gradients.values())


def test_a_layer_of_one_s_own_says_what_it_lacks():
    class Mine(Layer):
        pass

    with pytest.raises(NotImplementedError, match=r"Mine must define forward\(x, training\)"):
        Mine().forward(np.ones((1, 1)))
    with pytest.raises(NotImplementedError, match=r"Mine must define backward\(dout\)"):
        Mine().backward(np.ones((1, 1)))


arrays = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.bool_, np.complex128, object]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    elements=st.just(0),
    fill=st.just(0),
) | hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5))


@settings(max_examples=60, deadline=None)
@given(x=arrays, dout=arrays, name=st.sampled_from(sorted(LAYERS)), training=st.booleans())
def test_anything_else_is_refused_with_a_documented_error_or_answered(x, dout, name, training):
    row = LAYERS[name]
    layer, before = row.layer(), x.copy()
    with np.errstate(all="ignore"):
        try:
            out = layer.forward(x, training)
        except (TypeError, ValueError) as error:
            assert type(layer).__name__ in str(error) or "layers[" in str(error)
            return
        assert out.shape == (len(x), *layer.output_shape(x.shape[1:])) and out.dtype == x.dtype
        try:
            dx = layer.backward(dout)
        except (TypeError, ValueError) as error:
            assert "dout must have" in str(error)
            return
    assert dx.shape == x.shape and dx.dtype == x.dtype
    np.testing.assert_array_equal(x, before)


def test_layers_take_big_batches():
    for (name, row), n in itertools.product(LAYERS.items(), [20_000]):
        layer = row.layer(np.float32)
        x = row.batch(n, np.float32)
        out = layer.forward(x).copy()
        np.testing.assert_allclose(out[:3], layer.forward(x[:3]), rtol=1e-4, atol=1e-5, err_msg=name)
