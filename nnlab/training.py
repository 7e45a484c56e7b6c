"""Training: the loop forward → loss → backward → update, and the record of how it went."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from nnlab.backend import Array
from nnlab.callbacks import Callback, EarlyStopping, as_callbacks
from nnlab.clipping import clip_by_global_norm, clip_by_value
from nnlab.history import History
from nnlab.network import Network
from nnlab.optimizers.base import Optimizer
from nnlab.schedules import Schedule
from nnlab.validation import generator, integer, real

__all__ = ["Callback", "EarlyStopping", "History", "fit"]


def fit(
    network: Network,
    optimizer: Optimizer,
    x: Any,
    y: Any,
    *,
    batch_size: int = 128,
    epochs: int = 10,
    validation: tuple[Any, Any] | None = None,
    callbacks: Iterable[Callable[[Network, History], Any]] = (),
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    progress: bool = False,
    seed: int | np.random.Generator = 0,
) -> History:
    """Train a network in place and return the History.

    Each epoch shuffles the examples once and takes them in mini-batches of ``batch_size`` (the last may be short).
    After each epoch every callback is called with (network, history); a true answer ends the training. ``progress``
    shows a bar. ``seed`` fixes the shuffles. A loss that is no longer finite ends the training with a warning.

    x: (N, …) finite. y: what the network's loss takes. validation: (x, y) to measure after each epoch.
    callbacks: ``Callback`` objects such as ``EarlyStopping``, or functions.
    schedule: sets ``optimizer.lr`` before every step, from the step's number in this training, 0 first.
    clip_norm, clip_value: clip the gradient by its global norm or entry by entry; at most one of them.
    Raises TypeError or ValueError that names the argument, before anything is changed.
    """
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {network!r}")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be an optimizer such as SGD(lr=0.1), got {optimizer!r}")
    if schedule is not None and not callable(schedule):
        raise TypeError(f"schedule must map a step to a learning rate, got {schedule!r}")
    epochs = integer("epochs", epochs, low=0)
    batch_size = integer("batch_size", batch_size, low=1)
    rng = generator("seed", seed)
    clip = _clipper(clip_norm, clip_value)
    listeners = as_callbacks(callbacks)
    x, y = network.batch(x, y)
    if validation is not None:
        if not isinstance(validation, Sequence) or len(validation) != 2:
            raise TypeError(f"validation must be a pair (x, y), got {type(validation).__name__}")
        network.batch(*validation, names=("validation[0]", "validation[1]"))
    history = History()
    for callback in listeners:
        callback.begin(network, validation)
    with _bar(epochs, enabled=progress) as bar, np.errstate(over="ignore", invalid="ignore"):
        for _ in range(epochs):
            order = network.xp.asarray(rng.permutation(len(x)))
            _epoch(network, optimizer, x[order], y[order], batch_size, schedule, clip, history)
            if validation is not None:
                loss, accuracy = network.evaluate(*validation)
                history.validation_loss.append(loss)
                history.validation_accuracy.append(accuracy)
            bar.set_postfix(_latest(history), refresh=False)
            bar.update()
            stops = [bool(callback(network, history)) for callback in listeners]
            if history.diverged_at is not None:
                warnings.warn(
                    f"training diverged: the loss of step {history.diverged_at} is "
                    f"{history.step_loss[history.diverged_at]}; a smaller learning rate than {optimizer.lr:g} may help",
                    stacklevel=2,
                )
            if any(stops) or history.diverged_at is not None:
                break
    for callback in listeners:
        callback.end(network, history)
    return history


def _epoch(
    network: Network,
    optimizer: Optimizer,
    x: Array,
    y: Array,
    batch_size: int,
    schedule: Schedule | None,
    clip: Callable[[Sequence[Array], History], None] | None,
    history: History,
) -> None:
    first = len(history.step_loss)
    losses: list[Any] = []
    sizes: list[int] = []
    correct: Any = 0
    for start in range(0, len(x), batch_size):
        x_batch, y_batch = x[start : start + batch_size], y[start : start + batch_size]
        if schedule is not None:
            step = first + len(losses)
            optimizer.lr = real(f"schedule({step})", schedule(step), low=0)
        losses.append(network.step_gradients(x_batch, y_batch))
        sizes.append(len(x_batch))
        correct = correct + network.correct(network.outputs, y_batch)
        if clip is not None:
            clip(network.gradients, history)
        optimizer.step(network.parameters, network.gradients)
        network.constrain()
        history.step_learning_rate.append(optimizer.lr)
    step_loss = [float(loss) for loss in losses]
    history.loss.append(float(np.dot(step_loss, sizes)) / len(x))
    history.accuracy.append(float(correct) / len(x))
    history.step_loss += step_loss
    history.diverged_at = next((first + i for i, loss in enumerate(step_loss) if not math.isfinite(loss)), None)


def _clipper(clip_norm: float | None, clip_value: float | None) -> Callable[[Sequence[Array], History], None] | None:
    if clip_norm is not None and clip_value is not None:
        raise ValueError(f"give clip_norm or clip_value, not both; got {clip_norm!r} and {clip_value!r}")
    if clip_norm is not None:
        max_norm = real("clip_norm", clip_norm, low=0, open_low=True)
        return lambda gradients, history: history.step_gradient_norm.append(clip_by_global_norm(gradients, max_norm))
    if clip_value is not None:
        limit = real("clip_value", clip_value, low=0, open_low=True)
        return lambda gradients, history: clip_by_value(gradients, limit)
    return None


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
