"""The path of another device: every layer, loss and optimizer on arrays that refuse to become NumPy's.

A device called "strict" stands in for the GPU: it is registered as ``nnlab.backend`` knows devices, and any NumPy
function that is handed one of its arrays raises TypeError. What is computed there must equal the CPU's to the last bit.
"""

import copy

import numpy as np
import pytest
from layer_table import LAYERS, Row
from strict_arrays import NAMESPACE, StrictArray, strict
from test_losses import LOSSES

from nnlab import Network, backend, fit, optimizers
from nnlab.layers import GELU, RNN, BatchNorm, Dense, Dropout, Layer, LayerNorm, LeakyReLU, ReLU, Residual
from nnlab.losses import MeanSquaredError, SoftmaxCrossEntropy
from nnlab.regularizers import L1, L2, MaxNorm

RATES = {name: 0.01 for name in optimizers.__all__ if name != "Optimizer"}
X = np.random.default_rng(0).normal(size=(24, 6)).astype(np.float32)
Y = np.arange(24) % 3


@pytest.fixture(autouse=True)
def device(monkeypatch):
    monkeypatch.setitem(backend.DEVICES, "strict", lambda: NAMESPACE)


def network(device, **settings):
    block = Residual([Dense(8, 8), LayerNorm(8), GELU(), Dropout(0.2)])
    return Network(
        [Dense(6, 8), BatchNorm(8), ReLU(), block, LeakyReLU(), Dropout(0.3), Dense(8, 3)],
        loss=SoftmaxCrossEntropy(),
        device=device,
        **settings,
    )


def on_device(layer: Layer) -> Layer:
    """A copy of the layer whose arrays are the device's."""
    moved = copy.deepcopy(layer)
    arrays = [
        {name: strict(array.copy()) for name, array in each.items()}
        for each in (layer.parameters, layer.gradients, layer.state)
    ]
    moved.bind(arrays[0], arrays[1], NAMESPACE, arrays[2])
    return moved


def assert_same(device_array, host_array):
    assert isinstance(device_array, StrictArray)
    np.testing.assert_array_equal(device_array.get(), host_array)


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("row", LAYERS.values(), ids=LAYERS.keys())
def test_layers(row: Row, training):
    host = row.layer(np.float32)
    there = on_device(host)
    x = row.batch(5, np.float32)
    for layer in (host, there):
        layer.seed(np.random.default_rng(1))
    out = host.forward(x, training)
    assert_same(there.forward(strict(x), training), out)
    dout = np.cos(np.arange(out.size, dtype=np.float32)).reshape(out.shape)
    assert_same(there.backward(strict(dout)), host.backward(dout))
    for name in host.gradients:
        assert_same(there.gradients[name], host.gradients[name])
    for name in host.state:
        assert_same(there.state[name], host.state[name])


@pytest.mark.parametrize(("make", "outputs", "target"), LOSSES.values(), ids=LOSSES.keys())
def test_losses(make, outputs, target):
    host, there = make(), make()
    there.xp = NAMESPACE
    value, gradient = there.value_and_gradient(strict(outputs.copy()), target)
    expected, host_gradient = host.value_and_gradient(outputs, target)
    assert isinstance(value, StrictArray) and float(value) == expected
    assert_same(gradient, host_gradient)
    checked = there.target(target, outputs.shape, np.float64)
    predictions = there.predict(strict(outputs))
    assert isinstance(predictions, StrictArray)
    if host.classifies:
        assert int(there.correct(strict(outputs), checked)) == host.correct(
            outputs, host.target(target, outputs.shape, np.float64)
        )


@pytest.mark.parametrize("name", RATES)
def test_training_steps_with_every_optimizer(name):
    trained = []
    for device in ("cpu", "strict"):
        net, optimizer = network(device), getattr(optimizers, name)(RATES[name])
        x, y = net.batch(X, Y)
        for _ in range(3):
            loss = net.step_gradients(x, y)
            optimizer.step(net.parameters, net.gradients)
        trained.append((net, loss))
    (host, loss), (there, there_loss) = trained
    assert isinstance(there_loss, StrictArray) and float(there_loss) == float(loss)
    assert_same(there.flat_parameters, host.flat_parameters)


def test_everything_a_network_does():
    host, there = network("cpu"), network("strict")
    assert_same(there.flat_parameters, host.flat_parameters)
    assert there.loss_and_gradients(X, Y) == host.loss_and_gradients(X, Y)
    assert_same(there.flat_gradients, host.flat_gradients)
    for name in host.state:
        assert_same(there.state[name], host.state[name])
    assert_same(there.forward(X), host.forward(X))
    for device_array, host_array in zip(there.activations(X), host.activations(X), strict=True):
        assert_same(device_array, host_array)
    assert isinstance(there.predict(X), np.ndarray)
    np.testing.assert_array_equal(there.predict(X), host.predict(X))
    assert there.evaluate(X, Y) == host.evaluate(X, Y)
    for device_array, host_array in zip(there.backward_signals(X, Y), host.backward_signals(X, Y), strict=True):
        assert_same(device_array, host_array)
    assert_same(there.forward(strict(X)), host.forward(X))
    with pytest.raises(ValueError, match=r"x must be finite, got .*nan.* at index \(2, 1\)"):
        there.forward(np.where(np.arange(24).reshape(4, 6) == 13, np.nan, X[:4]))


def test_recurrent_networks_and_regressions():
    x, y = np.random.default_rng(1).normal(size=(5, 4, 2)), np.random.default_rng(2).normal(size=(5, 4, 1))
    results = []
    for device in ("cpu", "strict"):
        net = Network([RNN(2, 3, sequences=True), Dense(3, 1)], loss=MeanSquaredError(), dtype="float64", device=device)
        results.append((net.loss_and_gradients(x, y), net.predict(x), net.evaluate(x, y)[0], net))
    (loss, predicted, measured, host), (there_loss, there_predicted, there_measured, there) = results
    assert (there_loss, there_measured) == (loss, measured)
    np.testing.assert_array_equal(there_predicted, predicted)
    assert_same(there.flat_gradients, host.flat_gradients)


def test_regularizers():
    host, there = (network(device, regularizer=[L1(1e-3), L2(1e-3), MaxNorm(0.5)]) for device in ("cpu", "strict"))
    assert there.loss_and_gradients(X, Y) == host.loss_and_gradients(X, Y)
    assert_same(there.flat_gradients, host.flat_gradients)
    host.constrain(), there.constrain()
    assert_same(there.flat_parameters, host.flat_parameters)


def test_fit():
    histories = []
    for device in ("cpu", "strict"):
        net = network(device)
        histories.append(fit(net, optimizers.Adam(0.01), X, Y, batch_size=7, epochs=2, validation=(X, Y)))
    assert histories[0].step_loss == histories[1].step_loss
    assert histories[0].validation_accuracy == histories[1].validation_accuracy


def test_a_network_moves_between_devices_through_a_file(tmp_path):
    there = network("strict")
    there.loss_and_gradients(X, Y)
    there.save(tmp_path / "n")
    host = Network.load(tmp_path / "n")
    assert_same(there.forward(X), host.forward(X))
    back = Network.load(tmp_path / "n", device="strict")
    assert_same(back.forward(X), host.forward(X))


def test_copies_stay_on_the_device():
    there = network("strict")
    there.loss_and_gradients(X, Y)
    twin = copy.deepcopy(there)
    assert_same(twin.forward(X), there.forward(X).get())
    twin.flat_parameters.fill(0)
    assert (twin.forward(X).get() == 0).all() and there.forward(X).get().any()
    layer = copy.deepcopy(there.layers[0])
    assert layer.xp is NAMESPACE


def test_a_layer_that_leaks_to_numpy_is_caught():
    class Leaking(Layer):
        def forward(self, x, training=False):
            return np.tanh(x)

    with pytest.raises(TypeError):
        Network([Leaking()], loss=MeanSquaredError(), device="strict").forward(X)
    with pytest.raises(TypeError, match=r"takes a strict_namespace array of .*, got numpy.ndarray"):
        network("strict").layers[0].forward(X)
    with pytest.raises(TypeError, match=r"takes a numpy array of float32 or float64, got strict_arrays.StrictArray"):
        network("cpu").layers[0].forward(strict(X))
