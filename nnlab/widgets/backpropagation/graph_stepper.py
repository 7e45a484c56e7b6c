"""f = (x + y)z step by step: values forward, then local × upstream backward."""

from __future__ import annotations

from typing import Any

from nnlab.graph import Value
from nnlab.widgets import Edge, Graph, Node, Play, Slider, explorer

STEPS = 9
WIRES = "xyzqf"
HIDDEN, SHOWN, STRONG = 0, 1, 2


def schedule() -> dict[str, list[list[int]]]:
    """What stands on each wire after each step: (steps, wires) for values, gradients, local derivatives and flow."""
    value_comes = {"x": 0, "y": 0, "z": 0, "q": 1, "f": 2}
    gradient_comes = {"f": 3, "q": 4, "z": 5, "x": 6, "y": 7}
    carries = {"x": 1, "y": 1, "z": 2, "q": 2, "f": None}
    busy = {"+": (1, 6, 7), "×": (2, 4, 5)}

    def since(step: int, start: int) -> int:
        return HIDDEN if step < start else STRONG if step == start > 0 else SHOWN

    def local(step: int, wire: str) -> int:
        return STRONG if step == gradient_comes[wire] else SHOWN if step == STEPS - 1 else HIDDEN

    steps = range(STEPS)
    return {
        "value_state": [[since(step, value_comes[wire]) for wire in WIRES] for step in steps],
        "gradient_state": [[since(step, gradient_comes[wire]) for wire in WIRES] for step in steps],
        "local_state": [[local(step, wire) for wire in "xyzq"] for step in steps],
        "flow": [[(step == carries[wire]) - (step == gradient_comes[wire]) for wire in WIRES] for step in steps],
        "node_state": [[STRONG if step in busy[node] else SHOWN for node in "+×"] for step in steps],
    }


def _wires(name: str) -> dict[str, Any]:
    """The channels of the wire called x, y, z, q or f."""
    row = WIRES.index(name)
    return {
        "above_state": f"value_state[step, {row}]",
        "below_state": f"gradient_state[step, {row}]",
        "flow": f"flow[step, {row}]",
    }


@explorer(
    name="graph-stepper",
    title="Forward, then backward, through f = (x + y)z",
    controls={
        "step": Play("Step", STEPS, initial=STEPS - 2, interval=1.4),
        "x": Slider("x", -6.0, 6.0, step=1, initial=-2.0),
        "y": Slider("y", -6.0, 6.0, step=1, initial=5.0),
        "z": Slider("z", -6.0, 6.0, step=1, initial=-4.0),
    },
    panels=[
        Graph(
            height=290,
            narrow_height=430,
            nodes=[
                Node("x", (0, 0), "x"),
                Node("y", (0, 1), "y"),
                Node("z", (0, 2), "z"),
                Node("+", (1.25, 0.5), "+", state="node_state[step, 0]"),
                Node("×", (2.5, 1.25), "×", state="node_state[step, 1]"),
                Node("f", (3.4, 1.25), "f", shape="none"),
            ],
            edges=[
                Edge(
                    source="x",
                    target="+",
                    above="{x}",
                    below="∂f/∂x = {dx:g}",
                    label_at=0.36,
                    narrow_label_at=0.14,
                    note="∂q/∂x = {dq_dx:g}",
                    note_state="local_state[step, 0]",
                    **_wires("x"),
                ),
                Edge(
                    source="y",
                    target="+",
                    above="{y}",
                    below="∂f/∂y = {dy:g}",
                    label_at=0.36,
                    narrow_label_at=0.5,
                    note="∂q/∂y = {dq_dy:g}",
                    note_state="local_state[step, 1]",
                    **_wires("y"),
                ),
                Edge(
                    source="z",
                    target="×",
                    above="{z}",
                    below="∂f/∂z = {dz:g}",
                    label_at=0.4,
                    note="∂f/∂z = q = {df_dz:g}",
                    note_state="local_state[step, 2]",
                    **_wires("z"),
                ),
                Edge(
                    source="+",
                    target="×",
                    above="q = {q:g}",
                    below="∂f/∂q = {dq:g}",
                    narrow_label_at=0.3,
                    note="∂f/∂q = z = {df_dq:g}",
                    note_state="local_state[step, 3]",
                    **_wires("q"),
                ),
                Edge(source="×", target="f", above="{f:g}", below="{df:g}", note_state=0, **_wires("f")),
            ],
        ),
    ],
    describe="x = {x}, y = {y}, z = {z}. {says[step]}",
)
def graph_stepper(x: float, y: float, z: float) -> dict[str, Any]:
    """Values and gradients of f = (x + y)z, and what is known after each step of the two passes."""
    x_, y_, z_ = Value(x, "x"), Value(y, "y"), Value(z, "z")
    q = x_ + y_
    f = q * z_
    f.backward()
    dq_dx, dq_dy = q.local_gradients
    df_dq, df_dz = f.local_gradients
    says = [
        "Step 0: nothing is computed yet.",
        "Forward, step 1: q = x + y = {q:g}.",
        "Forward, step 2: f = q × z = {f:g}. The forward pass is done.",
        "Backward, step 3: start at the end, where ∂f/∂f = 1 whatever x, y and z are.",
        "Backward, step 4: ∂f/∂q = local × upstream = z × 1 = {dq:g}.",
        "Backward, step 5: ∂f/∂z = local × upstream = q × 1 = {dz:g}.",
        "Backward, step 6: ∂f/∂x = ∂q/∂x × ∂f/∂q = {dq_dx:g} × {dq:g} = {dx:g}.",
        "Backward, step 7: ∂f/∂y = ∂q/∂y × ∂f/∂q = {dq_dy:g} × {dq:g} = {dy:g}.",
        "Done: f = {f:g}; ∂f/∂x = {dx:g}, ∂f/∂y = {dy:g}, ∂f/∂z = {dz:g}. "
        "One forward pass and one backward pass gave all three.",
    ]
    return {
        "q": q.data, "f": f.data, "df": f.grad, "dq": q.grad, "dx": x_.grad, "dy": y_.grad, "dz": z_.grad,
        "dq_dx": dq_dx, "dq_dy": dq_dy, "df_dq": df_dq, "df_dz": df_dz, "says": says,
        **schedule(),
    }  # fmt: skip
