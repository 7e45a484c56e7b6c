"""The kernels: each makes one pass over its arrays for a formula that takes NumPy several.

Every kernel does the operations of the plain method, entry by entry in the same order and precision, so that the
results are equal to the last bit. Only the two of the softmax add up numbers in another order.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from nnlab.backend import Array

# Division by zero gives infinity or NaN, as in NumPy. Compiled code is kept on disk: a second run starts at once.
compiled = njit(cache=True, error_model="numpy")


@compiled
def add_bias(out: Array, b: Array) -> None:
    """out ← out + b for every row of out (N, fan_out)."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] += b[j]


@compiled
def relu(x: Array, out: Array) -> None:
    """out ← max(0, x) for vectors; NaN stays NaN."""
    for i in range(x.size):
        out[i] = 0 if x[i] <= 0 else x[i]


@compiled
def relu_backward(out: Array, dout: Array, dx: Array) -> None:
    """dx ← dout · sign(out) for vectors: 1 where out > 0, else 0, and NaN stays NaN."""
    for i in range(dout.size):
        dx[i] = dout[i] * np.sign(out[i])


@compiled
def subtract_maximum(logits: Array, labels: Array, shifted: Array) -> float:
    """shifted ← logits − the maximum of each row; return Σ shifted[i, labels[i]]."""
    labelled = 0.0
    for i in range(logits.shape[0]):
        maximum = logits[i, 0]
        for j in range(1, logits.shape[1]):
            if logits[i, j] > maximum or logits[i, j] != logits[i, j]:
                maximum = logits[i, j]
        for j in range(logits.shape[1]):
            shifted[i, j] = logits[i, j] - maximum
        labelled += shifted[i, labels[i]]
    return labelled


@compiled
def softmax_gradient(exponentials: Array, labels: Array) -> float:
    """exponentials ← (softmax − onehot(labels))/N; return Σ log(the sum of each row)."""
    rows = exponentials.shape[0]
    logarithms = 0.0
    for i in range(rows):
        total = exponentials[i].sum()
        logarithms += math.log(total)
        total *= exponentials.dtype.type(rows)
        for j in range(exponentials.shape[1]):
            exponentials[i, j] /= total
        exponentials[i, labels[i]] -= exponentials.dtype.type(1 / rows)
    return logarithms


@compiled
def adam(w: Array, g: Array, m: Array, v: Array, beta1: float, beta2: float, eps: float, lr: float) -> None:
    """m ← β1 · m + g,  v ← β2 · v + g²,  w ← w − lr · m/(√v + eps) for vectors; all numbers in their dtype."""
    for i in range(w.size):
        m[i] = m[i] * beta1 + g[i]
        v[i] = v[i] * beta2 + g[i] * g[i]
        w[i] -= m[i] / (np.sqrt(v[i]) + eps) * lr
