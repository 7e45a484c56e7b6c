"""Explorers of the chapter on regularization."""

from nnlab.widgets.regularization.capacity_data import capacity_data
from nnlab.widgets.regularization.double_descent import double_descent
from nnlab.widgets.regularization.dropout_ensemble import dropout_ensemble
from nnlab.widgets.regularization.early_stopping import early_stopping
from nnlab.widgets.regularization.weight_paths import weight_paths

__all__ = ["capacity_data", "double_descent", "dropout_ensemble", "early_stopping", "weight_paths"]
