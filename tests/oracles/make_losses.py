"""Make losses.json: losses, activations, normalizations and a recurrent layer by PyTorch, in float64.

It shares no code with nnlab and needs an environment of its own, outside the project's:

    python3 -m venv /tmp/oracles && /tmp/oracles/bin/pip install torch==2.13.0 scipy==1.17.1
    /tmp/oracles/bin/python tests/oracles/make_losses.py

Inputs are sin(i + offset) · scale for entry i, counted row by row, so that they need no generator.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path

import scipy
import scipy.special
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def wave(*shape: int, offset: float = 0.0, scale: float = 1.0) -> torch.Tensor:
    size = torch.Size(shape).numel()
    return torch.sin(torch.arange(size, dtype=torch.float64) + offset).reshape(shape) * scale


def value_and_gradient(function, x: torch.Tensor) -> dict[str, list]:
    x = x.clone().requires_grad_()
    value = function(x)
    value.backward()
    return {"value": value.item(), "gradient": x.grad.tolist()}


def losses() -> dict[str, dict]:
    labels = torch.tensor([0, 3, 1, 1, 2])
    soft = torch.softmax(wave(5, 4, offset=2.0), dim=1)
    binary = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0]).reshape(5, 1)
    cases = {}
    for scale in (1.0, 30.0, 800.0):
        logits, logit = wave(5, 4, scale=scale), wave(5, 1, offset=0.5, scale=scale)
        cases[f"SoftmaxCrossEntropy {scale:g}"] = value_and_gradient(lambda z: F.cross_entropy(z, labels), logits)
        cases[f"SoftmaxCrossEntropy soft {scale:g}"] = value_and_gradient(lambda z: F.cross_entropy(z, soft), logits)
        cases[f"BinaryCrossEntropy {scale:g}"] = value_and_gradient(
            lambda z: F.binary_cross_entropy_with_logits(z, binary), logit
        )
        cases[f"MeanSquaredError {scale:g}"] = value_and_gradient(
            lambda z: F.mse_loss(z, wave(5, 4, offset=1.0)), logits
        )
    return {"labels": labels.tolist(), "soft": soft.tolist(), "binary": binary.tolist(), "cases": cases}


def activations() -> dict[str, dict]:
    functions = {
        "ReLU": torch.relu,
        "LeakyReLU": lambda x: F.leaky_relu(x, 0.2),
        "Sigmoid": torch.sigmoid,
        "Tanh": torch.tanh,
        "GELU": lambda x: F.gelu(x, approximate="tanh"),
    }
    x = wave(3, 8, scale=6.0)
    stored = {}
    for name, function in functions.items():
        point = x.clone().requires_grad_()
        out = function(point)
        out.backward(wave(3, 8, offset=4.0))
        stored[name] = {"out": out.tolist(), "dx": point.grad.tolist()}
    points = torch.linspace(-6, 6, 25)
    exact = points.numpy() * scipy.special.ndtr(points.numpy())
    return {"cases": stored, "exact_gelu": {"x": points.tolist(), "out": exact.tolist()}}


def layer_case(layer: nn.Module, x: torch.Tensor, dout: torch.Tensor, pick=lambda out: out) -> dict:
    point = x.clone().requires_grad_()
    out = pick(layer(point))
    out.backward(dout)
    return {
        "out": out.tolist(),
        "dx": point.grad.tolist(),
        "gradients": {name: parameter.grad.tolist() for name, parameter in layer.named_parameters()},
    }


def batchnorm() -> dict:
    layer = nn.BatchNorm1d(3, eps=1e-3, momentum=0.25)
    with torch.no_grad():
        layer.weight.copy_(wave(3, offset=0.3) + 1.5)
        layer.bias.copy_(wave(3, offset=0.7))
    steps = []
    for step, rows in enumerate((6, 2, 5)):
        layer.zero_grad()
        case = layer_case(layer, wave(rows, 3, offset=step, scale=2.0) + 5, wave(rows, 3, offset=step + 0.5))
        steps.append(case | {"mean": layer.running_mean.tolist(), "var": layer.running_var.tolist()})
    layer.eval()
    layer.zero_grad()
    return {"steps": steps, "evaluation": layer_case(layer, wave(4, 3, offset=9.0), wave(4, 3, offset=1.0))}


def layernorm() -> dict:
    layer = nn.LayerNorm(6, eps=1e-3)
    with torch.no_grad():
        layer.weight.copy_(wave(6, offset=0.3) + 1.5)
        layer.bias.copy_(wave(6, offset=0.7))
    return layer_case(layer, wave(4, 6, scale=2.0) + 5, wave(4, 6, offset=0.5))


def recurrent() -> dict:
    layer = nn.RNN(3, 4, batch_first=True)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(wave(3, 4, offset=0.1).T)
        layer.weight_hh_l0.copy_(wave(4, 4, offset=0.2, scale=0.7).T)
        layer.bias_ih_l0.copy_(wave(4, offset=0.3))
        layer.bias_hh_l0.zero_()
    x = wave(2, 5, 3)
    last = layer_case(layer, x, wave(2, 4, offset=0.5), lambda out: out[1][0])
    layer.zero_grad()
    return {"last": last, "all": layer_case(layer, x, wave(2, 5, 4, offset=0.5), lambda out: out[0])}


def main() -> None:
    result = {
        "made_with": {"torch": torch.__version__, "scipy": scipy.__version__, "python": platform.python_version()},
        "losses": losses(),
        "activations": activations(),
        "BatchNorm": batchnorm(),
        "LayerNorm": layernorm(),
        "RNN": recurrent(),
    }
    path = Path(__file__).with_name("losses.json")
    path.write_text(json.dumps(result).replace('": {"', '":\n{"') + "\n")


if __name__ == "__main__":
    main()
