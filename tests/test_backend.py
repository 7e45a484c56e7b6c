"""The seam between NumPy and CuPy, and what it says where CuPy or a GPU is missing."""

import sys
from types import ModuleType, SimpleNamespace

import array_api_strict
import numpy as np
import pytest

from nnlab import Network
from nnlab.backend import array_module, module_of, to_host
from nnlab.layers import Dense
from nnlab.losses import MeanSquaredError


class CUDARuntimeError(RuntimeError):
    """CuPy's class of this name."""


def cupy_without_gpu():
    def device_count():
        raise CUDARuntimeError("cudaErrorInsufficientDriver: CUDA driver version is insufficient")

    module = ModuleType("cupy")
    module.cuda = SimpleNamespace(
        runtime=SimpleNamespace(getDeviceCount=device_count, CUDARuntimeError=CUDARuntimeError)
    )
    return module


def test_device_names_are_checked():
    assert array_module("cpu") is np
    with pytest.raises(ValueError, match=r"device must be one of \['cpu', 'cuda'\], got 'gpu'"):
        array_module("gpu")
    with pytest.raises(ValueError, match=r"device must be one of .*, got 'gpu'"):
        Network([Dense(1, 1)], loss=MeanSquaredError(), device="gpu")


def test_without_cupy_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(
        RuntimeError, match=r'needs CuPy and an NVIDIA GPU. Install CuPy with: pip install "nnlab\[gpu\]"'
    ):
        Network([Dense(1, 1)], loss=MeanSquaredError(), device="cuda")


def test_without_a_gpu_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", cupy_without_gpu())
    with pytest.raises(RuntimeError, match=r'CuPy is installed but finds no GPU \(cudaErrorIn.*\). Use device="cpu"'):
        Network([Dense(1, 1)], loss=MeanSquaredError(), device="cuda")


def test_the_module_of_an_array(monkeypatch):
    assert module_of(np.zeros(1)) is np
    strict = array_api_strict.zeros(1, device=array_api_strict.Device("device1"))
    assert module_of(strict) is array_api_strict
    cupy = ModuleType("cupy")
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    array = type("ndarray", (), {"__module__": "cupy"})()
    assert module_of(array) is cupy


def test_to_host_takes_what_is_on_a_device_and_what_is_not():
    on_a_device = SimpleNamespace(get=lambda: np.arange(3))
    np.testing.assert_array_equal(to_host(on_a_device), [0, 1, 2])
    np.testing.assert_array_equal(to_host([1, 2]), [1, 2])
    host = np.zeros(2)
    assert to_host(host) is host
