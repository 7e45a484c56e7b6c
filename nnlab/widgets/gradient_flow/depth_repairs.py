"""Deep networks with and without BatchNorm, LayerNorm and skip connections: gradients at the start, and training."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from nnlab import Network, fit
from nnlab.initializers import Initializer
from nnlab.layers import BatchNorm, Dense, LayerNorm, Residual
from nnlab.layers.base import Layer
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import SGD
from nnlab.widgets import Axis, Bars, Choice, Goal, Line, Plot, Predict, explorer
from nnlab.widgets.initialization.deep import ACTIVATION_WORDS, ACTIVATIONS, SCHEMES, standardized_digits

WIDTH, IMAGES, BATCH, EPOCHS = 32, 640, 64, 8
LEARNED = 1.0
VARIANTS = {
    "plain": "plain", "batch": "BatchNorm", "layer": "LayerNorm", "skip": "skip", "both": "skip + BatchNorm",
}  # fmt: skip
NAMES = tuple(VARIANTS.values())
COLORS = ("c2", "c1", "c4", "c5", "c3")
INITIAL = {name: SCHEMES[name][0] for name in ("small", "xavier", "he")}


def block(variant: str, activation: str, initializer: Initializer) -> list[Layer]:
    """One hidden layer: Dense, the normalization, the activation, and a skip around the three."""
    inside: list[Layer] = [Dense(WIDTH, WIDTH, initializer)]
    if variant in ("batch", "both"):
        inside.append(BatchNorm(WIDTH))
    if variant == "layer":
        inside.append(LayerNorm(WIDTH))
    inside.append(ACTIVATIONS[activation][1]())
    return [Residual(inside)] if variant in ("skip", "both") else inside


def network(variant: str, activation: str, scheme: str, depth: int) -> Network:
    """64 pixels, a Dense layer to 32 units, ``depth`` blocks, 10 classes."""
    initializer = SCHEMES[scheme][1]
    blocks = [layer for _ in range(depth) for layer in block(variant, activation, initializer)]
    layers = [Dense(64, WIDTH, initializer), *blocks, Dense(WIDTH, 10, initializer)]
    return Network(layers, SoftmaxCrossEntropy(), seed=0, dtype="float64")


def examine(variant: str, activation: str, scheme: str, depth: int) -> tuple[np.ndarray, float]:
    """‖∂L/∂W‖ of every block before training, and the loss in the last of 8 epochs of SGD; NaN when that diverged."""
    (x, y), _ = standardized_digits()
    x, y = x[:IMAGES].astype(np.float64), y[:IMAGES]
    net = network(variant, activation, scheme, depth)
    net.loss_and_gradients(x, y)
    norms = np.array([np.linalg.norm(g) for g in net.gradients if g.shape == (WIDTH, WIDTH)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a run diverges is what the figure shows
        loss = fit(net, SGD(lr=0.1), x, y, batch_size=BATCH, epochs=EPOCHS).loss
    return norms, loss[-1] if len(loss) == EPOCHS and np.isfinite(loss[-1]) else float("nan")


def _flow(norms: np.ndarray) -> str:
    ratio = norms[0] / norms[-1]
    return f"× {ratio:.2g}" if 0.01 <= ratio <= 100 else f"× {ratio:.1e}"


def _verdict(norms: np.ndarray, final: np.ndarray) -> str:
    flows = ", ".join(f"{name} {_flow(row)}" for name, row in zip(NAMES, norms, strict=True))
    learned = [name for name, loss in zip(NAMES, final, strict=True) if loss < LEARNED]
    lost = [name for name, loss in zip(NAMES, final, strict=True) if np.isnan(loss)]
    text = f"From the last block to the first the gradient goes: {flows}. "
    text += f"Loss below {LEARNED:g} after {EPOCHS} epochs: {', '.join(learned) if learned else 'none'}."
    return text + (f" Diverged: {', '.join(lost)}." if lost else "")


@explorer(
    name="depth-repairs",
    title="What repairs a deep network, and what does not",
    controls={
        "depth": Choice("Blocks", (5, 10, 20, 40), initial=20),
        "activation": Choice("Activation", {k: ACTIVATION_WORDS[k] for k in ("sigmoid", "tanh", "relu")}),
        "scheme": Choice("Initial weights", INITIAL, initial="xavier"),
    },
    panels=[
        [
            Plot(
                title="Size of ∂L/∂W in every block, before training",
                height=280,
                weight=1.2,
                x=Axis(label="block", domain=(1, "depth")),
                y=Axis(domain=(1e-15, 1e9), log=True, ticks=(1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9)),
                marks=[Line("block", f"norms[{i}]", color=color) for i, color in enumerate(COLORS)],
            ),
            Bars(
                title="Training loss in epoch 8",
                height=250,
                values="final",
                labels=NAMES,
                format=".2g",
                axis=Axis(log=True, domain=(0.01, 100)),
                colors=COLORS,
            ),
        ],
    ],
    describe=lambda s: (
        f"{s.depth} blocks of {ACTIVATION_WORDS[s.activation]} units, {INITIAL[s.scheme]} weights. {s.verdict}"
    ),
    goals=[
        Goal("make plain skip connections diverge", met="skip_lost"),
        Goal("find a network that learns with BatchNorm but no skip, and not when plain", met="batch_helps"),
    ],
    predict=Predict(
        question="40 ReLU blocks with He's weights and BatchNorm, no skips. How large is the gradient of the first "
        "block, beside that of the last?",
        choices=("smaller: gradients vanish in deep networks", "about as large: that is what BatchNorm is for",
                 "over a hundred times as large"),
        answer="guess",
        reveal={"depth": 40, "activation": "relu", "scheme": "he"},
        outcome="With BatchNorm alone the first block's gradient is {norms[1, 0]:.2g}, the last one's "
        "{norms[1, 39]:.2g}. With skips as well: {norms[4, 0]:.2g} and {norms[4, 39]:.2g}.",
        holds=("depth", "activation"),
    ),
)  # fmt: skip
def depth_repairs(depth: int, activation: str, scheme: str) -> dict[str, Any]:
    """Five networks on 640 digits: the gradients they start with, and 8 epochs of SGD at learning rate 0.1."""
    examined = [examine(variant, activation, scheme, depth) for variant in VARIANTS]
    norms = np.array([row for row, _ in examined])
    final = np.array([loss for _, loss in examined])
    ratio = norms[1, 0] / norms[1, -1]
    return {
        "block": np.arange(1, depth + 1), "norms": norms, "final": final, "verdict": _verdict(norms, final),
        "skip_lost": bool(np.isnan(final[3])), "batch_helps": final[1] < LEARNED and not final[0] < LEARNED,
        "guess": 0 if ratio < 0.5 else 2 if ratio > 100 else 1,
    }  # fmt: skip
