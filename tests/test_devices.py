"""The path of another device: every layer, loss and optimizer on arrays that refuse to become NumPy's.

A device called "there", registered as ``nnlab.backend`` knows devices, stands in for the GPU. Each test runs on two
kinds of its arrays: "strict" ones write results to ``out=`` and cast them there, as CuPy's do; "standard" ones are
array-api-strict's on its "device1" and take only the dtypes, indices and devices that the array standard lets meet,
but for what ``standard_arrays`` names. What is computed there must equal the CPU's to the last bit.
"""

import copy

import array_api_strict as standard
import numpy as np
import pytest
import standard_device
from layer_table import LAYERS, Row
from strict_arrays import NAMESPACE
from test_losses import LOSSES
from test_parallel import Alone

from nnlab import Network, backend, fit, optimizers
from nnlab.gradcheck import gradient_check
from nnlab.layers import GELU, RNN, BatchNorm, Dense, Dropout, Layer, LayerNorm, LeakyReLU, ReLU, Residual
from nnlab.losses import MeanSquaredError, SoftmaxCrossEntropy
from nnlab.parallel import DataParallel
from nnlab.regularizers import L1, L2, MaxNorm

RULES = {name: getattr(optimizers, name) for name in optimizers.__all__ if name != "Optimizer"}
X = np.random.default_rng(0).normal(size=(24, 6)).astype(np.float32)
Y = np.arange(24) % 3


@pytest.fixture(autouse=True, params=[NAMESPACE, standard_device], ids=["strict", "standard"])
def xp(request, monkeypatch):
    """The namespace of the device "there"."""
    monkeypatch.setitem(backend.DEVICES, "there", lambda: request.param)
    return request.param


def optimizer(name):
    rule = RULES[name]
    return rule(0.01, **({"weight_decay": 0.1} if "weight_decay" in rule.tunables else {}))


def network(device, **settings):
    block = Residual([Dense(8, 8), LayerNorm(8), GELU(), Dropout(0.2)])
    return Network(
        [Dense(6, 8), BatchNorm(8), ReLU(), block, LeakyReLU(), Dropout(0.3), Dense(8, 3)],
        loss=SoftmaxCrossEntropy(),
        device=device,
        **settings,
    )


def on_device(layer: Layer, xp) -> Layer:
    """A copy of the layer whose arrays are the device's."""
    moved = copy.deepcopy(layer)
    arrays = [
        {name: xp.array(array) for name, array in each.items()}
        for each in (layer.parameters, layer.gradients, layer.state)
    ]
    moved.bind(arrays[0], arrays[1], xp, arrays[2])
    return moved


def assert_same(device_array, host_array):
    assert isinstance(device_array, device_array.__array_namespace__().ndarray)
    assert device_array.dtype == host_array.dtype
    np.testing.assert_array_equal(device_array.get(), host_array)


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("row", LAYERS.values(), ids=LAYERS.keys())
def test_layers(xp, row: Row, training):
    host = row.layer(np.float32)
    there = on_device(host, xp)
    x = row.batch(5, np.float32)
    for layer in (host, there):
        layer.seed(np.random.default_rng(1))
    out = host.forward(x, training)
    assert_same(there.forward(xp.array(x), training), out)
    dout = np.cos(np.arange(out.size, dtype=np.float32)).reshape(out.shape)
    assert_same(there.backward(xp.array(dout)), host.backward(dout))
    for name in host.gradients:
        assert_same(there.gradients[name], host.gradients[name])
    for name in host.state:
        assert_same(there.state[name], host.state[name])


@pytest.mark.parametrize(("make", "outputs", "target"), LOSSES.values(), ids=LOSSES.keys())
def test_losses(xp, make, outputs, target):
    host, there = make(), make()
    there.xp = xp
    value, gradient = there.value_and_gradient(xp.array(outputs), target)
    expected, host_gradient = host.value_and_gradient(outputs, target)
    assert isinstance(value, xp.ndarray) and float(value) == expected
    assert_same(gradient, host_gradient)
    checked = there.target(target, outputs.shape, np.float64)
    predictions = there.predict(xp.array(outputs))
    assert isinstance(predictions, xp.ndarray)
    if host.classifies:
        assert int(there.correct(xp.array(outputs), checked)) == host.correct(
            outputs, host.target(target, outputs.shape, np.float64)
        )


@pytest.mark.parametrize("name", RULES)
def test_training_steps_with_every_optimizer(xp, name):
    trained = []
    for device in ("cpu", "there"):
        net, rule = network(device), optimizer(name)
        x, y = net.batch(X, Y)
        for _ in range(3):
            loss = net.step_gradients(x, y)
            rule.step(net.parameters, net.gradients)
        trained.append((net, loss))
    (host, loss), (there, there_loss) = trained
    assert isinstance(there_loss, xp.ndarray) and float(there_loss) == float(loss)
    assert_same(there.flat_parameters, host.flat_parameters)


@pytest.mark.parametrize("name", RULES)
def test_every_optimizer_on_arrays_of_any_shape(xp, name):
    rng = np.random.default_rng(3)
    host = [rng.normal(size=shape).astype(np.float32) for shape in [(5, 3), (3,), (), (2, 3, 4), (0, 4)]]
    there = [xp.array(w) for w in host]
    rules = optimizer(name), optimizer(name)
    for _ in range(3):
        gradients = [np.asarray(rng.normal(size=w.shape), w.dtype) for w in host]
        rules[0].step(host, gradients)
        rules[1].step(there, [xp.array(g) for g in gradients])
    for device_array, host_array in zip(there, host, strict=True):
        assert_same(device_array, host_array)


def test_everything_a_network_does(xp):
    host, there = network("cpu"), network("there")
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
    assert_same(there.forward(xp.array(X)), host.forward(X))
    with pytest.raises(ValueError, match=r"x must be finite, got .*nan.* at index \(2, 1\)"):
        there.forward(np.where(np.arange(24).reshape(4, 6) == 13, np.nan, X[:4]))


def test_recurrent_networks_and_regressions():
    x, y = np.random.default_rng(1).normal(size=(5, 4, 2)), np.random.default_rng(2).normal(size=(5, 4, 1))
    results = []
    for device in ("cpu", "there"):
        net = Network([RNN(2, 3, sequences=True), Dense(3, 1)], loss=MeanSquaredError(), dtype="float64", device=device)
        results.append((net.loss_and_gradients(x, y), net.predict(x), net.evaluate(x, y)[0], net))
    (loss, predicted, measured, host), (there_loss, there_predicted, there_measured, there) = results
    assert (there_loss, there_measured) == (loss, measured)
    np.testing.assert_array_equal(there_predicted, predicted)
    assert_same(there.flat_gradients, host.flat_gradients)


def test_regularizers():
    host, there = (network(device, regularizer=[L1(1e-3), L2(1e-3), MaxNorm(0.5)]) for device in ("cpu", "there"))
    assert there.loss_and_gradients(X, Y) == host.loss_and_gradients(X, Y)
    assert_same(there.flat_gradients, host.flat_gradients)
    host.constrain(), there.constrain()
    assert_same(there.flat_parameters, host.flat_parameters)


@pytest.mark.parametrize("clip", [{}, {"clip_norm": 0.3}, {"clip_value": 0.01}], ids=str)
def test_fit(clip):
    histories = []
    for device in ("cpu", "there"):
        net = network(device, regularizer=MaxNorm(0.5))
        histories.append(fit(net, optimizers.Adam(0.01), X, Y, batch_size=7, epochs=2, validation=(X, Y), **clip))
    assert histories[0] == histories[1]


def test_data_parallel_training():
    histories = []
    for device in ("cpu", "there"):
        net = DataParallel(network(device), Alone())
        histories.append(fit(net, optimizers.SGD(0.1), X, Y, batch_size=7, epochs=2, validation=(X, Y)))
    assert histories[0] == histories[1]


def test_gradient_checks():
    x, y = np.random.default_rng(4).normal(size=(3, 2)), np.array([0, 2, 1])
    net = Network([Dense(2, 3), GELU(), Dense(3, 3)], loss=SoftmaxCrossEntropy(), dtype="float64", device="there")
    assert gradient_check(net, x, y).passed


def test_a_network_moves_between_devices_through_a_file(tmp_path):
    there = network("there")
    there.loss_and_gradients(X, Y)
    there.save(tmp_path / "n")
    host = Network.load(tmp_path / "n")
    assert_same(there.forward(X), host.forward(X))
    back = Network.load(tmp_path / "n", device="there")
    assert_same(back.forward(X), host.forward(X))


def test_copies_stay_on_the_device(xp):
    there = network("there")
    there.loss_and_gradients(X, Y)
    twin = copy.deepcopy(there)
    assert_same(twin.forward(X), there.forward(X).get())
    twin.flat_parameters.fill(0)
    assert (twin.forward(X).get() == 0).all() and there.forward(X).get().any()
    layer = copy.deepcopy(there.layers[0])
    assert layer.xp is xp


LEAKS = {
    "a function of NumPy": lambda xp, x: np.tanh(x),
    "an array of NumPy to the right": lambda xp, x: x * X,
    "an array of NumPy to the left": lambda xp, x: X * x,
    "an array of NumPy in a function": lambda xp, x: xp.add(x, X),
    "an array of NumPy in an assignment": lambda xp, x: x.__setitem__(slice(None), X),
}
BREACHES = {
    "a number of NumPy": (lambda xp, x: x * np.sqrt(2.0), "Python scalar"),
    "another device": (lambda xp, x: x + standard.asarray(X), "different devices"),
    "an index from another device": (lambda xp, x: x[standard.asarray([0])], "different devices"),
    "whole numbers and floats": (lambda xp, x: x + xp.arange(6), "cannot be type promoted"),
    "a wider dtype in place": (lambda xp, x: x.__iadd__(x.astype(np.float64)), "Cannot perform __iadd__"),
    "a wider dtype in out": (lambda xp, x: xp.add(x, x.astype(np.float64), out=x), "mismatched dtypes"),
    "a shape that is not the one of out": (lambda xp, x: xp.add(x[0], 1.0, out=x), r"out of shape \(24, 6\)"),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS.keys())
def test_a_layer_that_leaks_to_numpy_is_caught(xp, leak):
    class Leaking(Layer):
        def forward(self, x, training=False):
            return leak(self.xp, x)

    with pytest.raises((TypeError, ValueError, RuntimeError), match=r"NumPy|numpy|ufunc|device"):
        Network([Leaking()], loss=MeanSquaredError(), device="there").forward(X)


@pytest.mark.parametrize("xp", [standard_device], indirect=True, ids=["standard"])
@pytest.mark.parametrize(("breach", "message"), BREACHES.values(), ids=BREACHES.keys())
def test_what_the_array_standard_forbids_is_caught(xp, breach, message):
    x = xp.array(X)
    for array in (x, xp.exp(x), x[0, 0] * x):
        assert isinstance(array, xp.ndarray) and array.device == standard.Device("device1")
    with pytest.raises((TypeError, ValueError), match=message):
        breach(xp, x)


def test_layers_refuse_arrays_of_another_device(xp):
    with pytest.raises(TypeError, match=f"takes a {xp.__name__} array of .*, got numpy.ndarray"):
        network("there").layers[0].forward(X)
    with pytest.raises(
        TypeError, match=f"takes a numpy array of float32 or float64, got {type(xp.array(X)).__module__}"
    ):
        network("cpu").layers[0].forward(xp.array(X))
