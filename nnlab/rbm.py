"""Restricted Boltzmann machines, and deep belief networks pre-trained with them layer by layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from nnlab.data.sampling import minibatches
from nnlab.initializers import given
from nnlab.layers import Dense, Layer, Sigmoid
from nnlab.validation import finite, float_array, generator, integer, real

ENUMERABLE = 20  # units whose 2^20 states can be summed over in a second


class RBM:
    """Binary visible units v and hidden units h with p(v, h) = e^−E(v, h)/Z and E(v, h) = −vᵀWh − aᵀv − bᵀh.

    W (visible, hidden), a (visible,), b (hidden,). No unit is tied to one of its own kind, so all hidden units are
    independent given v, p(h_j = 1 | v) = σ(b + vW)_j, and all visible ones given h, p(v_i = 1 | h) = σ(a + hWᵀ)_i.
    The likelihood's gradient is ⟨vᵀh⟩ from the data minus ⟨vᵀh⟩ from the model. The second needs Z; contrastive
    divergence estimates it by a few steps of Gibbs sampling (Hinton 2002).

    W starts at N(0, 0.01²), a and b at 0. visible values between 0 and 1 are taken as probabilities of a 1.
    seed: an int or a ``numpy.random.Generator``; the machine draws its samples from it too.
    Raises TypeError or ValueError for sizes that are no positive whole numbers.
    """

    def __init__(self, visible: int, hidden: int, seed: int | np.random.Generator = 0) -> None:
        self.visible, self.hidden = integer("visible", visible, low=1), integer("hidden", hidden, low=1)
        self.rng = generator("seed", seed)
        self.W = self.rng.normal(0, 0.01, (self.visible, self.hidden))
        self.a, self.b = np.zeros(self.visible), np.zeros(self.hidden)

    def energy(self, v: Any, h: Any) -> np.ndarray:
        """E(v, h) of every pair of rows, (N,)."""
        v, h = self._units("v", v, self.visible), self._units("h", h, self.hidden)
        if len(v) != len(h):
            raise ValueError(f"v and h must have as many rows, got {len(v)} and {len(h)}")
        return -np.einsum("ni,ij,nj->n", v, self.W, h) - v @ self.a - h @ self.b

    def free_energy(self, v: Any) -> np.ndarray:
        """F(v) = −log Σ_h e^−E(v, h) = −aᵀv − Σ_j log(1 + e^(b + vW)_j) of every row, (N,)."""
        v = self._units("v", v, self.visible)
        return -v @ self.a - np.logaddexp(0, v @ self.W + self.b).sum(axis=1)

    def hidden_probabilities(self, v: Any) -> np.ndarray:
        """p(h_j = 1 | v), (N, hidden)."""
        return _sigmoid(self._units("v", v, self.visible) @ self.W + self.b)

    def visible_probabilities(self, h: Any) -> np.ndarray:
        """p(v_i = 1 | h), (N, visible)."""
        return _sigmoid(self._units("h", h, self.hidden) @ self.W.T + self.a)

    def gibbs(self, v: Any, steps: int = 1) -> np.ndarray:
        """``steps`` rounds of v → h → v from every row of v, all units drawn: binary visible states (N, visible)."""
        v = self._units("v", v, self.visible)
        for _ in range(integer("steps", steps, low=1)):
            h = self._sample(self.hidden_probabilities(v))
            v = self._sample(self.visible_probabilities(h))
        return v

    def log_partition(self) -> float:
        """log Z by summing over all states of the smaller side; raises ValueError when that has more than 20 units."""
        # −F(v) summed over v, or the same with the sides' roles exchanged
        if self.visible <= self.hidden:
            return _log_sum_exp(-self.free_energy(_all_states(self.visible)))
        h = _all_states(self.hidden)
        return _log_sum_exp(h @ self.b + np.logaddexp(0, h @ self.W.T + self.a).sum(axis=1))

    def log_likelihood(self, v: Any) -> float:
        """The mean of log p(v) = −F(v) − log Z over the rows, exact; as limited as ``log_partition``."""
        return float(-self.free_energy(v).mean()) - self.log_partition()

    def exact_gradient(self, v: Any) -> dict[str, np.ndarray]:
        """∂(mean log p(v))/∂(W, a, b), the model's part by enumeration; as limited as ``log_partition``."""
        if self.visible <= self.hidden:
            states = _all_states(self.visible)
            weights = np.exp(-self.free_energy(states) - self.log_partition())
            model = self._statistics(states, self.hidden_probabilities(states), weights)
        else:
            hidden = _all_states(self.hidden)
            log_weights = hidden @ self.b + np.logaddexp(0, hidden @ self.W.T + self.a).sum(axis=1)
            weights = np.exp(log_weights - self.log_partition())
            model = self._statistics(self.visible_probabilities(hidden), hidden, weights)
        return _difference(self._data_statistics(self._units("v", v, self.visible)), model)

    def gradient(self, v: Any, k: int = 1, chains: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """CD-k's estimate of ``exact_gradient``: the model's part from k Gibbs steps.

        The steps start at the rows of v (Hinton 2002), or at ``chains``, binary states (M, visible) that are moved in
        place and so go on in the next call (persistent CD, Tieleman 2008). Hidden units enter by their probabilities.
        """
        v = self._units("v", v, self.visible)
        moved = self.gibbs(v if chains is None else chains, k)
        if chains is not None:
            chains[...] = moved
        return _difference(self._data_statistics(v), self._data_statistics(moved))

    def fit(
        self,
        x: Any,
        lr: float = 0.1,
        epochs: int = 10,
        batch_size: int = 32,
        k: int = 1,
        persistent: bool = False,
        momentum: float = 0.9,
    ) -> list[float]:
        """Climb the likelihood of the rows of x, (N, visible) in [0, 1]; the reconstruction error after each epoch.

        velocity ← momentum · velocity + gradient, parameter ← parameter + lr · velocity, the gradient by CD-k, or from
        ``batch_size`` persistent chains. The error, the mean of (v − p(v | h))² with h = p(h | v), is easy to watch but
        not what is climbed. Raises TypeError or ValueError for settings out of range and x that does not fit.
        """
        x = self._units("x", x, self.visible)
        lr, momentum = real("lr", lr, low=0), real("momentum", momentum, low=0, high=1, open_high=True)
        epochs, batch_size = integer("epochs", epochs, low=0), integer("batch_size", batch_size, low=1)
        k = integer("k", k, low=1)
        chains = self._sample(np.full((batch_size, self.visible), 0.5)) if persistent else None
        velocity = {name: np.zeros_like(getattr(self, name)) for name in ("W", "a", "b")}
        errors = []
        for _ in range(epochs):
            for rows in minibatches(len(x), batch_size, self.rng):
                for name, gradient in self.gradient(x[rows], k, chains).items():
                    velocity[name] *= momentum
                    velocity[name] += gradient
                    getattr(self, name)[...] += lr * velocity[name]
            rebuilt = self.visible_probabilities(self.hidden_probabilities(x))
            errors.append(float(((x - rebuilt) ** 2).mean()))
        return errors

    def _data_statistics(self, v: np.ndarray) -> dict[str, np.ndarray]:
        return self._statistics(v, self.hidden_probabilities(v), np.full(len(v), 1 / len(v)))

    def _statistics(self, v: np.ndarray, h: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
        """Weighted means of vᵀh, v and h."""
        weighted = weights[:, None] * v
        return {"W": weighted.T @ h, "a": weighted.sum(axis=0), "b": weights @ h}

    def _sample(self, probabilities: np.ndarray) -> np.ndarray:
        return (self.rng.random(probabilities.shape) < probabilities).astype(np.float64)

    def _units(self, name: str, value: Any, units: int) -> np.ndarray:
        array = float_array(name, value)
        if array.ndim != 2 or array.shape[1] != units or not len(array):
            raise ValueError(f"{name} must have shape (N, {units}) with N > 0, got {array.shape}")
        finite(name, array)
        if array.min() < 0 or array.max() > 1:
            raise ValueError(f"{name} must lie in [0, 1], got values from {array.min():g} to {array.max():g}")
        return array

    def __repr__(self) -> str:
        return f"RBM({self.visible}, {self.hidden})"


@dataclass
class DeepBeliefNetwork:
    """Machines stacked so that each one's hidden units are the next one's visible units, and their errors by epoch."""

    rbms: list[RBM]
    errors: list[list[float]] = field(default_factory=list)

    def layers(self) -> list[Layer]:
        """New layers, Dense and Sigmoid for each machine, that start from its W and b."""
        pairs = ((Dense(rbm.visible, rbm.hidden, given(rbm.W), bias=rbm.b), Sigmoid()) for rbm in self.rbms)
        return [layer for pair in pairs for layer in pair]

    def transform(self, x: Any) -> np.ndarray:
        """The top machine's hidden probabilities for the rows of x."""
        for rbm in self.rbms:
            x = rbm.hidden_probabilities(x)
        return x


def pretrain(
    layer_sizes: Sequence[int],
    x: Any,
    lr: float = 0.1,
    epochs: int = 10,
    batch_size: int = 32,
    k: int = 1,
    persistent: bool = False,
    momentum: float = 0.9,
    seed: int | np.random.Generator = 0,
) -> DeepBeliefNetwork:
    """Train a machine for each pair of neighbouring sizes, the first on x, each other one on the hidden probabilities
    of the one below, without labels (Hinton, Osindero & Teh 2006).

    ``Network([*pretrain([64, 128, 32], x).layers(), Dense(32, 10)], loss=SoftmaxCrossEntropy())`` goes on from there
    with labels. x: (N, layer_sizes[0]) in [0, 1]. The other settings are those of ``RBM.fit``.
    Raises TypeError or ValueError for fewer than two sizes, sizes that are no positive whole numbers, and bad settings.
    """
    if isinstance(layer_sizes, str) or not isinstance(layer_sizes, Sequence) or len(layer_sizes) < 2:
        raise ValueError(f"layer_sizes must be a list of at least two sizes such as [64, 32], got {layer_sizes!r}")
    rng = generator("seed", seed)
    sizes = [integer(f"layer_sizes[{i}]", size, low=1) for i, size in enumerate(layer_sizes)]
    network = DeepBeliefNetwork([])
    for visible, hidden in pairwise(sizes):
        rbm = RBM(visible, hidden, rng)
        network.errors.append(rbm.fit(x, lr, epochs, batch_size, k, persistent, momentum))
        network.rbms.append(rbm)
        x = rbm.hidden_probabilities(x)
    return network


def _all_states(units: int) -> np.ndarray:
    """Every binary vector, (2^units, units)."""
    if units > ENUMERABLE:
        raise ValueError(f"enumeration needs at most {ENUMERABLE} units on the smaller side, got {units}")
    return ((np.arange(2**units)[:, None] >> np.arange(units)) & 1).astype(np.float64)


def _log_sum_exp(values: np.ndarray) -> float:
    largest = float(values.max())
    return largest + math.log(float(np.exp(values - largest).sum()))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def _difference(data: dict[str, np.ndarray], model: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: data[name] - model[name] for name in data}
