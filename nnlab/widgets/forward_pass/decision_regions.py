"""Decision regions: what a small trained network makes of the plane, and how its layers bend it for a straight cut."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlab import Network, data, fit
from nnlab.initializers import xavier_normal
from nnlab.layers import Dense, Tanh
from nnlab.layers.base import Layer
from nnlab.losses import SoftmaxCrossEntropy
from nnlab.optimizers import Adam
from nnlab.widgets import Axis, Choice, Goal, Heat, Line, Play, Plot, Points, Rule, explorer

N, BATCH = 160, 16
EPOCHS = (0, 3, 10, 25, 50, 100, 200, 400)
REACH = 1.15
HIDDEN: dict[str, tuple[int, ...]] = {
    "none": (),
    "2": (2,),
    "4-2": (4, 2),
    "8-2": (8, 2),
    "16-2": (16, 2),
    "16-16-2": (16, 16, 2),
}
DATA = {"moons": "two moons", "spirals": "two spirals", "circles": "a circle in a circle"}
SIDE = np.linspace(-REACH, REACH, 37)
RULED = np.linspace(-1, 1, 7)
ALONG = np.linspace(-1, 1, 33)


def examples(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Two classes in the square from −1 to 1: x (160, 2), y (160,)."""
    x, y = {
        "moons": lambda: data.two_moons(N, noise=0.1, seed=0),
        "circles": lambda: data.circles(N, noise=0.08, seed=0),
        "spirals": lambda: data.spirals(N, turns=1.2, seed=0),
    }[name]()
    x = x - (x.max(axis=0) + x.min(axis=0)) / 2
    return x / np.abs(x).max(), y


def wide(rng: np.random.Generator, fan_in: int, fan_out: int) -> np.ndarray:
    """Twice Xavier's weights: units that bend the small plane from the start seldom get stuck."""
    return 2 * xavier_normal(rng, fan_in, fan_out)


def network(hidden: tuple[int, ...]) -> Network:
    """2 → hidden layers of tanh units → 2 logits."""
    layers: list[Layer] = []
    fan_in = 2
    for units in hidden:
        layers += [Dense(fan_in, units, initializer=wide), Tanh()]
        fan_in = units
    return Network([*layers, Dense(fan_in, 2)], loss=SoftmaxCrossEntropy(), seed=2, dtype="float64")


def lattice() -> np.ndarray:
    """Seven lines across and seven up, of 33 places each: (14, 33, 2)."""
    across = np.stack(np.meshgrid(RULED, ALONG, indexing="ij"), axis=-1)
    return np.concatenate([across, across[..., ::-1]])


def bent(net: Network, x: np.ndarray) -> np.ndarray:
    """Where the last hidden layer puts places x (…, 2); without hidden layers, where they are."""
    flat = x.reshape(-1, 2)
    return (flat if len(net.layers) == 1 else np.array(net.activations(flat)[-2])).reshape(x.shape)


def cut(net: Network) -> np.ndarray:
    """Two places, far apart, on the line where the last layer's two logits are equal: (2, 2)."""
    last = net.layers[-1]
    w, b = last.W[:, 1] - last.W[:, 0], last.b[1] - last.b[0]
    size = w @ w
    return -b * w / size + np.array([[-6], [6]]) * np.array([-w[1], w[0]]) / np.sqrt(size)


def regions(net: Network) -> np.ndarray:
    """Percent of probability for class 0 over the plane, whole numbers: (37, 37)."""
    logits = net.forward(np.stack(np.meshgrid(SIDE, SIDE), axis=-1).reshape(-1, 2))
    chance = 1 / (1 + np.exp(logits[:, 1] - logits[:, 0]))
    return np.rint(100 * chance).astype(int).reshape(len(SIDE), -1)


@explorer(
    name="decision-regions",
    title="A small network bends the plane",
    controls={
        "shape": Choice("Data", DATA, initial="spirals"),
        "hidden": Choice(
            "Hidden units, layer by layer",
            {name: name.replace("-", " → ") for name in HIDDEN},
            initial="16-2",
        ),
        "frame": Play("Snapshot", len(EPOCHS), initial=len(EPOCHS) - 2, interval=0.8),
    },
    panels=[
        [
            Plot(
                title="What the network says of the plane",
                height=357,
                narrow_height=370,
                equal=True,
                x=Axis(label="input x₁", domain=(-REACH, REACH), ticks=(-1, 0, 1), grid=False),
                y=Axis(label="input x₂", domain=(-REACH, REACH), ticks=(-1, 0, 1), grid=False),
                marks=[
                    Heat("side", "side", "chance[frame]", domain=(0, 100), smooth=True),
                    Points("x[:, 0]", "x[:, 1]", group="label", size=3.5),
                ],
            ),
            Plot(
                title="The same plane in the last hidden layer",
                height=357,
                narrow_height=370,
                equal=True,
                x=Axis(label="hidden unit 1", domain=(-REACH, REACH), ticks=(-1, 0, 1), grid=False),
                y=Axis(label="hidden unit 2", domain=(-REACH, REACH), ticks=(-1, 0, 1), grid=False),
                marks=[
                    Line("ruled[frame, ..., 0]", "ruled[frame, ..., 1]", color="muted", width=0.75, opacity=0.7),
                    Line("line[frame, :, 0]", "line[frame, :, 1]", color="ink", width=2.5),
                    Points("h[frame, :, 0]", "h[frame, :, 1]", group="label", size=3.5),
                ],
            ),
        ],
        Plot(
            title="Training loss by epoch",
            height=130,
            x=Axis(
                label="epoch", domain=(1, 401), log=True,
                ticks=(1, 11, 101, 401), tick_labels=("0", "10", "100", "400"),
            ),
            y=Axis(domain=(1e-4, 2), log=True, ticks=(1e-4, 0.01, 1)),
            marks=[
                Rule(y=np.log(2), label="guessing", label_dy=16),
                Line("epoch", "loss", color="c3"),
                Points("seen[frame]", "snapshot[frame]", color="c3", size=6.5),
            ],
        ),
    ],
    describe=lambda s: (
        f"{DATA[s.shape].capitalize()}, hidden units {s.hidden.replace('-', ' → ')}, {s.weights} weights and biases. "
        "After {epochs[frame]} epochs the loss is {snapshot[frame]:.3g} and {right[frame]} of "
        f"{N} examples are on their side of the line. {{verdict[frame]}} "
        "The start is one draw of weights; from another it can end otherwise."
    ),
    goals=[
        Goal("divide the two spirals without an error", met="divided[frame]"),
        Goal("divide the two moons without an error by 4 → 2 units", met="sparing[frame]"),
    ],
)  # fmt: skip
def decision_regions(shape: str, hidden: str) -> dict[str, Any]:
    """400 epochs of Adam on 160 examples: in eight snapshots the regions, and the plane in the last hidden layer."""
    x, y = examples(shape)
    net, rows = network(HIDDEN[hidden]), lattice()
    chance, ruled, line, h, right = [], [], [], [], []

    def keep() -> None:
        chance.append(regions(net))
        ruled.append(np.round(200 * bent(net, rows)) / 200)  # half a pixel, which packs small
        line.append(cut(net))
        h.append(bent(net, x))
        right.append(int((net.predict(x) == y).sum()))

    loss = [net.evaluate(x, y)[0]]
    keep()

    def after_epoch(network: Network, _: Any) -> None:
        loss.append(network.evaluate(x, y)[0])
        if len(loss) - 1 in EPOCHS:
            keep()

    fit(net, Adam(lr=0.01), x, y, batch_size=BATCH, epochs=EPOCHS[-1], callbacks=[after_epoch], seed=0)
    correct = np.array(right)
    return {
        "side": SIDE, "chance": np.array(chance), "x": x, "label": y,
        "ruled": np.array(ruled), "line": np.array(line), "h": np.array(h),
        "epoch": np.arange(1, len(loss) + 1), "loss": loss, "epochs": EPOCHS, "seen": np.array(EPOCHS) + 1,
        "snapshot": np.array(loss)[list(EPOCHS)], "right": correct,
        "weights": int(net.flat_parameters.size),
        "verdict": [_verdict(int(n), hidden) for n in correct],
        "divided": ((correct == N) & (shape == "spirals")).astype(int),
        "sparing": ((correct == N) & (shape == "moons") & (hidden == "4-2")).astype(int),
    }  # fmt: skip


def _verdict(right: int, hidden: str) -> str:
    if hidden == "none":
        return "With no hidden layer the plane stays flat: only a straight border is left."
    if right == N:
        return "The layers have bent the plane so that one straight line divides the classes."
    still = "1 still lies" if right == N - 1 else f"{N - right} still lie"
    return f"{still} across the line: the plane is not bent far enough."
