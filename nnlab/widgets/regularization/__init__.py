"""Explorers of the chapter on regularization."""

__all__: list[str] = []
