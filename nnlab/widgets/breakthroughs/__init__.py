"""Explorers of the chapter on breakthroughs."""

__all__: list[str] = []
