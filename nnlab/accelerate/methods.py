"""Methods of layers, losses and optimizers that call compiled kernels, and ``accelerate``, which installs them."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any

from nnlab.backend import Array
from nnlab.layers import Dense, ReLU
from nnlab.layers.chain import parts
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.network import Network
from nnlab.optimizers import Adam, Optimizer

try:
    from nnlab.accelerate import kernels
except ImportError as error:
    raise ImportError(
        'nnlab.accelerate needs Numba. Install it with: pip install "nnlab[fast]". Without it nnlab computes the same '
        f"with NumPy alone. ({error})"
    ) from error


def accelerate(network: Network, optimizer: Optimizer | None = None) -> None:
    """Let ``Dense``, ``ReLU``, ``SoftmaxCrossEntropy`` and ``Adam`` of this network and optimizer use compiled kernels.

    Results stay the same: to the last bit for ``Adam`` and the layers, up to rounding for the loss. Layers, losses and
    optimizers of other classes, subclasses included, stay as they are. The first step compiles, which takes seconds
    once a machine; a later process loads what was compiled.

    Raises TypeError for what is no network or optimizer, ValueError for a network on a GPU. Importing this module
    raises ImportError when Numba is missing.
    """
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, got {network!r}")
    if optimizer is not None and not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be an optimizer such as Adam(lr=1e-3), got {optimizer!r}")
    if network.device != "cpu":
        raise ValueError(f'network must be on device="cpu", got one on device={network.device!r}')
    for owner in (*(part for layer in network.layers for part in parts(layer)), network.loss, optimizer):
        for name, method in _METHODS.get(type(owner), {}).items():
            setattr(owner, name, MethodType(method, owner))


class _Dense(Dense):
    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        rows = x if x.ndim == 2 else x.reshape(-1, self.fan_in)
        rows.dot(self.W, out=self.out_rows)
        kernels.add_bias(self.out_rows, self.b)
        return self.out


class _ReLU(ReLU):
    def forward(self, x: Array, training: bool = False) -> Array:
        if x is not self.x:
            self.accept(x)
        kernels.relu(x.reshape(-1), self.out.reshape(-1))
        return self.out

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        if dout is not self.dout:
            self.accept_gradient(dout)
        kernels.relu_backward(self.out.reshape(-1), dout.reshape(-1), self.dx.reshape(-1))
        return self.dx


class _SoftmaxCrossEntropy(SoftmaxCrossEntropy):
    def compute(self, outputs: Array, target: Array) -> tuple[Any, Array]:
        if target.ndim != 1:
            return SoftmaxCrossEntropy.compute(self, outputs, target)
        if outputs is not self.outputs:
            self.accept(outputs)
        labelled = kernels.subtract_maximum(outputs, target, self.gradient)
        self.xp.exp(self.gradient, out=self.gradient)
        loss = (kernels.softmax_gradient(self.gradient, target) - labelled) / len(outputs)
        return outputs.dtype.type(loss), self.gradient


class _Adam(Adam):
    def update(self, w: Array, g: Array, *state: Array) -> None:
        if w.ndim != 1:
            Adam.update(self, w, g, *state)
            return
        m, v, _ = state
        number = w.dtype.type
        eps, lr = self.eps / self._root_v_factor, self.lr * self._m_factor / self._root_v_factor
        kernels.adam(w, g, m, v, number(self.beta1), number(self.beta2), number(eps), number(lr))


# Methods of one object are replaced, not its class: it is saved and shown as what it is, and its pickle needs no Numba.
_METHODS: dict[type, dict[str, Callable[..., Any]]] = {
    Dense: {"forward": _Dense.forward},
    ReLU: {"forward": _ReLU.forward, "backward": _ReLU.backward},
    SoftmaxCrossEntropy: {"compute": _SoftmaxCrossEntropy.compute},
    Adam: {"update": _Adam.update},
}
