"""A gradient check that meets a bug of the reader's choice: relative error against the step h, array by array."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from nnlab import Network
from nnlab.backend import Array
from nnlab.gradcheck import numerical_gradient, relative_error
from nnlab.layers import Dense, Sigmoid
from nnlab.losses import MeanSquaredError
from nnlab.widgets import Axis, Bars, Choice, Line, LogSlider, Plot, Points, Rule, explorer

TOLERANCE = 1e-6
STEPS = tuple(10.0 ** (-e / 2) for e in range(0, 25))


class NoSlope(Sigmoid):
    """A sigmoid whose backward pass forgets σ′."""

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array:
        super().backward(dout)
        return dout.copy()


class NotTransposed(Dense):
    """A dense layer that sends GW back where GWᵀ belongs; it fits only when W is square."""

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        super().backward(dout, needs_input_gradient)
        return dout @ self.W


class MeanOfBias(Dense):
    """A dense layer that averages ∂L/∂b over the batch where it must add."""

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        dx = super().backward(dout, needs_input_gradient)
        self.db[:] /= len(dout)
        return dx


class TinySlip(Dense):
    """A dense layer whose ∂L/∂W is wrong by one part in a thousand."""

    def backward(self, dout: Array, needs_input_gradient: bool = True) -> Array | None:
        dx = super().backward(dout, needs_input_gradient)
        self.dW[:] *= 1.001
        return dx


BUGS: dict[str, tuple[type[Dense], type[Sigmoid], str]] = {
    "none": (Dense, Sigmoid, "no bug"),
    "slope": (Dense, NoSlope, "σ′ left out"),
    "transpose": (NotTransposed, Sigmoid, "W in place of Wᵀ"),
    "bias": (MeanOfBias, Sigmoid, "∂L/∂b averaged, not added"),
    "slip": (TinySlip, Sigmoid, "∂L/∂W₂ wrong by 0.1%"),
}
ARRAYS = ("W₁", "b₁", "W₂", "b₂")


def errors(bug: str, precision: str, h: float) -> list[float]:
    """The relative error of each parameter array's gradient against central differences of step h."""
    dense, sigmoid, _ = BUGS[bug]
    net = Network([Dense(2, 3), Sigmoid(), dense(3, 3), sigmoid()], loss=MeanSquaredError(), seed=1, dtype=precision)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 2)), rng.uniform(size=(4, 3))
    net.loss_and_gradients(x, y)
    analytic = [gradient.copy() for gradient in net.gradients]
    numeric = [numerical_gradient(lambda _: net.evaluate(x, y)[0], array, h=h) for array in net.parameters]
    return [relative_error(a, n) for a, n in zip(analytic, numeric, strict=True)]


@cache
def errors_by_step(bug: str, precision: str) -> np.ndarray:
    """The largest relative error at each of the steps, which no choice of h changes."""
    return np.array([max(errors(bug, precision, step)) for step in STEPS])


def _words(s: Any) -> str:
    said = f"Bug: {s.called}; {s.precision}, h = {s.h:.2g}: the largest relative error is {s.worst:.2g}. "
    best = float(np.min(s.curve))
    if s.worst <= TOLERANCE:
        return said + "The check passes."
    if best > 1e-4:
        return f"{said}The check fails, and no h brings the error below {best:.2g}: " + (
            f"the gradient itself is wrong in {s.suspects}." if s.called != "none" else "too few digits, not a bug."
        )
    if best > TOLERANCE:
        return f"{said}The check fails at every h, yet the best error is {best:.2g}: a small slip, or too few digits."
    large = "h is so large that the curve bends between the two points."
    small = "h is so small that rounding drowns the difference."
    return f"{said}The check fails, but another h passes: {large if s.h > s.best else small}"


@explorer(
    name="gradient-check",
    title="A gradient check meets a bug",
    controls={
        "bug": Choice(
            "Bug in the second layer", {name: words for name, (_, _, words) in BUGS.items()}, initial="transpose"
        ),
        "precision": Choice("Numbers", {"float64": "float64", "float32": "float32"}),
        "h": LogSlider("Step h", 1e-12, 1.0, per_decade=2, initial=1e-5),
    },
    panels=[
        [
            Plot(
                title="Relative error against the step h",
                height=260,
                weight=1.25,
                drag_x="h",
                x=Axis(
                    label="step h of the central difference",
                    domain=(1e-12, 1),
                    log=True,
                    ticks=(1e-12, 1e-9, 1e-6, 1e-3, 1),
                ),
                y=Axis(domain=(1e-12, 10), log=True, ticks=(1e-12, 1e-9, 1e-6, 1e-3, 1)),
                marks=[
                    Rule(y=TOLERANCE, color="c3", label="tolerance 10⁻⁶"),
                    Rule(x="h"),
                    Line("steps", "correct", color="muted", width=1.25, label="no bug", label_at=0.8, label_dy=-14),
                    Line("steps", "curve", color="c1"),
                    Points("h", "worst", color="c1", size=6),
                ],
            ),
            Bars(
                title="Relative error of each array",
                height=230,
                values="errors",
                labels=["∂L/∂W₁", "∂L/∂b₁", "∂L/∂W₂", "∂L/∂b₂"],
                format=".2g",
                axis=Axis(log=True, domain=(1e-12, 1)),
                colors=("c1",),
            ),
        ],
    ],
    describe=_words,
)
def gradient_check(bug: str, precision: str, h: float) -> dict[str, Any]:
    """A 2-3-3 network on four examples: its backward pass against central differences, for one h and for many."""
    each = errors(bug, precision, h)
    curve = errors_by_step(bug, precision)
    wrong = [name for name, error in zip(ARRAYS, each, strict=True) if error > 1e-4]
    return {
        "steps": STEPS,
        "curve": curve,
        "correct": errors_by_step("none", precision),
        "errors": each,
        "worst": max(each),
        "best": STEPS[int(np.argmin(curve))],
        "called": "none" if bug == "none" else BUGS[bug][2],
        "suspects": ", ".join(wrong) or "no array at this h",
    }
