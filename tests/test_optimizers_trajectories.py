"""Every optimizer follows, for 200 steps, the trajectory another implementation of its rule has computed.

The stored values are PyTorch's, or where PyTorch has no such rule the paper's formula in 50-digit arithmetic: see
oracles/make_optimizers.py, which also says what the problem is.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from nnlab import optimizers
from nnlab.flat import FlatArrays

ORACLE = json.loads((Path(__file__).parent / "oracles" / "optimizers.json").read_text())
PROBLEM = ORACLE["problem"]
SHAPES = [tuple(shape) for shape in PROBLEM["shapes"]]


def arrays(name: str) -> list[np.ndarray]:
    return [np.array(values).reshape(shape) for values, shape in zip(PROBLEM[name], SHAPES, strict=True)]


def gradients(weights: list[np.ndarray], step: int) -> list[np.ndarray]:
    return [
        curvature * (w - target) + PROBLEM["noise"] * np.sin(0.37 * step + 0.9 * np.arange(w.size).reshape(w.shape))
        for w, target, curvature in zip(weights, arrays("target"), arrays("curvature"), strict=True)
    ]


@pytest.mark.parametrize("layout", ["list", "flat"])
@pytest.mark.parametrize("case", ORACLE["trajectories"], ids=lambda case: f"{case['rule']}-{case['arguments']}")
def test_follows_the_stored_trajectory(case: dict, layout: str) -> None:
    optimizer = getattr(optimizers, case["rule"])(**case["arguments"])
    weights, slopes = arrays("start"), arrays("start")
    if layout == "flat":
        weights = FlatArrays(np.concatenate([w.ravel() for w in weights]), SHAPES)
        slopes = FlatArrays(np.empty_like(weights.flat), SHAPES)
    checked = 0
    for step in range(1, 201):
        if step == 101:
            optimizer.lr = case["arguments"]["lr"] / 3
        for slot, gradient in zip(slopes, gradients(weights, step), strict=True):
            slot[...] = gradient
        optimizer.step(weights, slopes)
        for w, expected in zip(weights, case["weights"].get(str(step), []), strict=False):
            np.testing.assert_allclose(w.ravel(), np.ravel(expected), rtol=1e-12, atol=1e-12)
            checked += 1
    assert checked == 12


def test_every_rule_has_a_trajectory_with_its_defaults_and_one_without() -> None:
    rules = set(optimizers.__all__) - {"Optimizer"}
    assert {case["rule"] for case in ORACLE["trajectories"]} == rules
    for rule in rules - {"SGD"}:
        given = [case["arguments"] for case in ORACLE["trajectories"] if case["rule"] == rule]
        assert any(set(arguments) == {"lr"} for arguments in given), rule
        assert any(len(arguments) > 1 for arguments in given), rule


def test_every_rule_with_an_eps_has_a_trajectory_with_a_large_one() -> None:
    for name in set(optimizers.__all__) - {"Optimizer"}:
        if "eps" in getattr(optimizers, name).tunables:
            assert any(
                case["rule"] == name and case["arguments"].get("eps", 0) >= 0.1 for case in ORACLE["trajectories"]
            ), name
