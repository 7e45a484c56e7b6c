"""A network as a file: an npz archive of plain arrays, without pickle, so that loading one runs none of its contents.

``architecture`` is JSON text: the format's version, dtype, loss, and each layer's name and settings. Every parameter
and state array stands beside it under its layer's place and its name, as ``0.W``; ``numpy.load`` opens the file too.
Layers and losses come from two fixed tables; a file that names anything else is refused.

What training adds is not stored: regularizers, the optimizer's state, and the generators of layers such as Dropout,
which start anew from seed 0.
"""

from __future__ import annotations

import json
import math
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nnlab.backend import to_host
from nnlab.layers import (
    GELU,
    RNN,
    BatchNorm,
    Dense,
    Dropout,
    Layer,
    LayerNorm,
    LeakyReLU,
    ReLU,
    Residual,
    Sigmoid,
    Tanh,
)
from nnlab.losses import BinaryCrossEntropy, Loss, MeanSquaredError, SoftmaxCrossEntropy
from nnlab.network import Network

VERSION = 1
KIND = "nnlab network"
LAYERS: dict[str, type[Layer]] = {
    kind.__name__: kind
    for kind in (BatchNorm, Dense, Dropout, GELU, LayerNorm, LeakyReLU, ReLU, Residual, RNN, Sigmoid, Tanh)
}
LOSSES: dict[str, type[Loss]] = {
    kind.__name__: kind for kind in (BinaryCrossEntropy, MeanSquaredError, SoftmaxCrossEntropy)
}


def save(network: Network, path: str | os.PathLike[str]) -> None:
    """Write the network to ``path``, whole or not at all: a file of that name stays as it is until the new one is done.

    Raises TypeError for a network with a layer or loss of one's own making, which no loader would know.
    """
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {network!r}")
    if type(network.loss) not in LOSSES.values():
        raise TypeError(f"only nnlab's own losses can be saved, got {network.loss!r}")
    architecture = {
        "kind": KIND,
        "version": VERSION,
        "dtype": str(network.dtype),
        "loss": type(network.loss).__name__,
        "layers": [_described(layer) for layer in network.layers],
    }
    arrays: dict[str, Any] = {"architecture": np.array(json.dumps(architecture))}
    for i, layer in enumerate(network.layers):
        for name, array in (*layer.parameters.items(), *layer.state.items()):
            arrays[f"{i}.{name}"] = to_host(array)
    path = Path(path)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with unfinished.open("xb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def load(path: str | os.PathLike[str], device: str = "cpu") -> Network:
    """The network in a file that ``save`` wrote, on ``device``: it computes what the saved one computed.

    Raises FileNotFoundError when there is no such file, ValueError that says what is wrong for one that is no saved
    network, was cut short or damaged, comes from a newer nnlab, or whose arrays do not fit its layers.
    """
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged is not None:
            raise ValueError(f"{damaged} is damaged")
        with np.load(path, allow_pickle=False) as stored:
            if "architecture" not in stored:
                raise ValueError("it holds no architecture")
            architecture = _architecture(stored["architecture"])
            return _network(architecture, stored, device)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ValueError(f"{os.fspath(path)!r} is no saved network, or was cut short: {error}") from None
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"{os.fspath(path)!r} is no network that this nnlab can load: {error}") from None


def _described(layer: Layer) -> dict[str, Any]:
    if type(layer) not in LAYERS.values():
        raise TypeError(f"only nnlab's own layers can be saved, got {layer!r}")
    settings: dict[str, Any] = {name: getattr(layer, name) for name in layer.settings}
    if isinstance(layer, Residual):
        settings["layers"] = [_described(inner) for inner in layer.layers]
    return {"layer": type(layer).__name__, **settings}


def _architecture(text: np.ndarray) -> dict[str, Any]:
    """The checked outline of the file: version, dtype, loss and a list for the layers."""
    if text.dtype.kind != "U" or text.shape != ():
        raise ValueError("its architecture is no text")
    architecture = json.loads(text.item())
    if not isinstance(architecture, dict) or architecture.get("kind") != KIND:
        raise ValueError("its architecture is not that of a network")
    if architecture.get("version") != VERSION:
        raise ValueError(f"it has format version {architecture.get('version')!r}, this nnlab reads version {VERSION}")
    if architecture.get("dtype") not in ("float32", "float64"):
        raise ValueError(f"its dtype must be float32 or float64, got {architecture.get('dtype')!r}")
    if str(architecture.get("loss")) not in LOSSES:
        raise ValueError(f"its loss must be one of {sorted(LOSSES)}, got {architecture.get('loss')!r}")
    return architecture


def _layers(described: Any) -> list[Layer]:
    if not isinstance(described, list):
        raise ValueError(f"its layers must be a list, got {type(described).__name__}")
    layers = []
    for description in described:
        if not isinstance(description, dict) or str(description.get("layer")) not in LAYERS:
            name = description.get("layer") if isinstance(description, dict) else description
            raise ValueError(f"its layers must be of {sorted(LAYERS)}, got {name!r}")
        kind = LAYERS[description["layer"]]
        settings = {name: value for name, value in description.items() if name != "layer"}
        expected = {"layers"} if kind is Residual else set(kind.settings)
        if set(settings) != expected:
            raise ValueError(f"{kind.__name__} takes the settings {sorted(expected)}, got {sorted(settings)}")
        layers.append(Residual(_layers(settings["layers"])) if kind is Residual else kind(**settings))
    return layers


def _network(architecture: dict[str, Any], stored: Any, device: str) -> Network:
    layers, dtype = _layers(architecture["layers"]), np.dtype(architecture["dtype"])
    shapes = [layer.parameter_shapes() for layer in layers]
    _check_sizes(shapes, stored, dtype)
    states = [{name: value.shape for name, value in layer.initial_state().items()} for layer in layers]
    expected = list(zip(shapes, states, strict=True))
    wanted = {f"{i}.{name}" for i, pair in enumerate(expected) for named in pair for name in named}
    held = set(stored.files) - {"architecture"}
    if wanted != held:
        missing, extra = sorted(wanted - held), sorted(held - wanted)
        raise ValueError(f"its layers and its arrays differ: it lacks {missing} and has {extra} besides")
    values: tuple[list[dict[str, np.ndarray]], ...] = ([], [])
    for i, pair in enumerate(expected):
        for place, named in zip(values, pair, strict=True):
            place.append({name: _array(stored, f"{i}.{name}", shape, dtype) for name, shape in named.items()})
    return Network.restored(layers, LOSSES[architecture["loss"]](), dtype, device, *values)


def _check_sizes(expected: Sequence[Mapping[str, tuple[int, ...]]], stored: Any, dtype: np.dtype) -> None:
    """Raise ValueError before memory is taken for arrays that the file is too short to hold."""
    claimed = sum(math.prod(shape) for shapes in expected for shape in shapes.values())
    held = sum(info.file_size for info in stored.zip.infolist())
    if claimed * dtype.itemsize > held:
        raise ValueError(f"its layers have {claimed} numbers, more than its {held} bytes hold")


def _array(stored: Any, name: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    array = stored[name]
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(f"{name} must be {dtype} of shape {shape}, got {array.dtype} of shape {array.shape}")
    return array
