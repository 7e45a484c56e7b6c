"""Explorers of the chapter on the forward pass."""

__all__: list[str] = []
