"""Explorers of the chapter on scaling out."""

__all__: list[str] = []
