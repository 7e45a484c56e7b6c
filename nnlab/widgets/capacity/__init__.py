"""Explorers of the chapter on capacity."""

__all__: list[str] = []
