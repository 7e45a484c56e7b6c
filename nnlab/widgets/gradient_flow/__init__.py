"""Explorers of the chapter on gradient flow."""

__all__: list[str] = []
