"""One sigmoid neuron with two inputs: how far the loss's gradient gets through σ′ to the weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab.graph import Value
from nnlab.layers import Sigmoid
from nnlab.widgets import Axis, Bars, Goal, Line, Plot, Points, Rule, Slider, explorer

X1, X2, TARGET = 1.0, -0.5, 1.0


@explorer(
    name="sigmoid-neuron",
    title="A sigmoid neuron, and the gradient that gets through it",
    controls={
        "w1": Slider("Weight w₁", -4, 4, step=0.5, initial=1.5, format="+.1f"),
        "w2": Slider("Weight w₂", -4, 4, step=0.5, initial=-1.0, format="+.1f"),
        "b": Slider("Bias b", -8.0, 8.0, step=1, initial=0.0, format="+.3g"),
    },
    panels=[
        [
            Plot(
                title="Activation a = σ(z) and its slope σ′(z)",
                height=250,
                weight=1.35,
                x=Axis(label="net input z = w₁x₁ + w₂x₂ + b", domain=(-14, 14), ticks=(-12, -8, -4, 0, 4, 8, 12)),
                y=Axis(domain=(0, 1.05), ticks=(0, 0.25, 0.5, 0.75, 1)),
                marks=[
                    Rule(x="z"),
                    Line("curve_z", "curve_a", color="c1", label="σ(z)", label_at=0.86, label_dy=-12),
                    Line("curve_z", "curve_slope", color="c2", label="σ′(z)", label_at=0.69, label_dy=-13),
                    Points("z", "slope", color="c2", size=6),
                    Points("z", "a", color="c1", size=6),
                ],
            ),
            Bars(
                title="Size of each gradient",
                height=250,
                values="sizes",
                labels=["∂L/∂a", "∂L/∂z", "∂L/∂w₁", "∂L/∂w₂", "∂L/∂b"],
                format=".2g",
                axis=Axis(log=True, domain=(1e-6, 1), label="absolute value"),
                colors=("c3", "c2", "c4", "c4", "c4"),
            ),
        ],
    ],
    describe=lambda s: (
        f"Net input z = {s.z:.2f}, activation a = σ(z) = {s.a:.3g}, loss {s.loss:.3g}. "
        f"The output's gradient ∂L/∂a = {s.da:.3g} is multiplied by σ′(z) = {s.slope:.3g}"
        + (
            ", and all but vanishes: the neuron is saturated. "
            if s.slope < 0.02
            else ". "
            if s.slope < 0.2
            else ", close to the most it can be, 0.25. "
        )
        + f"∂L/∂w₁ = {s.dw1:.3g}, ∂L/∂w₂ = {s.dw2:.3g}, ∂L/∂b = {s.dz:.3g}."
    ),
    goals=[Goal("make the neuron wrong by more than 0.9 with a gradient ∂L/∂b smaller than 0.001", met="stuck")],
)
def sigmoid_neuron(w1: float, w2: float, b: float) -> dict[str, Any]:
    """z = w₁x₁ + w₂x₂ + b, a = σ(z), L = ½(a − 1)² for the input x = (1, −0.5); gradients by the graph."""
    weight1, weight2, bias = Value(w1, "w₁"), Value(w2, "w₂"), Value(b, "b")
    z = weight1 * X1 + weight2 * X2 + bias
    a = z.sigmoid()
    loss = 0.5 * (a - TARGET) ** 2
    loss.backward()
    curve_z = np.linspace(-14, 14, 225)
    sigmoid = Sigmoid()
    curve_a = sigmoid.forward(curve_z[:, None], training=True).copy()
    curve_slope = sigmoid.backward(np.ones_like(curve_a))
    return {
        "z": z.data, "a": a.data, "loss": loss.data, "slope": a.local_gradients[0],
        "da": a.grad, "dz": z.grad, "dw1": weight1.grad, "dw2": weight2.grad,
        "sizes": np.abs([a.grad, z.grad, weight1.grad, weight2.grad, bias.grad]),
        "stuck": abs(a.data - TARGET) > 0.9 and abs(bias.grad) < 1e-3,
        "curve_z": curve_z, "curve_a": curve_a.ravel(), "curve_slope": curve_slope.ravel().copy(),
    }  # fmt: skip
