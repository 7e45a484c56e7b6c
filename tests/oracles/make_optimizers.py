"""Make optimizers.json: trajectories and schedules by PyTorch, and by the papers' formulas in 50-digit arithmetic.

It shares no code with nnlab and needs an environment of its own, outside the project's:

    python3 -m venv /tmp/oracles && /tmp/oracles/bin/pip install torch==2.13.0 mpmath==1.3.0 numpy
    /tmp/oracles/bin/python tests/oracles/make_optimizers.py

The problem: two arrays w, (4, 3) and (3,), the second starting at 0, with the gradient
curvature · (w − target) + sin(0.37 · step + 0.9 · i) · noise for entry i of an array, i counted row by row.
Steps count from 1; the learning rate is a third after step 100. Weights are stored after some of the 200 steps.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path

import mpmath
import torch
from mpmath import mpf
from torch.optim import lr_scheduler

STORED = (1, 2, 10, 100, 101, 200)
STEPS, CHANGE = 200, 100
SHAPES = ((4, 3), (3,))
START = [[0.9, -1.1, 0.35, 1.6, -0.2, 0.75, -1.45, 0.05, 1.2, -0.6, 0.4, -0.85], [0.0, 0.0, 0.0]]
TARGET = [[0.25, 0.5, -0.75, 1.0, 0.3, -0.4, 0.0, 0.6, -1.25, 0.2, -0.1, 0.8], [0.45, -0.7, 0.15]]
CURVATURE = [[1.0, 0.1, 2.5, 0.6, 1.5, 0.02, 0.8, 3.0, 0.4, 1.2, 0.05, 2.0], [0.7, 1.3, 0.2]]
NOISE = 0.3

TORCH = {
    "SGD": lambda w, lr: torch.optim.SGD(w, lr=lr),
    "Momentum": lambda w, lr, momentum=0.9: torch.optim.SGD(w, lr=lr, momentum=momentum),
    "Nesterov": lambda w, lr, momentum=0.9: torch.optim.SGD(w, lr=lr, momentum=momentum, nesterov=True),
    "AdaGrad": lambda w, lr, eps=1e-10: torch.optim.Adagrad(w, lr=lr, eps=eps),
    "RMSProp": lambda w, lr, decay=0.99, eps=1e-8: torch.optim.RMSprop(w, lr=lr, alpha=decay, eps=eps),
    "Adam": lambda w, lr, beta1=0.9, beta2=0.999, eps=1e-8: torch.optim.Adam(w, lr=lr, betas=(beta1, beta2), eps=eps),
    "AdamW": lambda w, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01: torch.optim.AdamW(
        w, lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay
    ),
}
TORCH_CASES = [
    ("SGD", {"lr": 0.1}),
    ("Momentum", {"lr": 0.03}),
    ("Momentum", {"lr": 0.1, "momentum": 0.5}),
    ("Nesterov", {"lr": 0.03}),
    ("Nesterov", {"lr": 0.1, "momentum": 0.5}),
    ("AdaGrad", {"lr": 0.3}),
    ("AdaGrad", {"lr": 0.3, "eps": 0.5}),
    ("RMSProp", {"lr": 0.02}),
    ("RMSProp", {"lr": 0.05, "decay": 0.8, "eps": 0.5}),
    ("Adam", {"lr": 0.05}),
    ("Adam", {"lr": 0.05, "eps": 0.5}),
    ("Adam", {"lr": 0.05, "beta1": 0.5, "beta2": 0.9}),
    ("AdamW", {"lr": 0.05}),
    ("AdamW", {"lr": 0.05, "eps": 0.5, "weight_decay": 0.3}),
]


def torch_trajectory(rule: str, arguments: dict[str, float]) -> dict[str, list[list[float]]]:
    arrays = [torch.tensor(values, dtype=torch.float64) for values in (*START, *TARGET, *CURVATURE)]
    weights, targets, curvatures = [arrays[i : i + 2] for i in (0, 2, 4)]
    optimizer = TORCH[rule](weights, **arguments)
    stored = {}
    for step in range(1, STEPS + 1):
        if step == CHANGE + 1:
            optimizer.param_groups[0]["lr"] = arguments["lr"] / 3
        for w, target, curvature in zip(weights, targets, curvatures, strict=True):
            phase = 0.37 * step + 0.9 * torch.arange(w.numel(), dtype=torch.float64)
            w.grad = curvature * (w - target) + torch.sin(phase) * NOISE
        optimizer.step()
        if step in STORED:
            stored[str(step)] = [w.tolist() for w in weights]
    return stored


def norm(values):
    return mpmath.sqrt(sum(value**2 for value in values))


def lars(w, g, state, step, lr, momentum=0.9, weight_decay=0.0, trust=0.001):
    denominator = norm(g) + mpf(weight_decay) * norm(w)
    local = mpf(trust) * norm(w) / denominator if norm(w) != 0 and denominator != 0 else mpf(1)
    velocity = state.get("velocity", [mpf(0)] * len(w))
    state["velocity"] = [
        mpf(momentum) * v + lr * local * (gi + mpf(weight_decay) * wi) for v, gi, wi in zip(velocity, g, w, strict=True)
    ]
    return [wi - v for wi, v in zip(w, state["velocity"], strict=True)]


def lamb(w, g, state, step, lr, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=0.01):
    gradients = state.setdefault("gradients", [])
    gradients.append(g)
    update = []
    for i, wi in enumerate(w):
        # the moments as the sums they are, instead of as recursions
        m = (1 - mpf(beta1)) * sum(mpf(beta1) ** (step - k) * past[i] for k, past in enumerate(gradients, 1))
        v = (1 - mpf(beta2)) * sum(mpf(beta2) ** (step - k) * past[i] ** 2 for k, past in enumerate(gradients, 1))
        corrected_m, corrected_v = m / (1 - mpf(beta1) ** step), v / (1 - mpf(beta2) ** step)
        update.append(corrected_m / (mpmath.sqrt(corrected_v) + mpf(eps)) + mpf(weight_decay) * wi)
    ratio = norm(w) / norm(update) if norm(w) != 0 and norm(update) != 0 else mpf(1)
    return [wi - lr * ratio * ui for wi, ui in zip(w, update, strict=True)]


def lion(w, g, state, step, lr, beta1=0.9, beta2=0.99, weight_decay=0.0):
    momentum = state.get("momentum", [mpf(0)] * len(w))
    result = []
    for wi, gi, mi in zip(w, g, momentum, strict=True):
        update = mpmath.sign(mpf(beta1) * mi + (1 - mpf(beta1)) * gi) + mpf(weight_decay) * wi
        result.append(wi - lr * update)
    state["momentum"] = [mpf(beta2) * mi + (1 - mpf(beta2)) * gi for mi, gi in zip(momentum, g, strict=True)]
    return result


def muon(w, g, state, step, lr, momentum=0.95, weight_decay=0.0):
    rows, columns = (4, 3) if len(w) == 12 else (1, 3)
    velocity = state["velocity"] = [
        mpf(momentum) * v + gi for v, gi in zip(state.get("velocity", [mpf(0)] * len(w)), g, strict=True)
    ]
    ahead = [gi + mpf(momentum) * v for gi, v in zip(g, velocity, strict=True)]
    # singular values instead of matrix products: the polynomial acts on each of them
    left, values, right = mpmath.svd_r(mpmath.matrix(reshaped(ahead, rows, columns)))
    values = [s / (norm(ahead) + mpf("1e-7")) for s in values]
    for _ in range(5):
        values = [mpf("3.4445") * s - mpf("4.7750") * s**3 + mpf("2.0315") * s**5 for s in values]
    step_matrix = left * mpmath.diag(values) * right
    scale = mpmath.sqrt(max(mpf(1), mpf(columns) / rows))
    return [
        (1 - lr * mpf(weight_decay)) * w[r * columns + c] - lr * scale * step_matrix[r, c]
        for r in range(rows)
        for c in range(columns)
    ]


def reshaped(values, rows, columns):
    return [values[r * columns : (r + 1) * columns] for r in range(rows)]


PAPERS = {"LARS": lars, "LAMB": lamb, "Lion": lion, "Muon": muon}
PAPER_CASES = [
    ("LARS", {"lr": 5.0}),
    ("LARS", {"lr": 0.5, "momentum": 0.5, "weight_decay": 0.1, "trust": 0.05}),
    ("LAMB", {"lr": 0.02}),
    ("LAMB", {"lr": 0.02, "eps": 0.5, "weight_decay": 0.0}),
    ("LAMB", {"lr": 0.02, "beta1": 0.5, "beta2": 0.9, "weight_decay": 0.3}),
    ("Lion", {"lr": 0.01}),
    ("Lion", {"lr": 0.01, "beta1": 0.5, "beta2": 0.8, "weight_decay": 0.3}),
    ("Muon", {"lr": 0.03}),
    ("Muon", {"lr": 0.03, "momentum": 0.5, "weight_decay": 0.3}),
]


def paper_trajectory(rule: str, arguments: dict[str, float]) -> dict[str, list[list[float]]]:
    weights = [[mpf(value) for value in values] for values in START]
    states: list[dict] = [{}, {}]
    settings = {name: value for name, value in arguments.items() if name != "lr"}
    stored = {}
    for step in range(1, STEPS + 1):
        lr = mpf(arguments["lr"]) if step <= CHANGE else mpf(arguments["lr"] / 3)
        for k in (0, 1):
            gradient = [
                mpf(c) * (w - mpf(t)) + mpmath.sin(mpf(0.37) * step + mpf(0.9) * i) * mpf(NOISE)
                for i, (c, w, t) in enumerate(zip(CURVATURE[k], weights[k], TARGET[k], strict=True))
            ]
            weights[k] = PAPERS[rule](weights[k], gradient, states[k], step, lr, **settings)
        if step in STORED:
            stored[str(step)] = [[float(value) for value in values] for values in weights]
    return stored


SCHEDULES = {
    "StepDecay": lambda optimizer, every, factor: lr_scheduler.StepLR(optimizer, every, factor),
    "CosineDecay": lambda optimizer, steps, final=0.0: lr_scheduler.CosineAnnealingLR(optimizer, steps, final),
    "WarmUp": lambda optimizer, steps: lr_scheduler.LinearLR(optimizer, 1 / steps, total_iters=steps - 1),
    "OneCycle": lambda optimizer, steps, rise=0.3, start_divisor=25.0, end_divisor=1e4: lr_scheduler.OneCycleLR(
        optimizer, 0.7, steps, pct_start=rise, div_factor=start_divisor, final_div_factor=end_divisor
    ),
}
SCHEDULE_CASES = [
    ("StepDecay", {"every": 7, "factor": 0.3}),
    ("CosineDecay", {"steps": 40}),
    ("CosineDecay", {"steps": 40, "final": 0.05}),
    ("WarmUp", {"steps": 8}),
    ("OneCycle", {"steps": 40}),
    ("OneCycle", {"steps": 40, "rise": 0.45, "start_divisor": 10.0, "end_divisor": 50.0}),
]


def schedule_rates(name: str, arguments: dict[str, float]) -> list[float]:
    """The rates of steps 0 to 39, from a base rate, or a peak, of 0.7."""
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.7)
    schedule = SCHEDULES[name](optimizer, **arguments)
    rates = []
    for step in range(40):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < 39:
            schedule.step()
    return rates


def main() -> None:
    mpmath.mp.dps = 50
    cases = [(*case, "torch", torch_trajectory) for case in TORCH_CASES]
    cases += [(*case, "the paper's formula", paper_trajectory) for case in PAPER_CASES]
    result = {
        "made_with": {"torch": torch.__version__, "mpmath": mpmath.__version__, "python": platform.python_version()},
        "problem": {"start": START, "target": TARGET, "curvature": CURVATURE, "noise": NOISE, "shapes": SHAPES},
        "trajectories": [
            {"rule": rule, "arguments": arguments, "source": source, "weights": trajectory(rule, arguments)}
            for rule, arguments, source, trajectory in cases
        ],
        "schedules": [
            {"schedule": name, "arguments": arguments, "rates": schedule_rates(name, arguments)}
            for name, arguments in SCHEDULE_CASES
        ],
    }
    path = Path(__file__).with_name("optimizers.json")
    lines = json.dumps(result).replace('{"rule"', '\n{"rule"').replace('{"schedule"', '\n{"schedule"')
    path.write_text(lines + "\n")


if __name__ == "__main__":
    main()
