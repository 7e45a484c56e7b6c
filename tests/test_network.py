"""The network: one flat vector, shapes and labels checked, the same from the same seed."""

import copy
import gc
import pickle
import tracemalloc

import numpy as np
import pytest

from nnlab import Network, data
from nnlab.gradcheck import numerical_gradient
from nnlab.layers import GELU, RNN, BatchNorm, Dense, Dropout, LayerNorm, LeakyReLU, ReLU, Residual, Tanh
from nnlab.losses import BinaryCrossEntropy, MeanSquaredError, SoftmaxCrossEntropy
from nnlab.optimizers import SGD


def small(dtype="float64", seed=0, **settings):
    return Network([Dense(2, 3), Tanh(), Dense(3, 2)], loss=SoftmaxCrossEntropy(), seed=seed, dtype=dtype, **settings)


def every_kind(dtype="float64", seed=0):
    block = Residual([Dense(8, 8), LayerNorm(8), GELU(), Dropout(0.2)])
    return Network(
        [Dense(4, 8), BatchNorm(8), LeakyReLU(), block, Dropout(0.3), Dense(8, 3)],
        loss=SoftmaxCrossEntropy(),
        seed=seed,
        dtype=dtype,
    )


X = np.random.default_rng(0).normal(size=(6, 2))
Y = np.array([0, 1, 1, 0, 1, 0])
X4 = np.random.default_rng(1).normal(size=(20, 4))
Y3 = np.arange(20) % 3


def test_parameters_and_gradients_are_views_of_flat_vectors():
    net = small()
    assert [w.shape for w in net.parameters] == [(2, 3), (3,), (3, 2), (2,)]
    assert net.flat_parameters.shape == net.flat_gradients.shape == (17,)
    for views, flat in ((net.parameters, net.flat_parameters), (net.gradients, net.flat_gradients)):
        assert all(np.shares_memory(view, flat) for view in views)
        np.testing.assert_array_equal(np.concatenate([view.ravel() for view in views]), flat)
    assert net.layers[0].W is net.parameters[0] and net.layers[2].db is net.gradients[3]
    net.flat_parameters[:] = 0
    assert (net.layers[0].W == 0).all()
    np.testing.assert_allclose(net.loss_and_gradients(X, Y), np.log(2))


def test_the_forward_pass_is_that_of_its_layers():
    net = small()
    first, _, last = net.layers
    hidden = np.tanh(X @ first.W + first.b)
    outputs = net.forward(X)
    np.testing.assert_allclose(outputs, hidden @ last.W + last.b, rtol=1e-14)
    kept = outputs.copy()
    net.forward(-X)
    np.testing.assert_array_equal(outputs, kept)
    activations = net.activations(X)
    assert [a.shape for a in activations] == [(6, 3), (6, 3), (6, 2)]
    np.testing.assert_allclose(activations[1], hidden, rtol=1e-14)
    np.testing.assert_array_equal(activations[2], kept)


def test_gradients_agree_with_central_differences():
    net = every_kind()

    def loss(_):
        net.reseed(1)
        return net.loss_and_gradients(X4, Y3)

    loss(None)
    analytic = net.flat_gradients.copy()
    numerical = numerical_gradient(loss, net.flat_parameters)
    np.testing.assert_allclose(analytic, numerical, atol=1e-8)
    assert np.abs(analytic).max() > 0.01


def test_backward_signals_are_the_derivatives_of_the_loss_by_each_output():
    net = small()
    signals = net.backward_signals(X, Y)
    gradients = net.flat_gradients.copy()
    net.loss_and_gradients(X, Y)
    np.testing.assert_array_equal(gradients, net.flat_gradients)
    hidden = net.activations(X)[1]
    last = net.layers[2]

    def loss(h):
        return net.loss.value_and_gradient(h @ last.W + last.b, Y)[0]

    np.testing.assert_allclose(signals[1], numerical_gradient(loss, hidden), atol=1e-9)
    np.testing.assert_allclose(signals[0], signals[1] * (1 - hidden**2), rtol=1e-12)
    assert [signal.shape for signal in signals] == [(6, 3), (6, 3), (6, 2)]


def test_layers_below_the_first_parameters_are_not_gone_back_through():
    class Counting(Tanh):
        calls = 0

        def backward(self, dout, needs_input_gradient=True):
            self.calls += 1
            return super().backward(dout, needs_input_gradient)

    below, above = Counting(), Counting()
    net = Network([below, Dense(2, 2), above], loss=MeanSquaredError())
    net.loss_and_gradients(X, X)
    assert (below.calls, above.calls) == (0, 1)
    plain = Network([Tanh()], loss=MeanSquaredError())
    assert plain.loss_and_gradients(X, np.tanh(X)) < 1e-13 and plain.flat_parameters.size == 0


def test_the_same_seed_gives_the_same_network():
    np.testing.assert_array_equal(small(seed=3).flat_parameters, small(seed=3).flat_parameters)
    np.testing.assert_array_equal(small(seed=np.random.default_rng(3)).flat_parameters, small(seed=3).flat_parameters)
    assert (small(seed=3).flat_parameters != small(seed=4).flat_parameters).any()
    np.testing.assert_array_equal(small("float32").flat_parameters, small().flat_parameters.astype(np.float32))


def test_training_mode_is_explicit():
    net = every_kind()
    assert (net.forward(X4) == net.forward(X4)).all()
    before = net.state["1.running_mean"].copy()
    net.evaluate(X4, Y3), net.predict(X4), net.forward(X4), net.activations(X4)
    np.testing.assert_array_equal(net.state["1.running_mean"], before)
    assert (net.forward(X4, training=True) != net.forward(X4, training=True)).any()
    assert (net.state["1.running_mean"] != before).any()
    assert net.layers[1].running_mean is net.state["1.running_mean"]


def test_float32_all_the_way():
    net = every_kind("float32")
    net.loss_and_gradients(X4, Y3)
    arrays = [net.flat_parameters, net.flat_gradients, net.forward(X4), *net.activations(X4), *net.state.values()]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_predictions_and_measures():
    net = small()
    labels = net.predict(X)
    assert labels.tolist() == net.forward(X).argmax(axis=1).tolist()
    loss, accuracy = net.evaluate(X, Y)
    assert accuracy == (labels == Y).mean()
    np.testing.assert_allclose(loss, net.loss_and_gradients(X, Y), rtol=1e-13)
    regression = Network([Dense(2, 1)], loss=MeanSquaredError(), dtype="float64")
    np.testing.assert_array_equal(regression.predict(X), regression.forward(X))
    loss, accuracy = regression.evaluate(X, np.zeros((6, 1)))
    np.testing.assert_allclose(loss, (regression.forward(X) ** 2).mean(), rtol=1e-13)
    assert np.isnan(accuracy)
    binary = Network([Dense(2, 1)], loss=BinaryCrossEntropy(), dtype="float64")
    assert binary.predict(X).tolist() == (binary.forward(X)[:, 0] > 0).astype(int).tolist()
    assert binary.evaluate(X, Y)[1] == (binary.predict(X) == Y).mean()


def test_large_sets_are_evaluated_in_pieces_with_the_same_result(monkeypatch):
    net = every_kind()
    whole, labels = net.evaluate(X4, Y3), net.predict(X4)
    monkeypatch.setattr("nnlab.network.EVALUATION_ROWS", 7)
    np.testing.assert_allclose(net.evaluate(X4, Y3), whole, rtol=1e-13)
    np.testing.assert_array_equal(net.predict(X4), labels)
    assert len(net.layers[0].out) == 6
    regression = Network([Dense(4, 2)], loss=MeanSquaredError(), dtype="float64")
    np.testing.assert_allclose(regression.predict(X4), regression.forward(X4), rtol=1e-13)


def test_soft_labels_are_the_mixture_of_hard_ones():
    net = small()
    hard = [net.evaluate(X, np.full(6, label))[0] for label in (0, 1)]
    soft, accuracy = net.evaluate(X, np.tile([0.3, 0.7], (6, 1)))
    np.testing.assert_allclose(soft, 0.3 * hard[0] + 0.7 * hard[1])
    assert accuracy == (net.predict(X) == 1).mean()
    np.testing.assert_allclose(net.evaluate(X, data.one_hot(Y, 2)), net.evaluate(X, Y), rtol=1e-13)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))], ids=["copy", "pickle"])
def test_copies_are_independent_networks(copied):
    net = every_kind()
    net.loss_and_gradients(X4, Y3)
    twin = copied(net)
    np.testing.assert_array_equal(twin.forward(X4), net.forward(X4))
    outputs = net.forward(X4)
    assert np.shares_memory(twin.layers[0].W, twin.flat_parameters)
    assert np.shares_memory(twin.layers[3].layers[0].W, twin.flat_parameters)
    assert twin.layers[1].running_mean is twin.state["1.running_mean"]
    for network in (net, twin):
        network.reseed(9)
    assert twin.loss_and_gradients(X4, Y3) == net.loss_and_gradients(X4, Y3)
    np.testing.assert_array_equal(twin.flat_gradients, net.flat_gradients)
    SGD(0.5).step(twin.parameters, twin.gradients)
    assert (twin.forward(X4) != outputs).any()
    with pytest.raises(ValueError, match="belongs to another network"):
        Network(twin.layers, loss=MeanSquaredError())


def test_a_training_step_allocates_nothing_that_grows():
    net = every_kind("float32")
    optimizer = SGD(0.01)
    x, y = net.batch(np.tile(X4, (500, 1)), np.tile(Y3, 500))

    def steps(n):
        for _ in range(n):
            net.step_gradients(x, y)
            optimizer.step(net.parameters, net.gradients)

    steps(3)
    gc.collect()
    tracemalloc.start()
    try:
        steps(3)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        steps(50)
        gc.collect()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 2000
    # within a step nothing of the size of a layer's output, 10,000 × 8 × 4 bytes, is allocated either
    assert peak - before < 10_000 * 8 * 4 / 2


def test_neighbours_must_fit():
    with pytest.raises(ValueError, match=r"layers\[1\] does not fit the layer before it: Dense\(4, 2\) .* got \(3,\)"):
        Network([Dense(2, 3), Dense(4, 2)], loss=MeanSquaredError())
    with pytest.raises(ValueError, match=r"layers\[2\] does not fit"):
        Network([Dense(2, 3), ReLU(), Residual([Dense(4, 4)])], loss=MeanSquaredError())
    with pytest.raises(ValueError, match=r"layers\[1\] does not fit .* got \(3,\)"):
        Network([Dense(2, 3), RNN(3, 2)], loss=MeanSquaredError())


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ([], ValueError, "layers must hold at least one layer, got none"),
        (Dense(2, 3), TypeError, r"layers must be a list of layers such as .*, got Dense\(2, 3\)"),
        (None, TypeError, "layers must be a list"),
        ([Dense(2, 3), 7], TypeError, r"layers\[1\] must be a layer such as Dense\(2, 3\), got 7"),
        ([Dense], TypeError, r"layers\[0\] must be a layer"),
    ],
)
def test_layers_are_checked(layers, error, message):
    with pytest.raises(error, match=message):
        Network(layers, loss=MeanSquaredError())


def test_a_layer_serves_one_place_in_one_network():
    shared = Dense(2, 2)
    with pytest.raises(ValueError, match=r"layers\[1\] holds Dense\(2, 2\), the same object as an earlier layer"):
        Network([shared, shared], loss=MeanSquaredError())
    with pytest.raises(ValueError, match=r"layers\[1\] holds Dense\(2, 2\), the same object"):
        Network([shared, Residual([shared])], loss=MeanSquaredError())
    Network([shared], loss=MeanSquaredError())
    with pytest.raises(ValueError, match=r"layers\[0\] .* belongs to another network; make a new one"):
        Network([Residual([shared])], loss=MeanSquaredError())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"loss": "mse"}, "loss must be a loss such as SoftmaxCrossEntropy"),
        ({"loss": MeanSquaredError}, "loss must be a loss"),
        ({"dtype": "float16"}, "dtype must be float32 or float64, got 'float16'"),
        ({"dtype": int}, "dtype must be float32 or float64"),
        ({"dtype": "nonsense"}, "dtype must be float32 or float64, got 'nonsense'"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"seed": 1.5}, "seed must be a whole number, got 1.5"),
        ({"seed": None}, "seed must be a whole number, got None"),
        ({"device": "tpu"}, "device must be one of"),
    ],
)
def test_settings_are_checked(settings, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Network([Dense(2, 3)], **{"loss": MeanSquaredError()} | settings)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.ones((3, 3)), ValueError, r"x must have shape \(N, 2\), got \(3, 3\)"),
        (np.ones(2), ValueError, r"x must have shape \(N, 2\), got \(2,\)"),
        (np.ones((3, 2, 1)), ValueError, r"x must have shape \(N, 2\), got \(3, 2, 1\)"),
        (3.0, ValueError, r"x must have shape \(N, 2\), got \(\)"),
        (np.ones((0, 2)), ValueError, r"x must hold at least one example, got shape \(0, 2\)"),
        ([[1, 2], [3]], ValueError, "x must be an array, got nested lists whose lengths differ"),
        ([["a", "b"]], TypeError, "x must be an array of real numbers, got dtype <U1"),
        (None, TypeError, "x must be an array of real numbers, got dtype object"),
        (np.ones((3, 2), complex), TypeError, "x must be an array of real numbers, got dtype complex128"),
        ([[1, np.nan]], ValueError, r"x must be finite, got nan at index \(0, 1\)"),
        ([[1, 2], [np.inf, 0]], ValueError, r"x must be finite, got inf at index \(1, 0\)"),
        (np.array([[1e300, 0]]), ValueError, r"x must be finite, got inf"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [
        lambda net, x: net.forward(x),
        lambda net, x: net.activations(x),
        lambda net, x: net.predict(x),
        lambda net, x: net.evaluate(x, [0]),
        lambda net, x: net.loss_and_gradients(x, [0]),
        lambda net, x: net.backward_signals(x, [0]),
    ],
    ids=["forward", "activations", "predict", "evaluate", "loss_and_gradients", "backward_signals"],
)
def test_inputs_are_checked(call, x, error, message):
    with pytest.raises(error, match=message):
        call(small("float32"), x)


@pytest.mark.parametrize("y", [[0, 2], [0, -1], [0, 1, 1], [0.5, 1], [[0], [1]], None, "ab", [[0.9, 0.2], [1, 0]]])
def test_labels_are_checked(y):
    net = small()
    before = net.flat_gradients.copy()
    for call in (net.evaluate, net.loss_and_gradients, net.backward_signals):
        with pytest.raises((TypeError, ValueError), match="y must"):
            call(X[:2], y)
    np.testing.assert_array_equal(net.flat_gradients, before)


def test_lists_and_other_number_types_are_welcome():
    net = small("float32")
    expected = net.forward(np.array([[1.0, 2.0]]))
    for x in ([[1, 2]], np.array([[1, 2]], np.uint8), np.array([[1, 2]], np.float16), ((1.0, 2),)):
        np.testing.assert_array_equal(net.forward(x), expected)


def test_data_handed_in_is_left_alone():
    net = every_kind()
    x, y = X4.copy(), Y3.copy()
    x.flags.writeable = y.flags.writeable = False
    for call in (net.loss_and_gradients, net.evaluate, net.backward_signals):
        call(x, y)
    np.testing.assert_array_equal(x, X4)


def test_sequences():
    net = Network([RNN(2, 3, sequences=True), LayerNorm(3), Dense(3, 1)], loss=MeanSquaredError(), dtype="float64")
    for steps in (5, 2):
        x = np.random.default_rng(0).normal(size=(4, steps, 2))
        assert net.forward(x).shape == (4, steps, 1)
        assert net.loss_and_gradients(x, np.zeros((4, steps, 1))) > 0
    with pytest.raises(ValueError, match=r"y must have the shape of the network's outputs, \(4, 2, 1\), got \(4, 1\)"):
        net.loss_and_gradients(x, np.zeros((4, 1)))
    with pytest.raises(ValueError, match=r"x must have shape \(N, T, 2\), got \(4, 2\)"):
        net.forward(np.ones((4, 2)))
    with pytest.raises(ValueError, match="x must hold at least one example"):
        net.forward(np.ones((4, 0, 2)))


def test_a_network_of_activations_takes_any_shape():
    net = Network([ReLU()], loss=MeanSquaredError(), dtype="float64")
    assert net.forward(-np.ones((2, 3, 4))).shape == (2, 3, 4)
    assert net.loss_and_gradients(np.ones((2, 3)), np.zeros((2, 3))) == 1
    with pytest.raises(ValueError, match=r"x must have shape \(N, in\), got \(3,\)"):
        net.forward(np.ones(3))


def test_it_shows_itself():
    assert repr(small()) == (
        "Network([Dense(2, 3), Tanh(), Dense(3, 2)], loss=SoftmaxCrossEntropy(), dtype=float64): 17 parameters"
    )


def test_the_loss_is_a_copy():
    loss = MeanSquaredError()
    nets = [Network([Dense(2, 1)], loss=loss) for _ in range(2)]
    assert nets[0].loss is not loss and nets[0].loss is not nets[1].loss
