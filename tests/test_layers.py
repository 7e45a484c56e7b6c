"""What every layer must do, one table row a layer."""

import copy
import pickle

import numpy as np
import pytest
from layer_table import LAYERS, Row

from nnlab import Network, layers
from nnlab.gradcheck import numerical_gradient, relative_error
from nnlab.layers import RNN, Dense
from nnlab.losses import MeanSquaredError


def pickled(layer):
    return pickle.loads(pickle.dumps(layer))


every_layer = pytest.mark.parametrize("row", LAYERS.values(), ids=LAYERS.keys())
modes = pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])


def run(layer, x, dout=None, training=True):
    """(output, dx, gradients, state) of one pass, all copied; the generator starts anew."""
    layer.seed(np.random.default_rng(5))
    out = layer.forward(x, training).copy()
    dout = np.cos(np.arange(out.size, dtype=out.dtype)).reshape(out.shape) if dout is None else dout
    dx = layer.backward(dout).copy()
    return out, dx, copied(layer.gradients), copied(layer.state)


def copied(arrays):
    return {name: array.copy() for name, array in arrays.items()}


def restore(layer, state):
    for name, array in state.items():
        layer.state[name][...] = array


def assert_same(first, second, exactly=True):
    for a, b in zip(first, second, strict=True):
        if isinstance(a, dict):
            assert list(a) == list(b)
            assert_same(a.values(), b.values(), exactly)
        elif exactly:
            np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


def test_every_public_layer_is_in_the_table():
    tested = {type(row.make()).__name__ for row in LAYERS.values()}
    assert tested == set(layers.__all__) - {"Layer"}


@every_layer
@modes
@pytest.mark.parametrize("n", [1, 4])
def test_gradients_agree_with_central_differences(row: Row, training, n):
    layer, x = row.layer(), row.batch(n)
    state = copied(layer.state)
    probe = np.random.default_rng(2).normal(size=run(layer, x)[0].shape)

    def projection(_):
        restore(layer, state)
        return float((run(layer, x, probe, training)[0] * probe).sum())

    projection(x)
    dx = layer.backward(probe).copy()
    analytic = {"x": dx} | copied(layer.gradients)
    for name, array in ({"x": x} | dict(layer.parameters)).items():
        numerical = numerical_gradient(projection, array)
        # where a batch of one row is normalized to 0, both are 0 up to rounding
        small = max(np.abs(numerical).max(), np.abs(analytic[name]).max()) < 1e-9
        assert small or relative_error(analytic[name], numerical) < 1e-7, name


@every_layer
def test_gradients_in_a_network_agree_with_central_differences(row: Row):
    layer = row.make()
    first = [] if isinstance(layer, RNN) else [Dense(row.example[-1], row.example[-1])]
    last = Dense(layer.output_shape(row.example)[-1], 2)

    network = Network([*first, layer, last], loss=MeanSquaredError(), dtype="float64", seed=4)
    network.input_shape = None  # an example may have several steps in front of a Dense layer too
    x = row.batch(5)
    y = np.random.default_rng(6).normal(size=network.forward(x).shape)

    def loss(_):
        network.reseed(3)
        return network.loss_and_gradients(x, y)

    loss(None)
    analytic = network.flat_gradients.copy()
    # all parameters together: a bias in front of a BatchNorm has the gradient 0, up to rounding
    assert relative_error(analytic, numerical_gradient(loss, network.flat_parameters)) < 1e-7


@every_layer
@modes
def test_float32_stays_float32(row: Row, training):
    out, dx, gradients, state = run(row.layer(np.float32), row.batch(4, np.float32), training=training)
    assert {array.dtype for array in (out, dx, *gradients.values(), *state.values())} == {np.dtype(np.float32)}
    if training and "Dropout" in repr(row.make()):
        return  # masks are drawn in the dtype they are used in, so they differ
    exact = run(row.layer(), row.batch(4), training=training)
    np.testing.assert_allclose(out, exact[0], rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(dx, exact[1], rtol=2e-4, atol=2e-5)


@every_layer
@modes
def test_arrays_handed_in_are_left_alone(row: Row, training):
    layer, x = row.layer(), row.batch(4)
    x.flags.writeable = False
    expected = run(row.layer(), row.batch(4), training=training)
    dout = np.cos(np.arange(expected[0].size, dtype=float)).reshape(expected[0].shape)
    dout.flags.writeable = False
    assert_same(run(layer, x, dout, training), expected)


@every_layer
@modes
def test_memory_order_does_not_matter(row: Row, training):
    x = row.batch(4)
    expected = run(row.layer(), x, training=training)
    dout = np.cos(np.arange(expected[0].size, dtype=float)).reshape(expected[0].shape)
    wide = np.repeat(np.repeat(x, 2, axis=0), 3, axis=-1)[::2, ..., ::3]
    for other in (np.asfortranarray(x), wide, np.flip(np.flip(x, 0).copy(), 0)):
        assert_same(run(row.layer(), other, np.asfortranarray(dout), training), expected, exactly=False)


@every_layer
@modes
def test_calls_leave_no_trace(row: Row, training):
    """Batches of other sizes, dtypes and modes in between change nothing but the state."""
    layer, x = row.layer(), row.batch(4)
    state = copied(layer.state)
    run(layer, row.batch(7, seed=8), training=True)
    run(layer, row.batch(1, seed=9) * 50, training=False)
    layer.forward(row.batch(4, seed=10), training=True)
    restore(layer, state)
    assert_same(run(layer, x, training=training), run(row.layer(), x, training=training))
    x *= 2  # the same array with new contents is a new batch
    restore(layer, state)
    assert_same(run(layer, x, training=training), run(row.layer(), x, training=training))


@every_layer
def test_evaluation_is_deterministic_and_treats_examples_one_by_one(row: Row):
    layer, x = row.layer(), row.batch(6)
    together = layer.forward(x, training=False).copy()
    np.testing.assert_array_equal(layer.forward(x, training=False), together)
    singly = np.concatenate([layer.forward(x[i : i + 1], training=False).copy() for i in range(6)])
    np.testing.assert_allclose(singly, together, rtol=1e-13, atol=1e-14)


@every_layer
def test_output_arrays_are_reused(row: Row):
    layer = row.layer()
    out, dx = (id(array) for array in passes(layer, row.batch(4)))
    again = passes(layer, row.batch(4, seed=3))
    assert (id(again[0]), id(again[1])) == (out, dx)


def passes(layer, x):
    out = layer.forward(x, training=True)
    return out, layer.backward(np.ones_like(out))


@every_layer
def test_shapes_are_as_announced(row: Row):
    layer = row.layer()
    assert layer.forward(row.batch(4)).shape == (4, *layer.output_shape(row.example))
    assert layer.parameter_shapes() == {name: array.shape for name, array in layer.parameters.items()}
    assert list(layer.initial_parameters(np.random.default_rng(0))) == list(layer.parameter_shapes())
    assert {name: array.shape for name, array in layer.gradients.items()} == layer.parameter_shapes()


@every_layer
def test_the_input_gradient_may_be_left_out(row: Row):
    layer, x = row.layer(), row.batch(4)
    _, _, gradients, _ = run(layer, x)
    layer.seed(np.random.default_rng(5))
    dout = np.cos(np.arange(layer.forward(x, training=True).size, dtype=float)).reshape(layer.out.shape)
    layer.backward(dout, needs_input_gradient=False)
    assert_same([gradients], [layer.gradients])


@every_layer
def test_nan_is_passed_on(row: Row):
    layer, x = row.layer(), row.batch(3)
    x[1, ..., 0] = np.nan
    for training in (True, False):
        layer.seed(np.random.default_rng(5))
        assert np.isnan(layer.forward(x, training)[1]).any()


@every_layer
@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))], ids=["copy", "pickle"]
)
def test_copies_compute_the_same_and_are_independent(row: Row, copied):
    layer, x = row.layer(), row.batch(4)
    run(layer, x)
    twin = copied(layer)
    expected = run(layer, x)
    assert_same(run(twin, x), expected)
    for array in twin.parameters.values():
        array += 1
    for name, array in layer.state.items():
        array[...] = row.layer().state[name]
    assert_same(run(layer, x)[:3], expected[:3])


@every_layer
def test_a_layer_is_shown_with_its_settings(row: Row):
    layer = row.make()
    namespace = {name: getattr(layers, name) for name in layers.__all__}
    assert repr(eval(repr(layer), namespace)) == repr(layer)
    kind = type(layer)
    if layer.settings:
        assert repr(kind(**{name: getattr(layer, name) for name in layer.settings})) == repr(layer)
