"""Layers in a row: whether they fit each other, and their arrays under one set of names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nnlab.layers.base import Layer

Shape = tuple[Any, ...]  # None for a length that may be any


def check_layers(layers: Any) -> list[Layer]:
    """``layers`` as a list; raises TypeError or ValueError unless it holds layers, at least one, each only once."""
    if isinstance(layers, Layer) or not isinstance(layers, Sequence):
        raise TypeError(f"layers must be a list of layers such as [Dense(2, 3), ReLU()], got {layers!r}")
    if not layers:
        raise ValueError("layers must hold at least one layer, got none")
    seen: list[Layer] = []
    for i, layer in enumerate(layers):
        if not isinstance(layer, Layer):
            raise TypeError(f"layers[{i}] must be a layer such as Dense(2, 3), got {layer!r}")
        for part in parts(layer):
            if any(part is other for other in seen):
                raise ValueError(f"layers[{i}] holds {part!r}, the same object as an earlier layer; make a new one")
            seen.append(part)
    return list(layers)


def parts(layer: Layer) -> Iterator[Layer]:
    """The layer, then every layer inside it."""
    yield layer
    for inner in getattr(layer, "layers", ()):
        yield from parts(inner)


def chained_shape(layers: Sequence[Layer], shape: Shape | None) -> Shape | None:
    """The shape of one example after all layers, None where any will do; raises ValueError when they do not fit."""
    for i, layer in enumerate(layers):
        if shape is None:
            shape = layer.input_shape
        if shape is not None:
            try:
                shape = layer.output_shape(shape)
            except ValueError as error:
                before = "the layer before it" if i else "the input"
                raise ValueError(f"layers[{i}] does not fit {before}: {error}") from None
    return shape


def chained_input_shape(layers: Sequence[Layer]) -> Shape | None:
    """The shape of one example that the first layer with an opinion asks for."""
    return next((layer.input_shape for layer in layers if layer.input_shape is not None), None)


def numbered(mappings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One mapping from a mapping for each layer: ``W`` of the third becomes ``2.W``."""
    return {f"{i}.{name}": value for i, mapping in enumerate(mappings) for name, value in mapping.items()}


def of_layer(i: int, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What ``numbered`` made of the layer ``i``'s mapping."""
    prefix = f"{i}."
    return {name.removeprefix(prefix): value for name, value in mapping.items() if name.startswith(prefix)}
