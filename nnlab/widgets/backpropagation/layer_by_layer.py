"""One example through a small network: activations forward, then gradients backward, a layer at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab import Network
from nnlab.initializers import lecun_normal
from nnlab.layers import Dense, ReLU, Sigmoid, Tanh
from nnlab.layers.base import Layer
from nnlab.losses import MeanSquaredError
from nnlab.widgets import Axis, Bars, Choice, Play, Slider, explorer
from nnlab.widgets import Network as Diagram

SIZES = (2, 4, 4, 4, 1)
DEPTH = len(SIZES) - 1
STEPS = 2 * DEPTH + 3
ACTIVATIONS = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": ReLU}
SUB = "₀₁₂₃₄"


def schedule() -> dict[str, np.ndarray]:
    """Which layers are known after each step (steps, layers), and which one is at work (steps,), −1 for none."""
    steps, layers = np.arange(STEPS)[:, None], np.arange(DEPTH + 1)
    return {
        "forward_shown": layers <= steps,
        "backward_shown": layers >= STEPS - 2 - steps,
        "forward_at": np.where(steps <= DEPTH, steps, -1).ravel(),
        "backward_at": np.where(steps > DEPTH, STEPS - 2 - steps, -1).ravel(),
    }


def _says(sizes_dw: list[float], loss: float) -> list[str]:
    """What each step does, in words."""
    words = ["The input stands at the left; nothing is computed yet."]
    words += [f"Forward through layer {k}: a{SUB[k]} = φ(a{SUB[k - 1]}W{SUB[k]} + b{SUB[k]})." for k in range(1, DEPTH)]
    words += [f"Forward through the last layer: the output and the loss {loss:.3g}."]
    words += [f"Backward starts: ∂L/∂a{SUB[DEPTH]} is the slope of the loss at the output."]
    words += [
        f"Backward through layer {k}: ∂L/∂W{SUB[k]} has size {sizes_dw[k - 1]:.2g}"
        + (f", and ∂L/∂a{SUB[k - 1]} goes on to the layer below." if k > 1 else "; the first layer is reached.")
        for k in range(DEPTH, 0, -1)
    ]
    return [*words, "Done: every array has its gradient."]


@explorer(
    name="layer-by-layer",
    title="Gradients through a small network, layer by layer",
    controls={
        "step": Play("Step", STEPS, initial=STEPS - 2, interval=1.2),
        "activation": Choice(
            "Hidden activation φ", {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU"}, initial="tanh"
        ),
        "scale": Slider("Weights multiplied by", 0.25, 3, step=0.25, initial=1, format=".3g"),
        "seed": Slider("Draw of the weights", 0, 7, step=1, initial=3),
    },
    panels=[
        [
            Diagram(
                title="Forward: activations",
                height=280,
                units=[f"a{k}" for k in range(DEPTH + 1)],
                weights=[f"W{k}" for k in range(1, DEPTH + 1)],
                labels=["x", *(f"a{SUB[k]}" for k in range(1, DEPTH + 1))],
                unit_domain=1.5,
                format="+.1f",
                units_shown="forward_shown[step]",
                emphasis="forward_at[step]",
            ),
            Diagram(
                title="Backward: ∂L/∂a in units, ∂L/∂W on wires",
                height=280,
                units=[f"g{k}" for k in range(DEPTH + 1)],
                weights=[f"dW{k}" for k in range(1, DEPTH + 1)],
                labels=["∂L/∂x", *(f"∂L/∂a{SUB[k]}" for k in range(1, DEPTH + 1))],
                units_shown="backward_shown[step]",
                weights_shown="backward_shown[step, :-1]",
                emphasis="backward_at[step]",
            ),
        ],
        Bars(
            title="Size ‖∂L/∂W‖ of each layer's gradient",
            height=190,
            values="sizes",
            shown="backward_shown[step, :-1]",
            labels=[f"layer {k}" for k in range(1, DEPTH + 1)],
            format=".2g",
            axis=Axis(log=True, domain=(1e-5, 100)),
            colors=("c2",),
        ),
    ],
    describe="{activation}, weights × {scale}, draw {seed}. Step {step}: {says[step]} {summary}",
)
def layer_by_layer(activation: str, scale: float, seed: int) -> dict[str, Any]:
    """A 2-4-4-4-1 network, one example x = (1, −0.5) with target 1: every activation and every gradient."""
    layers: list[Layer] = []
    for k in range(DEPTH):
        layers.append(Dense(SIZES[k], SIZES[k + 1], initializer=lecun_normal))
        if k < DEPTH - 1:
            layers.append(ACTIVATIONS[activation]())
    net = Network(layers, loss=MeanSquaredError(), seed=seed, dtype="float64")
    net.flat_parameters[:] *= scale
    x, y = np.array([[1.0, -0.5]]), np.array([[1.0]])
    outputs = [
        x,
        *(
            a
            for layer, a in zip(layers, net.activations(x), strict=True)
            if not isinstance(layer, Dense) or layer is layers[-1]
        ),
    ]
    signals = net.backward_signals(x, y)
    signals = [
        g for layer, g in zip(layers, signals, strict=True) if not isinstance(layer, Dense) or layer is layers[-1]
    ]
    dense = [layer for layer in layers if isinstance(layer, Dense)]
    dx = dense[0].backward(layers[1].backward(signals[0]))
    loss = net.loss_and_gradients(x, y)

    sizes = [float(np.linalg.norm(d)) for d in (layer.dW for layer in dense)]
    ratio = sizes[0] / sizes[-1] if sizes[-1] else float("nan")
    summary = (
        f"Layer 1 gets {ratio:.2g} times the gradient of layer {DEPTH}."
        if np.isfinite(ratio) and ratio > 0
        else "No gradient reaches layer 1: on this example a whole layer of ReLUs is off."
    )
    return {
        **{f"a{k}": a[0] for k, a in enumerate(outputs)},
        **{f"g{k}": g[0] for k, g in enumerate([dx, *signals])},
        **{f"W{k + 1}": layer.W for k, layer in enumerate(dense)},
        **{f"dW{k + 1}": layer.dW for k, layer in enumerate(dense)},
        "sizes": sizes, "says": _says(sizes, loss), "summary": summary, **schedule(),
    }  # fmt: skip
