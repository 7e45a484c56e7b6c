"""device="cuda" against device="cpu" in float64: every layer, loss and optimizer, training, saving, bad input."""

import numpy as np
import pytest
from layer_table import LAYERS
from test_optimizers import CASES

from nnlab import Network, fit, losses
from nnlab.backend import to_host
from nnlab.callbacks import EarlyStopping
from nnlab.flat import FlatArrays
from nnlab.gradcheck import gradient_check
from nnlab.layers import RNN, BatchNorm, Dense, Dropout, ReLU, Tanh
from nnlab.losses import BinaryCrossEntropy, Loss, MeanSquaredError, SoftmaxCrossEntropy
from nnlab.optimizers import SGD, Adam
from nnlab.regularizers import L1, L2, MaxNorm
from nnlab.schedules import CosineDecay

pytestmark = pytest.mark.usefixtures("cupy")

TARGETS = {
    MeanSquaredError: lambda rng: rng.normal(size=(37, 3)),
    SoftmaxCrossEntropy: lambda rng: rng.integers(0, 3, 37),
    BinaryCrossEntropy: lambda rng: rng.integers(0, 2, 37),
}


def close(got, expected, rtol=1e-9):
    np.testing.assert_allclose(to_host(got), expected, rtol=rtol, atol=rtol * 1e-2)


def pair(loss=SoftmaxCrossEntropy, outputs=3, **settings):
    """One network on the CPU and one on the GPU."""
    settings = {"seed": 1, "dtype": "float64"} | settings
    return [
        Network([Dense(4, 8), BatchNorm(8), Tanh(), Dense(8, outputs)], loss=loss(), device=device, **settings)
        for device in ("cpu", "cuda")
    ]


def examples(loss=SoftmaxCrossEntropy):
    rng = np.random.default_rng(0)
    return rng.normal(size=(37, 4)), TARGETS[loss](rng)


@pytest.mark.parametrize("row", LAYERS.values(), ids=LAYERS.keys())
@pytest.mark.parametrize("training", [True, False])
def test_layers(row, training, cupy):
    host, device = row.layer(), row.layer()
    if training and "Dropout" in repr(host):
        pytest.skip("CuPy draws other masks than NumPy; test_dropout looks at their statistics")

    def moved(arrays):
        return {name: cupy.asarray(array) for name, array in arrays.items()}

    device.bind(moved(device.parameters), moved(device.gradients), cupy, moved(device.state))
    for rows in (5, 2):
        x = row.batch(rows)
        out = host.forward(x, training)
        device_out = device.forward(cupy.asarray(x), training)
        assert isinstance(device_out, cupy.ndarray)
        close(device_out, out)
        dout = np.cos(np.arange(out.size, dtype=float)).reshape(out.shape)
        close(device.backward(cupy.asarray(dout)), host.backward(dout))
        for name, expected in (host.gradients | host.state).items():
            close((device.gradients | device.state)[name], expected)


def test_dropout(cupy):
    network = Network([Dropout(0.25), Dense(1000, 1)], loss=MeanSquaredError(), device="cuda")
    dropped = to_host(network.activations(np.ones((1000, 1000)), training=True)[0])
    np.testing.assert_allclose(np.unique(dropped), [0, 4 / 3], rtol=1e-6)
    assert abs((dropped == 0).mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / dropped.size)


def test_every_loss_is_tested():
    public = [kind for kind in vars(losses).values() if isinstance(kind, type) and issubclass(kind, Loss)]
    assert set(TARGETS) == {kind for kind in public if not kind.__name__.startswith("_")} - {Loss}


@pytest.mark.parametrize("loss", TARGETS)
def test_losses(loss):
    x, y = examples(loss)
    host, device = pair(loss, 1 if loss is BinaryCrossEntropy else 3)
    close(device.loss_and_gradients(x, y), host.loss_and_gradients(x, y))
    close(device.flat_gradients, host.flat_gradients)
    close(device.evaluate(x, y), host.evaluate(x, y))
    assert isinstance(device.predict(x), np.ndarray)
    close(device.predict(x), host.predict(x))
    for got, expected in zip(device.backward_signals(x, y), host.backward_signals(x, y), strict=True):
        close(got, expected)


@pytest.mark.parametrize("flat", [True, False], ids=["flat", "listed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule.__name__)
def test_optimizers(case, flat, cupy):
    shapes, rng = [(5, 4), (4,)], np.random.default_rng(0)

    def arrays(values, xp):
        return FlatArrays(xp.asarray(values), shapes) if flat else [xp.array(a) for a in FlatArrays(values, shapes)]

    start, rules = rng.normal(size=24), [case.rule(lr=case.lr), case.rule(lr=case.lr)]
    weights = [arrays(start.copy(), np), arrays(start.copy(), cupy)]
    for step in range(20):
        gradient = rng.normal(size=24)
        for w, rule, xp in zip(weights, rules, (np, cupy), strict=True):
            rule.lr = case.lr / (1 + step)
            rule.step(w, arrays(gradient.copy(), xp))
    for got, expected in zip(weights[1], weights[0], strict=True):
        close(got, expected)


@pytest.mark.parametrize(
    "settings",
    [{}, {"clip_norm": 0.1}, {"clip_value": 0.01}, {"schedule": CosineDecay(0.05, steps=20)}],
    ids=lambda settings: next(iter(settings), "plain"),
)
def test_training(settings):
    x, y = examples()
    networks = pair(regularizer=[L1(1e-3), L2(1e-3), MaxNorm(1.0)])
    host, device = (
        fit(network, Adam(0.02), x, y, batch_size=8, epochs=10, validation=(x, y), **settings) for network in networks
    )
    for name in ("step_loss", "accuracy", "validation_loss", "validation_accuracy"):
        close(getattr(device, name), getattr(host, name), rtol=1e-7)
    close(networks[1].flat_parameters, networks[0].flat_parameters, rtol=1e-6)


def test_early_stopping_restores_the_same_weights():
    x, y = examples()
    networks = pair()
    host, device = (
        fit(n, SGD(3.0), x, y, epochs=30, validation=(x[::-1], y), callbacks=[EarlyStopping(patience=2)])
        for n in networks
    )
    assert device.epochs == host.epochs < 30
    close(networks[1].flat_parameters, networks[0].flat_parameters, rtol=1e-6)


def test_sequences():
    x, y = np.random.default_rng(0).normal(size=(9, 6, 3)), np.arange(9) % 2
    host, device = (
        Network([RNN(3, 5), Dense(5, 2)], loss=SoftmaxCrossEntropy(), dtype="float64", device=device)
        for device in ("cpu", "cuda")
    )
    close(device.loss_and_gradients(x, y), host.loss_and_gradients(x, y))
    close(device.flat_gradients, host.flat_gradients)


def test_gradients_agree_with_central_differences():
    x, y = examples()
    layers = [Dense(4, 5), Tanh(), Dense(5, 3)]
    network = Network(layers, loss=SoftmaxCrossEntropy(), dtype="float64", device="cuda")
    assert gradient_check(network, x, y).passed


@pytest.mark.parametrize("devices", [("cpu", "cuda"), ("cuda", "cpu")], ids="-".join)
def test_saved_on_one_device_and_loaded_on_the_other(devices, tmp_path):
    x, y = examples()
    first = {network.device: network for network in pair()}[devices[0]]
    first.loss_and_gradients(x, y)
    first.save(tmp_path / "network.npz")
    second = Network.load(tmp_path / "network.npz", device=devices[1])
    assert second.device == devices[1]
    close(second.forward(x), to_host(first.forward(x)))


def test_float32_learns_as_on_the_cpu():
    x, y = examples()
    host, device = (fit(network, Adam(0.02), x, y, batch_size=8, epochs=20) for network in pair(dtype="float32"))
    np.testing.assert_allclose(device.loss, host.loss, rtol=1e-2)


@pytest.mark.parametrize(
    "x, y, message",
    [
        (np.zeros((2, 5)), [0, 1], r"x must have shape \(N, 4\), got \(2, 5\)"),
        (np.full((2, 4), np.nan), [0, 1], r"x must be finite, got nan at index \(0, 0\) \(8 such entries\)"),
        (np.zeros((2, 4)), [0, 3], "y must hold labels from 0 to 2, got 3"),
        (np.zeros((0, 4)), [], "x must hold at least one example"),
    ],
)
@pytest.mark.parametrize("on_device", [True, False], ids=["CuPy's", "NumPy's"])
def test_bad_input_is_refused(x, y, message, on_device, cupy):
    _, device = pair()
    if on_device:
        x, y = cupy.asarray(x), cupy.asarray(np.array(y, dtype=int))
    with pytest.raises(ValueError, match=message):
        device.loss_and_gradients(x, y)


def test_arrays_of_the_gpu_train_without_a_copy(cupy):
    x, y = examples()
    host, device = pair()
    x_device = cupy.asarray(x)
    assert device.inputs(x_device) is x_device
    close(device.loss_and_gradients(x_device, cupy.asarray(y)), host.loss_and_gradients(x, y))


def test_data_parallel_over_nccl(cupy):
    from nnlab.parallel import DataParallel, world

    try:
        communicator = world("cuda")
    except RuntimeError as error:
        pytest.skip(str(error))
    x, y = examples()
    host, device = pair()
    fit(host, Adam(0.02), x, y, batch_size=8)
    fit(DataParallel(device, communicator), Adam(0.02), x, y, batch_size=8)
    close(device.flat_parameters, host.flat_parameters, rtol=1e-7)


def test_a_small_network_with_relu_and_dropout_runs():
    network = Network([Dense(4, 64), ReLU(), Dropout(0.1), Dense(64, 3)], loss=SoftmaxCrossEntropy(), device="cuda")
    x, y = examples()
    history = fit(network, Adam(0.01), x, y, batch_size=8, epochs=40)
    assert history.loss[-1] < 0.5 * history.loss[0]
