"""Losses: how far predictions are from targets, each with its gradient beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.backend import Array, to_host
from nnlab.validation import finite
from nnlab.workspace import Workspace


class Loss(Workspace):
    """A mean over the batch, as a function of the network's outputs.

    ``value_and_gradient(outputs, target)`` returns (L, ∂L/∂outputs); the gradient array is reused by the next call.
    """

    classifies = True  # whether predictions are labels, so that accuracy means something

    def target(self, y: Any, shape: tuple[int, ...], dtype: Any, name: str = "y") -> Array:
        """``y`` checked against outputs of this shape and dtype; raises TypeError or ValueError naming ``name``."""
        raise NotImplementedError(f"{type(self).__name__} must define target(y, shape, dtype, name)")

    def value_and_gradient(self, outputs: Array, target: Array) -> tuple[Any, Array]:
        """(L, ∂L/∂outputs) for outputs (N, out) and a target that went through ``target``."""
        raise NotImplementedError(f"{type(self).__name__} must define value_and_gradient(outputs, target)")

    def predict(self, outputs: Array) -> Array:
        """What the outputs say: labels for a classifier, the outputs themselves for a regression."""
        return outputs

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class MeanSquaredError(Loss):
    """L = Σ (ŷ − y)² / n over all n = N · out entries; ∂L/∂ŷ = 2(ŷ − y)/n.

    It is the negative log-likelihood of y = ŷ + Gaussian noise, up to a scale and a constant.
    """

    classifies = False

    def target(self, y: Any, shape: tuple[int, ...], dtype: Any, name: str = "y") -> Array:
        target = self.xp.asarray(y, dtype=dtype)
        if target.shape != shape:
            raise ValueError(f"{name} must have the shape of the network's outputs, {shape}, got {target.shape}")
        finite(name, target, self.xp)
        return target

    def value_and_gradient(self, outputs: Array, target: Array) -> tuple[Any, Array]:
        gradient = self.buffer("gradient", outputs.shape, outputs.dtype)
        self.xp.subtract(outputs, target, out=gradient)
        flat = gradient.reshape(-1)
        loss = self.xp.dot(flat, flat) / flat.size
        gradient *= 2 / flat.size
        return loss, gradient


class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of the softmax of logits (N, classes) against integer labels (N,).

    p = softmax(logits), L = −mean log p[label], ∂L/∂logits = (p − onehot(label))/N. Each row's maximum is subtracted
    first, so that no exponential overflows. It is the negative log-likelihood of the labels.
    """

    def target(self, y: Any, shape: tuple[int, ...], dtype: Any, name: str = "y") -> Array:
        labels = to_host(y)
        if labels.shape != shape[:1]:
            raise ValueError(f"{name} must hold one label an example, shape {shape[:1]}, got {labels.shape}")
        if not np.issubdtype(labels.dtype, np.integer):
            raise TypeError(f"{name} must hold integer class labels, got dtype {labels.dtype}")
        if labels.size and (labels.min() < 0 or labels.max() >= shape[1]):
            wrong = labels[(labels < 0) | (labels >= shape[1])][0]
            raise ValueError(f"{name} must hold labels from 0 to {shape[1] - 1}, got {wrong}")
        return self.xp.asarray(labels, dtype=np.intp)

    def value_and_gradient(self, outputs: Array, target: Array) -> tuple[Any, Array]:
        xp = self.xp
        rows = len(outputs)
        gradient = self.buffer("gradient", outputs.shape, outputs.dtype)
        xp.subtract(outputs, outputs.max(axis=1, keepdims=True), out=gradient)
        every_row = self._arange(rows)
        chosen = gradient[every_row, target]
        xp.exp(gradient, out=gradient)
        total = gradient.sum(axis=1, keepdims=True)
        loss = (xp.log(total).sum() - chosen.sum()) / rows
        gradient /= total
        gradient[every_row, target] -= 1
        gradient *= 1 / rows
        return loss, gradient

    def predict(self, outputs: Array) -> Array:
        return outputs.argmax(axis=1)

    def _arange(self, rows: int) -> Array:
        if len(getattr(self, "_rows", ())) != rows:
            self._rows = self.xp.arange(rows)
        return self._rows


class BinaryCrossEntropy(Loss):
    """Cross-entropy of σ(logit) against labels 0 or 1; logits (N, 1), labels (N,) or (N, 1).

    L = mean(max(z, 0) − zy + log(1 + e^−|z|)), ∂L/∂z = (σ(z) − y)/N. The loss takes logits, not probabilities: the log
    of a rounded probability would be infinite.
    """

    def target(self, y: Any, shape: tuple[int, ...], dtype: Any, name: str = "y") -> Array:
        labels = to_host(y)
        if shape[1:] != (1,):
            raise ValueError(f"BinaryCrossEntropy needs a network with 1 output, got outputs of shape {shape}")
        if labels.shape not in (shape, shape[:1]):
            raise ValueError(f"{name} must have shape {shape[:1]} or {shape}, got {labels.shape}")
        if not np.isin(labels, (0, 1)).all():
            raise ValueError(f"{name} must hold labels 0 and 1, got {labels[~np.isin(labels, (0, 1))][0]}")
        return self.xp.asarray(labels.reshape(shape), dtype=dtype)

    def value_and_gradient(self, outputs: Array, target: Array) -> tuple[Any, Array]:
        xp = self.xp
        tail = self.buffer("tail", outputs.shape, outputs.dtype)
        gradient = self.buffer("gradient", outputs.shape, outputs.dtype)
        xp.exp(xp.negative(xp.abs(outputs, out=tail), out=tail), out=tail)
        loss = (xp.maximum(outputs, 0) - outputs * target + xp.log1p(tail)).mean()
        # σ(z) = e^min(z, 0) / (1 + e^−|z|)
        xp.exp(xp.minimum(outputs, 0, out=gradient), out=gradient)
        tail += 1
        gradient /= tail
        gradient -= target
        gradient *= 1 / len(outputs)
        return loss, gradient

    def predict(self, outputs: Array) -> Array:
        return (outputs[:, 0] > 0).astype(np.intp)
