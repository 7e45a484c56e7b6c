"""early_stopping and choose_width: when to stop training, and how large a network to take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from nnlab import Network
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import array
from nnlab.layers import Dense
from nnlab.losses import MeanSquaredError
from nnlab.training import EarlyStopping, History

CLOSE_TO_LIMIT = 0.003  # standard errors; a limit computed with errors 1% too large or too small shows


def early_stopping(val_losses: np.ndarray, patience: int, min_delta: float = 0.0) -> tuple[int, int]:
    """(stop_epoch, best_epoch) of nnlab's EarlyStopping, shown one validation loss after the other."""
    network, history = Network([Dense(1, 1)], loss=MeanSquaredError(), seed=0), History()
    callback = EarlyStopping(patience, min_delta)
    callback.begin(network, validation=())
    for loss in val_losses:
        history.loss.append(0.0)
        history.validation_loss.append(float(loss))
        if callback(network, history):
            break
    return history.epochs - 1, callback.best_epoch


def choose_width(errors_by_width: Mapping[int, np.ndarray]) -> int:
    """The narrowest width whose mean error is within one standard error of the lowest mean."""
    means = {width: float(np.mean(errors)) for width, errors in errors_by_width.items()}
    best = min(means, key=lambda width: (means[width], width))
    limit = means[best] + _standard_error(errors_by_width[best])
    return min(width for width, mean in means.items() if mean <= limit)


def _standard_error(errors: np.ndarray) -> float:
    return float(np.std(errors, ddof=1)) / float(np.sqrt(len(errors)))


def _stopping_examples() -> Iterator[Case]:
    def case(losses: list[float], patience: int, why: str, **more: float) -> Case:
        return Case({"val_losses": array(losses), "patience": patience, **more}, why)

    yield case([4, 3, 2, 1], 2, "It improves to the end: the last epoch is both.")
    yield case([4, 3, 3.5, 3.25, 1], 2, "Two epochs after the best one it stops, and never sees the 1.")
    yield case([4, 3, 3.5, 2, 2.5, 2.5, 2.5, 1], 3, "Every improvement starts the count anew.")
    yield case([4, 3, 3.5, 3.25, 3.125, 3], 3, "An epoch better than the one before it need not be the best so far.")
    yield case([4, 5, 3], 1, "With patience = 1 the first epoch without improvement is the last.")
    yield case([2, 2, 2, 2], 2, "An equal loss is no improvement.")
    yield case([5, 4, 3], 10, "There is no epoch after the last one.")
    yield case([5, 4, 4.5], 1, "It stops at the last epoch because its patience ends there.")
    yield case([4, 3.5, 3.25, 3.25], 9, "A gain of exactly min_delta is not enough; small gains add up.", min_delta=0.5)
    yield case([4, 3.75, 3.5, 3.25, 3], 2, "Too small a gain counts as none.", min_delta=1.0)


def _draw_stopping(rng: np.random.Generator, size: int) -> Case:
    epochs = int(rng.integers(1, 4 * size))
    # sixteenths are exact in float32 too, so that every way to write the comparison agrees on ties
    losses = np.round(16 * (4 * np.exp(-np.arange(epochs) / size) + 0.4 * np.abs(rng.normal(size=epochs)))) / 16
    arguments = {"val_losses": losses, "patience": int(rng.integers(1, 5))}
    if rng.random() < 0.7:
        arguments["min_delta"] = float(rng.choice([0.0, 0.0625, 0.25, 0.5]))
    return Case(arguments, "Below the best so far by more than min_delta; patience epochs after the last such one.")


EARLY_STOPPING = Exercise(
    "ps5.early_stopping",
    early_stopping,
    _stopping_examples,
    _draw_stopping,
    results=("stop_epoch", "best_epoch"),
    parts={"stop": ("stop_epoch",), "best": ("best_epoch",)},
)


def _width_examples() -> Iterator[Case]:
    def case(errors: dict[int, list[float]], why: str) -> Case:
        return Case({"errors_by_width": {width: array(values) for width, values in errors.items()}}, why)

    yield case({4: [0.5, 0.5], 8: [0.25, 0.25]}, "Equal folds: the standard error is 0, and the lowest mean wins.")
    yield case({8: [0.25, 0.25], 4: [0.5, 0.5]}, "The dict may list the widths in any order.")
    yield case({2: [5, 5, 5], 4: [2.5, 2.5, 2.5], 8: [1, 2, 3]}, "The limit is 2 + 1/√3 = 2.58: width 4 is within.")
    yield case({2: [2.7, 2.7, 2.7], 4: [2.5, 2.5, 2.5], 8: [1, 2, 3]}, "2.7 is above 2.58, though below 2 + 1.")
    yield case(
        {2: [2.45, 2.45, 2.45, 2.45], 4: [1, 2, 3, 2]}, "The folds are counted: 0.816/√4 = 0.41, so 2.45 is too high."
    )
    yield case({16: [1, 3], 4: [0, 10], 8: [2.5, 2.5]}, "It is the spread of the best width that counts.")
    yield case({64: [1, 2], 8: [4, 4], 32: [1.25, 2]}, "The narrowest within, neither the widest nor the first.")
    steps: dict[int, list[float]] = {2: [2.38] * 4, 4: [2.3] * 4, 6: [2.1] * 4, 8: [1, 2, 3, 2], 16: [2.2] * 4}
    yield case(steps, "The limit is 2 + 0.816/√4 = 2.41. All five widths are within; take the narrowest.")
    yield case({3: [0.4, 0.8]}, "A single width is the choice.")


def _draw_width(rng: np.random.Generator, size: int) -> Case:
    folds = int(rng.integers(2, size + 3))
    widths = [int(width) for width in rng.choice(np.arange(1, 20 * size), size + 1, replace=False)]
    while True:
        centers = 1 + 0.2 * rng.random(len(widths))
        errors = {width: center + 0.2 * rng.normal(size=folds) for width, center in zip(widths, centers, strict=True)}
        if rng.random() < 0.5:
            _to_the_limit(errors, CLOSE_TO_LIMIT * rng.choice([-1, 1]))
        if _clear(errors):
            return Case({"errors_by_width": errors}, "Limit: the lowest mean, plus its width's std (ddof 1) over √k.")


def _to_the_limit(errors: dict[int, np.ndarray], distance: float) -> None:
    """Move the narrowest width's mean to the limit and, by so many standard errors, beyond: it decides the choice."""
    best, narrowest = min(errors, key=lambda width: float(errors[width].mean())), min(errors)
    step = _standard_error(errors[best])
    errors[narrowest] += errors[best].mean() + (1 + distance) * step - errors[narrowest].mean()


def _clear(errors: Mapping[int, np.ndarray]) -> bool:
    """Whether rounding, in float32 too, cannot change the choice: no mean is at the limit, or near the lowest one."""
    means = np.array([values.mean() for values in errors.values()])
    best = int(means.argmin())
    step = _standard_error(list(errors.values())[best])
    off = np.abs(means - means[best] - step)
    return bool(step > 0.02 and (off > CLOSE_TO_LIMIT / 2 * step).all() and np.sum(means < means[best] + 1e-3) == 1)


CHOOSE_WIDTH = Exercise("ps5.choose_width", choose_width, _width_examples, _draw_width)
