"""Explorers of the chapter on gradient descent."""

from nnlab.widgets.gradient_descent.batch_noise import batch_noise
from nnlab.widgets.gradient_descent.landscapes import landscapes
from nnlab.widgets.gradient_descent.race_by_time import race_by_time
from nnlab.widgets.gradient_descent.ravine import ravine
from nnlab.widgets.gradient_descent.step_size import step_size

__all__ = ["batch_noise", "landscapes", "race_by_time", "ravine", "step_size"]
