"""Training: the loop forward → loss → backward → update, and the record of how it went."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnlab.network import Network
from nnlab.optimizers.base import Optimizer
from nnlab.validation import integer


@dataclass
class History:
    """What ``fit`` recorded: lists of one number an epoch, and of one number a step.

    ``loss`` and ``accuracy`` are means over the epoch's mini-batches, measured as the weights moved;
    ``validation_loss`` and ``validation_accuracy`` are measured at the epoch's end and stay empty without validation
    data. Accuracies are NaN for a regression. ``diverged_at`` is the first step whose loss was not finite, else None.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    step_loss: list[float] = field(default_factory=list)
    diverged_at: int | None = None

    @property
    def epochs(self) -> int:
        """How many epochs were run."""
        return len(self.loss)


Callback = Callable[[Network, History], Any]


def fit(
    network: Network,
    optimizer: Optimizer,
    x: Any,
    y: Any,
    *,
    batch_size: int = 128,
    epochs: int = 10,
    validation: tuple[Any, Any] | None = None,
    callbacks: Iterable[Callback] = (),
    progress: bool = False,
    seed: int | np.random.Generator = 0,
) -> History:
    """Train a network in place and return the History.

    Each epoch shuffles the examples once and takes them in mini-batches of ``batch_size`` (the last may be short).
    After each epoch every callback is called with (network, history); a true answer ends the training. ``progress``
    shows a bar. ``seed`` fixes the shuffles. A loss that is no longer finite ends the training with a warning.

    x: (N, …) finite. y: what the network's loss takes. validation: (x, y) to measure after each epoch.
    Raises TypeError or ValueError that names the argument, before anything is changed.
    """
    epochs = integer("epochs", epochs, low=0)
    batch_size = integer("batch_size", batch_size, low=1)
    x, y = network.batch(x, y)
    if validation is not None:
        network.batch(*validation, names=("validation[0]", "validation[1]"))
    rng = np.random.default_rng(seed)
    callbacks = list(callbacks)
    history = History()
    with _bar(epochs, enabled=progress) as bar, np.errstate(over="ignore", invalid="ignore"):
        for _ in range(epochs):
            _epoch(network, optimizer, x, y, batch_size, rng, history)
            if validation is not None:
                loss, accuracy = network.evaluate(*validation)
                history.validation_loss.append(loss)
                history.validation_accuracy.append(accuracy)
            bar.set_postfix(_latest(history), refresh=False)
            bar.update()
            stops = [bool(callback(network, history)) for callback in callbacks]
            if history.diverged_at is not None:
                warnings.warn(
                    f"training diverged: the loss of step {history.diverged_at} is "
                    f"{history.step_loss[history.diverged_at]}; a smaller learning rate than {optimizer.lr:g} may help",
                    stacklevel=2,
                )
            if any(stops) or history.diverged_at is not None:
                break
    return history


def _epoch(
    network: Network, optimizer: Optimizer, x: Any, y: Any, batch_size: int, rng: np.random.Generator, history: History
) -> None:
    order = network.xp.asarray(rng.permutation(len(x)))
    x, y = x[order], y[order]
    losses, sizes, correct = [], [], 0
    for start in range(0, len(x), batch_size):
        x_batch, y_batch = x[start : start + batch_size], y[start : start + batch_size]
        losses.append(network.step_gradients(x_batch, y_batch))
        sizes.append(len(x_batch))
        correct = correct + network.correct(network.outputs, y_batch)
        optimizer.step(network.parameters, network.gradients)
    step_loss = [float(loss) for loss in losses]
    history.loss.append(float(np.dot(step_loss, sizes)) / len(x))
    history.accuracy.append(float(correct) / len(x))
    first = len(history.step_loss)
    history.step_loss += step_loss
    history.diverged_at = next((first + i for i, loss in enumerate(step_loss) if not math.isfinite(loss)), None)


def _latest(history: History) -> dict[str, str]:
    names = ("loss", "accuracy", "validation_loss", "validation_accuracy")
    latest = {name: getattr(history, name)[-1] for name in names if getattr(history, name)}
    return {name.replace("_", " "): f"{value:.4f}" for name, value in latest.items() if not math.isnan(value)}


def _bar(epochs: int, enabled: bool) -> Any:
    if not enabled:
        return _NoBar()
    from tqdm.auto import tqdm

    return tqdm(total=epochs, unit="epoch")


class _NoBar:
    """The silent stand-in, so that importing nnlab needs NumPy alone."""

    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def set_postfix(self, *args: Any, **settings: Any) -> None:
        pass

    def update(self) -> None:
        pass
