"""Explorers of the chapter on initialization."""

__all__: list[str] = []
