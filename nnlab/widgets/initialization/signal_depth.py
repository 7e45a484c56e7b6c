"""What a deep network's activations and gradients look like, layer by layer, before any training."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.layers import Dense
from nnlab.widgets import Axis, Choice, Goal, Line, Plot, Predict, Ridges, Slider, explorer
from nnlab.widgets.initialization.deep import (
    ACTIVATION_WORDS,
    SCHEME_WORDS,
    deep_network,
    standardized_digits,
)
from nnlab.widgets.words import prettify

WIDTH, IMAGES, ROWS = 100, 200, 5
EDGES = np.linspace(-3, 3, 61)
DECADES = np.linspace(-16, 4, 61)
LAYERS_AT_MOST = 30
ROUNDING = 1e-14
ROW_AXIS = Axis(domain=(0, ROWS + 0.3), ticks=(), grid=False)


def _shape(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """A histogram as high as 1; what lies beyond the edges is counted in the outermost bins."""
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return counts / max(1, counts.max())


def _decades(gradient: np.ndarray) -> np.ndarray:
    """log₁₀|g| of the entries that are not 0."""
    return np.log10(np.abs(gradient[gradient != 0]))


def spread_over_examples(activations: np.ndarray) -> float:
    """√(the variance over the examples, averaged over the units): what still tells one image from another.

    NaN where that is no more than the rounding of the activations themselves.
    """
    spread = float(np.sqrt(activations.var(axis=0).mean()))
    return spread if spread > ROUNDING * float(np.abs(activations).max()) else float("nan")


def _times(ratio: float) -> str:
    if np.isnan(ratio):
        return "is lost in the rounding of float64"
    if 0.5 <= ratio <= 2:
        return f"stays about as large (× {ratio:.2g})"
    if 0.01 <= ratio <= 100:
        return f"{'falls' if ratio < 1 else 'grows'} {max(ratio, 1 / ratio):.2g}-fold"
    return f"{'vanishes' if ratio < 1 else 'explodes'}: × {ratio:.1e}"


def _state(spread: np.ndarray, off: float, saturated: float, activation: str) -> str:
    words = f"the spread of the activations over the images {_times(spread[-1] / spread[0])} from layer 1 to the last"
    if activation == "relu":
        return f"{words}, and {100 * off:.0f}% of all ReLUs are off."
    if saturated > 0.3:
        return f"{words}, and {100 * saturated:.0f}% of them are saturated."
    return f"{words}."


@explorer(
    name="signal-depth",
    title="Signals through a deep network at its start",
    controls={
        "scheme": Choice("Initial weights", SCHEME_WORDS, initial="xavier"),
        "activation": Choice("Activation", ACTIVATION_WORDS, initial="relu"),
        "depth": Slider("Hidden layers", 5, LAYERS_AT_MOST, step=5, initial=20),
        "of": Choice("Gradient of the loss by", {"signals": "activations", "weights": "weights"}),
    },
    panels=[
        [
            Plot(
                title="Activations, each row a layer",
                height=270,
                margin_right=4,
                x=Axis(label="value", domain=(-3, 3), ticks=(-2, -1, 0, 1, 2), grid=False),
                y=ROW_AXIS,
                marks=[Ridges("values", "heights", labels=[f"layer {{shown[{i}]}}" for i in range(ROWS)])],
            ),
            Plot(
                title="Gradients by {of}",
                height=270,
                margin_right=12,
                x=Axis(label="size of the entries", log=True, domain=(1e-16, 1e4), ticks=(1e-15, 1e-10, 1e-5, 1)),
                y=ROW_AXIS,
                marks=[
                    Ridges(
                        "sizes", "gradient_heights[of]", color="c2",
                        labels=[f"layer {{shown[{i}]}}" for i in range(ROWS)],
                    )
                ],
            ),
        ],
        Plot(
            title="Spread of activations, size of gradients",
            height=190,
            x=Axis(label="hidden layer", domain=(1, "depth")),
            y=Axis(domain=(1e-16, 1e4), log=True, ticks=(1e-16, 1e-12, 1e-8, 1e-4, 1, 1e4)),
            marks=[
                Line("layers", "spread", color="c1", label="activations", label_at=0.25, label_dy=-14),
                Line("layers", "gradient[of]", color="c2", label="gradients", label_at=0.25, label_dy=16),
            ],
        ),
    ],
    describe=lambda s: (
        f"{SCHEME_WORDS[s.scheme]}, {ACTIVATION_WORDS[s.activation]}, {s.depth} hidden layers: {s.state} "
        "The gradient by {of} {backward[of]} on its way from the last hidden layer down to the first."
    ),
    goals=[Goal("carry signal and gradient through 30 ReLU layers: neither may change 10-fold", met="carried")],
    predict=Predict(
        question="10 tanh layers, weights drawn from N(0, 0.01²). The first layer's activations have a spread of "
        "about 0.08. And the tenth's?",
        choices=("about 0.08 as well", "about a tenth of that", "about a hundredth", "less than a millionth"),
        answer="guess",
        reveal={"scheme": "small", "activation": "tanh", "depth": 10},
        outcome="From layer 1 to layer 10 the spread goes from {spread[0]:.2g} to {spread[9]:.1e}.",
        holds=("scheme", "activation", "depth"),
    ),
)  # fmt: skip
def signal_depth(scheme: str, activation: str, depth: int) -> dict[str, Any]:
    """200 digits through ``depth`` hidden layers of 100 units at their initial weights, and the gradients back."""
    (x, y), _ = standardized_digits()
    x, y = x[:IMAGES].astype(np.float64), y[:IMAGES]
    net = deep_network(scheme, activation, depth, WIDTH)
    outputs = net.activations(x)
    hidden, before = outputs[1::2], outputs[0:-1:2]
    signals = net.backward_signals(x, y)[1::2]
    by_weights = [layer.dW for layer in net.layers[:-1] if isinstance(layer, Dense)]
    gradients = [signals, by_weights]
    spread = np.array([spread_over_examples(a) for a in hidden])
    gradient = np.array([[np.sqrt(np.mean(g**2)) for g in kind] for kind in gradients])
    shown = np.rint(np.linspace(0, depth - 1, ROWS)).astype(int)
    down = gradient[:, 0] / gradient[:, -1]
    left = spread[-1] / spread[0]
    off = float(np.mean([np.mean(a == 0) for a in hidden]))
    # beyond |z| = 3 the slope of tanh is below 1%; σ(z) = ½ + ½tanh(z/2) takes twice as much
    limit = {"tanh": 3.0, "sigmoid": 6.0, "relu": np.inf}[activation]
    saturated = float(np.mean([np.mean(np.abs(z) > limit) for z in before]))
    ends = [max(ratio, 1 / ratio) for ratio in (left, *down)]
    return {
        "values": (EDGES[:-1] + EDGES[1:]) / 2, "sizes": 10 ** ((DECADES[:-1] + DECADES[1:]) / 2),
        # a ReLU that is off says nothing of the rest: its zeros would flatten every other bin
        "heights": np.array([_shape(hidden[i][hidden[i] != 0], EDGES) for i in shown]),
        "gradient_heights": np.array([[_shape(_decades(kind[i]), DECADES) for i in shown] for kind in gradients]),
        "shown": shown + 1, "layers": np.arange(1, depth + 1), "spread": spread, "gradient": gradient,
        "state": _state(spread, off, saturated, activation), "backward": [prettify(_times(ratio)) for ratio in down],
        "carried": activation == "relu" and depth == LAYERS_AT_MOST and max(ends) < 10,
        "guess": 0 if left > 0.3 else 1 if left > 0.03 else 2 if left > 1e-3 else 3,
    }  # fmt: skip
