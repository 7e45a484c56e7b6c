"""Callbacks: what ``fit`` calls between epochs, and early stopping among them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from nnlab.backend import Array
from nnlab.history import History
from nnlab.network import Network
from nnlab.validation import integer, real


class Callback:
    """What ``fit`` calls before the first epoch, after every epoch and after the last one.

    A plain function (network, history) will do in its place: it is called after every epoch.
    """

    def begin(self, network: Network, validation: Any) -> None:
        """Before the first epoch, with the validation data of ``fit`` or None; a place to refuse them."""

    def __call__(self, network: Network, history: History) -> Any:
        """After an epoch; a true answer ends the training."""

    def end(self, network: Network, history: History) -> None:
        """After the last epoch."""


class EarlyStopping(Callback):
    """Stop ``patience`` epochs after the last one that improved the validation loss.

    An epoch improves when its loss is below the best so far by more than ``min_delta``; a smaller gain leaves the best
    where it was, and so does NaN. After training ``best_epoch`` (0 first) and ``best_loss`` tell which epoch was best,
    and with ``restore_best`` the network has that epoch's weights again, also when the training was not cut short;
    those from before it when every loss was NaN.

    patience: at least 1. min_delta: at least 0. Raises ValueError when ``fit`` has no validation data.
    Source: L. Prechelt, "Early stopping, but when?", 1998, doi:10.1007/3-540-49430-8_3.
    """

    def __init__(self, patience: int, min_delta: float = 0.0, restore_best: bool = True) -> None:
        self.patience = integer("patience", patience, low=1)
        self.min_delta = real("min_delta", min_delta, low=0)
        self.restore_best = bool(restore_best)
        self.best_epoch = 0
        self.best_loss = math.inf

    def begin(self, network: Network, validation: Any) -> None:
        if validation is None:
            raise ValueError("EarlyStopping watches the validation loss: give fit validation=(x, y)")
        self.best_epoch, self.best_loss = 0, math.inf
        self._best = [array.copy() for array in _learned(network)]

    def __call__(self, network: Network, history: History) -> bool:
        epoch, loss = history.epochs - 1, history.validation_loss[-1]
        if loss < self.best_loss - self.min_delta:
            self.best_epoch, self.best_loss = epoch, loss
            _copy(_learned(network), self._best)
        return epoch - self.best_epoch >= self.patience

    def end(self, network: Network, history: History) -> None:
        if self.restore_best:
            _copy(self._best, _learned(network))

    def __repr__(self) -> str:
        settings = f"patience={self.patience}, min_delta={self.min_delta:g}, restore_best={self.restore_best}"
        return f"EarlyStopping({settings})"


def _learned(network: Network) -> list[Array]:
    """All that training changes: the parameters, and what layers such as BatchNorm keep besides."""
    return [network.flat_parameters, *network.state.values()]


def _copy(sources: Iterable[Array], targets: Iterable[Array]) -> None:
    for source, target in zip(sources, targets, strict=True):
        target[...] = source


def as_callbacks(callbacks: Iterable[Callable[[Network, History], Any]]) -> list[Callback]:
    """Every callback as a Callback; raises TypeError that names what is neither one nor a function."""
    found: list[Callback] = []
    for i, callback in enumerate(callbacks):
        if not callable(callback) or isinstance(callback, type):
            raise TypeError(f"callbacks[{i}] must be a Callback or a function (network, history), got {callback!r}")
        found.append(callback if isinstance(callback, Callback) else _AfterEveryEpoch(callback))
    return found


class _AfterEveryEpoch(Callback):
    def __init__(self, function: Callable[[Network, History], Any]) -> None:
        self.function = function

    def __call__(self, network: Network, history: History) -> Any:
        return self.function(network, history)
