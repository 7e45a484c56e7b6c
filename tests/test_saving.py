"""Saved networks come back whole; anything else is refused with its reason."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlab import Network, layers, losses, saving
from nnlab.layers import GELU, RNN, BatchNorm, Dense, Dropout, LayerNorm, LeakyReLU, ReLU, Residual, Sigmoid, Tanh
from nnlab.losses import BinaryCrossEntropy, Loss, MeanSquaredError, SoftmaxCrossEntropy

X = np.random.default_rng(0).normal(size=(10, 4))


def every_kind(dtype="float64"):
    block = Residual([Dense(8, 8), LayerNorm(8, eps=1e-3), GELU(), Dropout(0.2), BatchNorm(8, momentum=0.3)])
    return Network(
        [Dense(4, 8), BatchNorm(8), LeakyReLU(0.3), block, Sigmoid(), Tanh(), ReLU(), Dense(8, 3)],
        loss=SoftmaxCrossEntropy(),
        seed=3,
        dtype=dtype,
    )


@pytest.fixture
def saved(tmp_path):
    network = every_kind()
    network.loss_and_gradients(X, np.arange(10) % 3)  # moves the running statistics
    network.save(tmp_path / "network.npz")
    return network, tmp_path / "network.npz"


def rewritten(path, change):
    """The file with its architecture and arrays changed."""
    with np.load(path) as stored:
        arrays = dict(stored)
    architecture = json.loads(arrays.pop("architecture").item())
    change(architecture, arrays)
    np.savez(path, architecture=np.array(json.dumps(architecture)), **arrays)
    return path


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_comes_back_whole(tmp_path, dtype):
    network = every_kind(dtype)
    network.loss_and_gradients(X, np.arange(10) % 3)
    network.save(str(tmp_path / "any name"))
    loaded = Network.load(str(tmp_path / "any name"))
    np.testing.assert_array_equal(loaded.flat_parameters, network.flat_parameters)
    assert loaded.flat_parameters.dtype == dtype
    assert list(loaded.state) == list(network.state) != []
    for name, array in network.state.items():
        np.testing.assert_array_equal(loaded.state[name], array)
    np.testing.assert_array_equal(loaded.forward(X), network.forward(X))
    assert repr(loaded) == repr(network)
    for each in (network, loaded):
        each.reseed(1)
    y = np.arange(10) % 3
    assert loaded.loss_and_gradients(X, y) == network.loss_and_gradients(X, y)
    np.testing.assert_array_equal(loaded.flat_gradients, network.flat_gradients)
    assert np.shares_memory(loaded.layers[0].W, loaded.flat_parameters)


@pytest.mark.parametrize(
    ("layer", "loss"),
    [
        (RNN(4, 3, sequences=True), MeanSquaredError()),
        (Dense(4, 1), BinaryCrossEntropy()),
        (Residual([Residual([Tanh()])]), MeanSquaredError()),
    ],
    ids=repr,
)
def test_other_layers_and_losses_come_back_too(tmp_path, layer, loss):
    network = Network([layer], loss=loss, dtype="float64")
    network.save(tmp_path / "n")
    loaded = Network.load(tmp_path / "n")
    x = np.random.default_rng(0).normal(size=(2, 5, 4) if isinstance(layer, RNN) else (2, 4))
    np.testing.assert_array_equal(loaded.forward(x), network.forward(x))
    assert type(loaded.loss) is type(loss)


def test_every_public_layer_and_loss_can_be_saved():
    assert set(saving.LAYERS) == set(layers.__all__) - {"Layer"}
    public = {name for name, kind in vars(losses).items() if isinstance(kind, type) and issubclass(kind, Loss)}
    assert set(saving.LOSSES) == public - {"Loss"}


def test_the_file_is_a_plain_npz_archive(saved):
    network, path = saved
    with np.load(path, allow_pickle=False) as stored:
        np.testing.assert_array_equal(stored["0.W"], network.layers[0].W)
        assert "3.4.running_mean" in stored and "3.0.W" in stored
        assert json.loads(stored["architecture"].item())["version"] == 1


def test_saving_replaces_a_file_whole_or_not_at_all(saved, monkeypatch):
    network, path = saved
    before = path.read_bytes()
    network.flat_parameters[:] = 0

    def failing(*arguments, **settings):
        arguments[0].write(b"half")
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(np, "savez", failing)
        with pytest.raises(OSError, match="no space left"):
            network.save(path)
    assert path.read_bytes() == before and os.listdir(path.parent) == [path.name]
    network.save(path)
    assert (Network.load(path).flat_parameters == 0).all() and os.listdir(path.parent) == [path.name]


def test_saving_gives_the_file_ordinary_permissions(saved):
    other = saved[1].with_name("other")
    other.touch()
    assert saved[1].stat().st_mode == other.stat().st_mode


def test_only_what_a_loader_knows_is_saved(tmp_path):
    class Mine(Tanh):
        pass

    class MyLoss(MeanSquaredError):
        pass

    for network in (
        Network([Mine()], loss=MeanSquaredError()),
        Network([Residual([Mine()])], loss=MeanSquaredError()),
        Network([Tanh()], loss=MyLoss()),
    ):
        with pytest.raises(TypeError, match=r"only nnlab's own (layers|losses) can be saved"):
            network.save(tmp_path / "n")
    with pytest.raises(TypeError, match="network must be a Network, got 3"):
        saving.save(3, tmp_path / "n")
    assert os.listdir(tmp_path) == []


def test_a_missing_file_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        Network.load(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        every_kind().save(tmp_path / "no folder" / "n")


def test_the_device_is_checked(saved):
    with pytest.raises(ValueError, match="device must be one of"):
        Network.load(saved[1], device="tpu")


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "file"
    array = io.BytesIO()
    np.save(array, np.ones(3))
    for content in (b"", b"hello", pickle.dumps({"a": 1}), array.getvalue(), b"PK\x03\x04" + bytes(100)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"file' is no saved network, or was cut short"):
            Network.load(path)
    np.savez(path.with_suffix(".npz"), x=np.ones(3))
    with pytest.raises(ValueError, match=r"is no network that this nnlab can load: it holds no architecture"):
        Network.load(path.with_suffix(".npz"))


@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99])
def test_a_file_cut_short_is_refused(saved, share):
    content = saved[1].read_bytes()
    saved[1].write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ValueError, match="no saved network, or was cut short"):
        Network.load(saved[1])


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, 10**9), byte=st.integers(0, 255))
def test_a_changed_byte_is_noticed_or_harmless(tmp_path_factory, place, byte):
    path = tmp_path_factory.getbasetemp() / "flipped.npz"
    network = every_kind()
    network.save(path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = byte
    path.write_bytes(content)
    try:
        loaded = Network.load(path)
    except ValueError as error:
        assert "flipped.npz" in str(error)
        return
    np.testing.assert_array_equal(loaded.flat_parameters, network.flat_parameters)


def set_layer(index, **changes):
    return lambda architecture, arrays: architecture["layers"][index].update(changes)


def set_top(**changes):
    return lambda architecture, arrays: architecture.update(changes)


def set_array(name, array):
    return lambda architecture, arrays: arrays.update({name: array})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (set_top(version=2), "it has format version 2, this nnlab reads version 1"),
        (set_top(version="1"), "it has format version '1'"),
        (set_top(kind="other"), "its architecture is not that of a network"),
        (set_top(dtype="float16"), "its dtype must be float32 or float64, got 'float16'"),
        (set_top(dtype="float32"), "0.W must be float32 of shape .*, got float64"),
        (set_top(loss="os.system"), r"its loss must be one of \['Binary.*, got 'os.system'"),
        (set_top(layers={}), "its layers must be a list, got dict"),
        (set_top(layers=[3]), r"its layers must be of \['BatchNorm', .*, got 3"),
        (set_top(layers=[]), r"it lacks \[\] and has \['0.W', "),
        (set_layer(0, layer="subprocess.Popen"), "its layers must be of .*, got 'subprocess.Popen'"),
        (set_layer(0, layer="Layer"), "its layers must be of .*, got 'Layer'"),
        (set_layer(0, initializer="x"), r"Dense takes the settings \['fan_in', 'fan_out'\], got \['fan_in', 'fan_out'"),
        (set_layer(0, fan_in=-1), "fan_in must be at least 1, got -1"),
        (set_layer(0, fan_in="4"), "fan_in must be a whole number, got '4'"),
        (set_layer(0, fan_in=5), r"0.W must be float64 of shape \(5, 8\), got float64 of shape \(4, 8\)"),
        (set_layer(0, fan_out=9), r"0.W must be float64 of shape \(4, 9\)"),
        (set_layer(0, fan_in=10**12), "its layers have .* numbers, more than its .* bytes hold"),
        (set_layer(1, features=10**15), "its layers have .* numbers, more than its .* bytes hold"),
        (set_layer(1, momentum=3), "momentum must be"),
        (set_layer(3, layers=[]), "at least one layer"),
        (set_layer(3, extra=1), r"Residual takes the settings \['layers'\], got \['extra', 'layers'\]"),
        (lambda architecture, arrays: arrays.pop("0.b"), r"it lacks \['0.b'\] and has \[\] besides"),
        (lambda architecture, arrays: arrays.pop("1.running_var"), r"it lacks \['1.running_var'\]"),
        (set_array("0.X", np.ones(3)), r"it lacks \[\] and has \['0.X'\] besides"),
        (set_array("0.W", np.ones((4, 8), np.float32)), "0.W must be float64 of shape .*, got float32"),
        (set_array("0.W", np.ones((8, 4))), r"0.W must be float64 of shape \(4, 8\), got float64 of shape \(8, 4\)"),
        (set_array("1.running_mean", np.ones(3)), r"1.running_mean must be float64 of shape \(8,\)"),
        (set_array("0.W", np.array([[object()]])), "no network that this nnlab can load: Object arrays cannot"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(saved, change, message):
    with pytest.raises(ValueError, match=message):
        Network.load(rewritten(saved[1], change))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (np.array("{"), "no network that this nnlab can load"),
        (np.array("[]"), "its architecture is not that of a network"),
        (np.array("3"), "its architecture is not that of a network"),
        (np.array(["{}"]), "its architecture is no text"),
        (np.ones(3), "its architecture is no text"),
        (
            np.array('{"kind": "nnlab network", "version": 1, "dtype": "float32", "loss": []}'),
            "its loss must be one of",
        ),
        (np.array('{"kind": "nnlab network", "version": 1, "dtype": [], "loss": []}'), "its dtype must be"),
        (np.array("[" * 100_000), "no network that this nnlab can load"),
    ],
)
def test_an_architecture_that_is_none_is_refused(tmp_path, text, message):
    np.savez(tmp_path / "n.npz", architecture=text)
    with pytest.raises(ValueError, match=message):
        Network.load(tmp_path / "n.npz")


def test_pickled_objects_are_never_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    path = tmp_path / "n.npz"
    architecture = {"kind": "nnlab network", "version": 1, "dtype": "float64", "loss": "MeanSquaredError"}
    architecture["layers"] = [{"layer": "Dense", "fan_in": 1, "fan_out": 1}]
    bomb = np.array([[Bomb()]], dtype=object)
    np.savez(path, architecture=np.array(json.dumps(architecture)), **{"0.W": bomb, "0.b": np.zeros(1)})
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        Network.load(path)
    np.savez(path, architecture=np.array(Bomb(), dtype=object))
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        Network.load(path)
    assert os.listdir(tmp_path) == ["n.npz"]


def test_a_huge_claim_takes_no_memory(tmp_path):
    """An array header that claims terabytes in a small file."""
    path = tmp_path / "n.npz"
    architecture = {"kind": "nnlab network", "version": 1, "dtype": "float64", "loss": "MeanSquaredError"}
    architecture["layers"] = [{"layer": "Dense", "fan_in": 10**6, "fan_out": 10**6}]
    np.savez(path, architecture=np.array(json.dumps(architecture)))
    with zipfile.ZipFile(path, "a") as archive:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)})
        archive.writestr("0.W.npy", header.getvalue())
        archive.writestr("0.b.npy", header.getvalue())
    with pytest.raises(ValueError, match=r"more than its \d+ bytes hold"):
        Network.load(path)


def test_another_process_loads_it(saved):
    network, path = saved
    program = f"from nnlab import Network; import sys; print(Network.load({str(path)!r}).flat_parameters.sum())"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert float(out) == network.flat_parameters.sum()
