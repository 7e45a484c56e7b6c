"""Losses: how far predictions are from targets, each with its gradient beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.backend import Array, to_host
from nnlab.validation import finite, float_array
from nnlab.workspace import NOTHING, Workspace


class Loss(Workspace):
    """A mean over the batch, as a function of the network's outputs.

    ``value_and_gradient(outputs, target)`` returns (L, ∂L/∂outputs). It never writes to the arrays it is handed; the
    gradient's array is reused by the next call. A new loss takes ``target`` and ``compute``.
    """

    classifies = True  # whether predictions are labels, so that accuracy means something
    outputs: Any = NOTHING  # the last outputs

    def value_and_gradient(self, outputs: Array, target: Any) -> tuple[Any, Array]:
        """(L, ∂L/∂outputs) for float outputs (N, out); raises TypeError or ValueError for what does not fit."""
        self.prepare(outputs)
        return self.compute(outputs, self.target(target, outputs.shape, outputs.dtype, "target"))

    def target(self, y: Any, shape: tuple[int, ...], dtype: Any, name: str = "y") -> Array:
        """``y`` checked against outputs of this shape and dtype; raises TypeError or ValueError naming ``name``."""
        raise NotImplementedError(f"{type(self).__name__} must define target(y, shape, dtype, name)")

    def compute(self, outputs: Array, target: Array) -> tuple[Any, Array]:
        """``value_and_gradient`` for a target that went through ``target``."""
        raise NotImplementedError(f"{type(self).__name__} must define compute(outputs, target)")

    def predict(self, outputs: Array) -> Array:
        """What the outputs say: labels for a classifier, the outputs themselves for a regression."""
        return outputs

    def correct(self, outputs: Array, target: Array) -> Any:
        """How many outputs predict their target, on the device; NaN for a regression."""
        return float("nan")

    def accept(self, outputs: Array) -> None:
        """Take new outputs: ``compute`` calls this unless they are the very array of the call before."""
        self.prepare(outputs)
        self.outputs = outputs

    def check(self, x: Array) -> None:
        if not isinstance(x, self.xp.ndarray) or x.dtype not in (np.float32, np.float64):
            got = getattr(x, "dtype", type(x).__name__)
            raise TypeError(f"{self!r}: outputs must be a {self.xp.__name__} array of float32 or float64, got {got}")
        if x.ndim < 2 or not x.size:
            raise ValueError(f"{self!r}: outputs must have shape (N, out) with N > 0, got {x.shape}")

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name != "outputs"}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class MeanSquaredError(Loss):
    """L = Σ (ŷ − y)² / n over all n = N · out entries; ∂L/∂ŷ = 2(ŷ − y)/n.

    It is the negative log-likelihood of y = ŷ + Gaussian noise, up to a scale and a constant.
    """

    classifies = False

    def target(self, y: Any, shape: tuple[int, ...], dtype: Any, name: str = "y") -> Array:
        target = float_array(name, y, dtype, self.xp)
        if target.shape != shape:
            raise ValueError(f"{name} must have the shape of the network's outputs, {shape}, got {target.shape}")
        finite(name, target, self.xp)
        return target

    def work_arrays(self, x: Array) -> dict[str, Array]:
        gradient = self.xp.empty(x.shape, x.dtype)
        return {"gradient": gradient, "flat": gradient.reshape(-1)}

    def compute(self, outputs: Array, target: Array) -> tuple[Any, Array]:
        if outputs is not self.outputs:
            self.accept(outputs)
        gradient, flat = self.gradient, self.flat
        self.xp.subtract(outputs, target, out=gradient)
        loss = flat.dot(flat) / flat.size
        gradient *= 2 / flat.size
        return loss, gradient


class SoftmaxCrossEntropy(Loss):
    """Cross-entropy of the softmax of logits (N, classes) against integer labels (N,).

    p = softmax(logits), L = −mean log p[label], ∂L/∂logits = (p − onehot(label))/N. Each row's maximum is subtracted
    first, so that no exponential overflows. It is the negative log-likelihood of the labels.

    Labels may also be probabilities q (N, classes), rows that sum to 1, as mixup or label smoothing makes them:
    L = −mean Σ q log p, ∂L/∂logits = (p − q)/N.
    """

    def target(self, y: Any, shape: tuple[int, ...], dtype: Any, name: str = "y") -> Array:
        if len(shape) != 2:
            raise ValueError(f"SoftmaxCrossEntropy needs outputs of shape (N, classes), got {shape}")
        labels = _plain(name, y)
        if labels.shape == shape and labels.dtype.kind == "f":
            return self._probabilities(labels, dtype, name)
        if labels.shape != shape[:1]:
            raise ValueError(
                f"{name} must hold one label an example, shape {shape[:1]}, or probabilities, floats of shape {shape}; "
                f"got {labels.dtype} of shape {labels.shape}"
            )
        if labels.dtype.kind not in "iu":
            raise TypeError(f"{name} must hold integer class labels, got dtype {labels.dtype}")
        if labels.size and (labels.min() < 0 or labels.max() >= shape[1]):
            wrong = labels[(labels < 0) | (labels >= shape[1])][0]
            raise ValueError(f"{name} must hold labels from 0 to {shape[1] - 1}, got {wrong}")
        return self.xp.asarray(labels, dtype=np.intp)

    def _probabilities(self, q: np.ndarray, dtype: Any, name: str) -> Array:
        finite(name, q)
        sums = q.sum(axis=1)
        if q.min() < 0 or np.abs(sums - 1).max() > 1e-3:
            raise ValueError(
                f"{name} must hold probabilities, at least 0 and summing to 1 in each row, got entries from "
                f"{q.min():g} and sums from {sums.min():g} to {sums.max():g}"
            )
        return self.xp.asarray(q, dtype=dtype)

    def check(self, x: Array) -> None:
        super().check(x)
        if x.ndim != 2:
            raise ValueError(f"SoftmaxCrossEntropy needs outputs of shape (N, classes), got {x.shape}")

    def work_arrays(self, x: Array) -> dict[str, Array]:
        xp, (rows, classes) = self.xp, x.shape
        gradient, total = xp.empty(x.shape, x.dtype), xp.empty(rows, x.dtype)
        return {
            "gradient": gradient,
            "flat": gradient.reshape(-1),
            "starts": xp.arange(rows) * classes,
            "place": xp.empty(rows, np.intp),
            "total": total,
            "column": total.reshape(-1, 1),
            "term": xp.empty(rows, x.dtype),
            "each_class": xp.ones(classes, x.dtype),
            "shares": xp.full(rows, 1 / rows, x.dtype),
        }

    def compute(self, outputs: Array, target: Array) -> tuple[Any, Array]:
        if outputs is not self.outputs:
            self.accept(outputs)
        xp, gradient, total, column, term = self.xp, self.gradient, self.total, self.column, self.term
        soft = target.ndim == 2
        outputs.max(axis=1, keepdims=True, out=column)
        xp.subtract(outputs, column, out=gradient)
        if soft:
            labelled = (gradient * target).dot(self.each_class)
        else:
            place = xp.add(self.starts, target, out=self.place)
            labelled = self.flat[place]
        xp.exp(gradient, out=gradient)
        gradient.dot(self.each_class, out=total)
        xp.log(total, out=term)
        term -= labelled
        loss = self.shares.dot(term)
        xp.divide(total, self.shares, out=total)
        gradient /= column
        if soft:
            gradient -= target * (1 / len(target))
        else:
            self.flat[place] -= self.shares
        return loss, gradient

    def predict(self, outputs: Array) -> Array:
        return outputs.argmax(axis=1)

    def correct(self, outputs: Array, target: Array) -> Any:
        labels = target.argmax(axis=1) if target.ndim == 2 else target
        return self.xp.count_nonzero(outputs.argmax(axis=1) == labels)


class BinaryCrossEntropy(Loss):
    """Cross-entropy of σ(logit) against labels 0 or 1; logits (N, 1), labels (N,) or (N, 1).

    L = mean(max(z, 0) − zy + log(1 + e^−|z|)), ∂L/∂z = (σ(z) − y)/N. The loss takes logits, not probabilities: the log
    of a rounded probability would be infinite.
    """

    def target(self, y: Any, shape: tuple[int, ...], dtype: Any, name: str = "y") -> Array:
        if shape[1:] != (1,):
            raise ValueError(f"BinaryCrossEntropy needs outputs of shape (N, 1), got {shape}")
        labels = _plain(name, y)
        if labels.shape not in (shape, shape[:1]):
            raise ValueError(f"{name} must have shape {shape[:1]} or {shape}, got {labels.shape}")
        if labels.dtype.kind not in "iufb":
            raise TypeError(f"{name} must hold labels 0 and 1, got dtype {labels.dtype}")
        if not np.isin(labels, (0, 1)).all():
            raise ValueError(f"{name} must hold labels 0 and 1, got {labels[~np.isin(labels, (0, 1))][0]}")
        return self.xp.asarray(labels.reshape(shape), dtype=dtype)

    def check(self, x: Array) -> None:
        super().check(x)
        if x.shape[1:] != (1,):
            raise ValueError(f"BinaryCrossEntropy needs outputs of shape (N, 1), got {x.shape}")

    def work_arrays(self, x: Array) -> dict[str, Array]:
        arrays = {name: self.xp.empty(x.shape, x.dtype) for name in ("gradient", "tail", "term")}
        return arrays | {"each_row": self.xp.ones(len(x), x.dtype)}

    def compute(self, outputs: Array, target: Array) -> tuple[Any, Array]:
        if outputs is not self.outputs:
            self.accept(outputs)
        xp, tail, term, gradient, rows = self.xp, self.tail, self.term, self.gradient, len(outputs)
        xp.exp(xp.negative(xp.abs(outputs, out=tail), out=tail), out=tail)
        # the difference of the large terms first: a tiny loss would be lost in them
        xp.maximum(outputs, 0, out=gradient)
        gradient -= xp.multiply(outputs, target, out=term)
        xp.log1p(tail, out=term)
        term += gradient
        loss = self.each_row.dot(term.reshape(-1)) / rows
        # σ(z) = e^min(z, 0) / (1 + e^−|z|)
        xp.exp(xp.minimum(outputs, 0, out=gradient), out=gradient)
        tail += 1
        gradient /= tail
        gradient -= target
        gradient *= 1 / rows
        return loss, gradient

    def predict(self, outputs: Array) -> Array:
        return (outputs[:, 0] > 0).astype(np.intp)

    def correct(self, outputs: Array, target: Array) -> Any:
        return self.xp.count_nonzero((outputs > 0) == (target > 0))


def _plain(name: str, y: Any) -> np.ndarray:
    """``y`` as a NumPy array; raises ValueError for nested lists whose lengths differ."""
    try:
        return to_host(y)
    except ValueError:
        raise ValueError(f"{name} must be an array, got nested lists whose lengths differ") from None
