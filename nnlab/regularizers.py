"""Regularizers: what a network pays, or may not exceed, for large weights."""

from __future__ import annotations

from typing import Any

from nnlab.backend import Array, module_of
from nnlab.validation import real
from nnlab.workspace import Workspace


class Regularizer(Workspace):
    """A preference for small weights: a penalty added to the loss, a constraint restored after each step, or both.

    A network applies it to its weight matrices, never to biases or other vectors.
    """

    def penalty(self, w: Array) -> Any:
        """What a weight array adds to the loss, a number on its device; 0 unless the rule says so."""
        return 0.0

    def add_gradient(self, w: Array, dw: Array) -> None:
        """Add ∂penalty/∂w to ``dw`` in place."""

    def constrain(self, w: Array) -> None:
        """Bring a weight array back into the allowed set, in place; every array is allowed unless the rule says so."""

    def _work(self, w: Array) -> Array:
        if module_of(w) is not self.xp:
            self.forget()
            self.xp = module_of(w)
        return self.buffer(f"work {w.shape}", w.shape, w.dtype)


class _Penalty(Regularizer):
    def __init__(self, lam: float) -> None:
        self.lam = real("lam", lam, low=0)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.lam:g})"


class L2(_Penalty):
    """penalty = lam · Σw², gradient = 2 · lam · w.

    It pulls every weight in proportion to its size (ridge regression; Krogh & Hertz 1991). Under plain gradient
    descent it equals a decay of the weights by 2 · lr · lam a step; under Adam it does not (Loshchilov & Hutter 2019).
    Some texts put ½ before the sum: their lam is twice this one. Raises ValueError unless lam ≥ 0.
    """

    def penalty(self, w: Array) -> Any:
        flat = w.reshape(-1)
        return self.lam * module_of(w).dot(flat, flat)

    def add_gradient(self, w: Array, dw: Array) -> None:
        dw += module_of(w).multiply(w, 2 * self.lam, out=self._work(w))


class L1(_Penalty):
    """penalty = lam · Σ|w|, subgradient = lam · sign(w), 0 at 0.

    It pulls every weight equally hard whatever its size, so that small ones end near 0 (the lasso; Tibshirani 1996).
    Raises ValueError unless lam ≥ 0.
    """

    def penalty(self, w: Array) -> Any:
        return self.lam * module_of(w).abs(w, out=self._work(w)).sum()

    def add_gradient(self, w: Array, dw: Array) -> None:
        work = module_of(w).sign(w, out=self._work(w))
        work *= self.lam
        dw += work


class MaxNorm(Regularizer):
    """After each step, column ← column · min(1, limit/‖column‖): weights into a unit have a norm of at most ``limit``.

    Columns of W (fan_in, fan_out) are the weights into one unit, so norms run over all axes but the last
    (Srivastava et al. 2014, section 5.1). Nothing is added to the loss. Raises ValueError unless limit > 0.
    """

    def __init__(self, limit: float) -> None:
        self.limit = real("limit", limit, low=0, open_low=True)

    def constrain(self, w: Array) -> None:
        xp = module_of(w)
        squares = xp.multiply(w, w, out=self._work(w))
        norms = xp.sqrt(squares.sum(axis=tuple(range(w.ndim - 1))))
        # limit / max(norm, limit) is exactly 1 for a column within the limit, and never divides by 0
        w *= self.limit / xp.maximum(norms, self.limit)

    def __repr__(self) -> str:
        return f"MaxNorm({self.limit:g})"


def regularizers(value: Any) -> tuple[Regularizer, ...]:
    """None, one regularizer or a sequence of them, as a tuple; raises TypeError for anything else."""
    found = () if value is None else (value,) if isinstance(value, Regularizer) else value
    if not isinstance(found, (list, tuple)) or not all(isinstance(item, Regularizer) for item in found):
        raise TypeError(f"regularizer must be None, a regularizer such as L2(1e-4), or a list of them, got {value!r}")
    return tuple(found)
