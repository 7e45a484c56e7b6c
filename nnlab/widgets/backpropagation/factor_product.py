"""A chain of one-unit layers: the gradient at its start is a product of one factor w·φ′(z) a layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.graph import Value
from nnlab.widgets import Axis, Choice, Goal, Line, Plot, Points, Predict, Rule, Slider, explorer

MOST_LAYERS = 40
SMALLEST_FLOAT32 = float(np.finfo(np.float32).tiny)
NAMES = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU", "linear": "none (linear)"}
ACTIVATIONS = {
    "sigmoid": Value.sigmoid,
    "tanh": Value.tanh,
    "relu": Value.relu,
    "linear": lambda z: z * 1.0,
}


def _verdict(reaches: float) -> str:
    if reaches == 0:
        return ": exactly nothing, for a unit on the way is off or saturated."
    if reaches < 1e-6:
        return ", far too small to learn from."
    if reaches < 0.01:
        return ": the gradient vanishes."
    return ": the gradient explodes." if reaches > 100 else ", a size that training can use."


def _words(s: Any) -> str:
    return (
        f"{s.depth} layers, weight {s.weight:.3g}, {s.called}: the factors lie between {np.min(s.factor):.2g} and "
        f"{np.max(s.factor):.2g}. Their product, the gradient that reaches the first layer, is {s.reaches:.2g}"
        + _verdict(s.reaches)
    )


@explorer(
    name="factor-product",
    title="A product of many factors",
    controls={
        "activation": Choice("Activation φ", NAMES),
        "weight": Slider("Weight of every layer", 0.25, 6, step=0.25, initial=1, format=".3g"),
        "depth": Slider("Layers", 2, MOST_LAYERS, step=1, initial=5),
    },
    panels=[
        [
            Plot(
                title="The factor w·φ′(z) of each layer",
                height=250,
                x=Axis(label="layer", domain=(0, "end"), grid=False),
                y=Axis(domain=(1e-4, 10), log=True, ticks=(1e-4, 1e-3, 1e-2, 0.1, 1, 10)),
                marks=[
                    Rule(y=1, label="1: passes the gradient on unchanged"),
                    Line("layer", "factor", color="c2", width=1, opacity=0.5),
                    Points("layer", "factor", color="c2", size=3.5),
                ],
            ),
            Plot(
                title="Their product, from the output back",
                height=250,
                x=Axis(label="layer the gradient has reached", domain=(0, "end"), grid=False),
                y=Axis(domain=("floor", "ceiling"), log=True, ticks=5),
                marks=[
                    Rule(y="smallest", color="c4", label="smallest normal float32"),
                    Rule(y=1),
                    Line("layer", "product", color="c1", width=1, opacity=0.5),
                    Points("layer", "product", color="c1", size=3.5),
                ],
            ),
        ],
    ],
    describe=_words,
    goals=[
        Goal("bring a gradient of 0.5 to 2 back through 30 layers or more, with an activation that bends", met="kept")
    ],
    predict=Predict(
        question="A sigmoid's slope is never above 0.25. Of a gradient of 1, what is left after 20 sigmoid layers with "
        "weight 1?",
        choices=("about 1/20", "about one thousandth", "less than one billionth"),
        answer="guess",
        reveal={"activation": "sigmoid", "weight": 1.0, "depth": 20},
        outcome="At 20 layers the product is {reaches:.1e}.",
        holds=("depth",),
    ),
)  # fmt: skip
def factor_product(activation: str, weight: float, depth: int) -> dict[str, Any]:
    """aₖ = φ(w·aₖ₋₁) from a₀ = 1 through every layer; the graph's backward pass gives factors and products."""
    chain = [Value(1.0, "a₀")]
    factors = []
    for _ in range(depth):
        z = chain[-1] * weight
        chain.append(ACTIVATIONS[activation](z))
        factors.append(weight * chain[-1].local_gradients[0])
    chain[-1].backward()
    product = np.array([a.grad for a in chain[:-1]])
    reaches = product[0]
    reach = max(1e3, np.abs(product).max() * 10)
    return {
        "layer": np.arange(1, depth + 1), "end": depth + 1, "factor": factors, "product": product, "reaches": reaches,
        "floor": max(1e-42, min(1e-6, 0.1 * np.abs(product[product != 0]).min(initial=1.0))), "ceiling": reach,
        "smallest": SMALLEST_FLOAT32, "called": {"linear": "no activation", "relu": "ReLU"}.get(activation, activation),
        "kept": depth >= 30 and activation != "linear" and 0.5 <= reaches <= 2,
        "guess": 2 if reaches < 1e-9 else 1 if reaches < 1e-2 else 0,
    }  # fmt: skip
