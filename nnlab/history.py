"""The record of a training: losses, accuracies and learning rates, by epoch and by step."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class History:
    """What ``fit`` recorded: lists of one number an epoch, and of one number a step.

    ``loss`` and ``accuracy`` are means over the epoch's mini-batches, measured as the weights moved, penalties
    included; ``validation_loss`` and ``validation_accuracy`` are measured at the epoch's end, without penalties, and
    stay empty without validation data. Accuracies are NaN for a regression. ``step_gradient_norm`` is measured before
    clipping and stays empty without ``clip_norm``. ``diverged_at`` is the first step whose loss was not finite, else
    None.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    step_loss: list[float] = field(default_factory=list)
    step_learning_rate: list[float] = field(default_factory=list)
    step_gradient_norm: list[float] = field(default_factory=list)
    diverged_at: int | None = None

    @property
    def epochs(self) -> int:
        """How many epochs were run."""
        return len(self.loss)
