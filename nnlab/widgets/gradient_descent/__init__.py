"""Explorers of the chapter on gradient descent."""

from nnlab.widgets.gradient_descent.ravine import ravine
from nnlab.widgets.gradient_descent.step_size import step_size

__all__ = ["ravine", "step_size"]
