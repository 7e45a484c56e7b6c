"""Explorers of the forward pass against formulas written out by hand and against geometry."""

from __future__ import annotations

import itertools
import math
import sys

import numpy as np
import pytest

from nnlab.widgets.forward_pass import decision_regions, losses, neuron_output

neuron = sys.modules[neuron_output.__module__]
regions = sys.modules[decision_regions.__module__]

SLIDER = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]
NEURONS = [(1.0, 1.5, -1.0), (-2.0, 0.5, 1.5), (0.5, -1.0, 0.0), (0.0, -1.5, 2.0), (1.5, 0.0, -2.0), (0.0, 0.0, 0.5)]
FORMULAS = {
    "step": lambda z: float(z > 0),
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(0.0, z),
}


@pytest.mark.parametrize("activation", FORMULAS)
def test_a_neuron_weighs_sums_and_activates(activation: str) -> None:
    for w1, w2, b in NEURONS:
        results = neuron_output.compute(w1=w1, w2=w2, b=b, activation=activation)
        for (i, x1), (k, x2) in itertools.product(enumerate(SLIDER), enumerate(SLIDER)):
            z = w1 * x1 + w2 * x2 + b
            assert results["z"][i, k] == pytest.approx(z)
            assert results["a"][i, k] == pytest.approx(FORMULAS[activation](z))


@pytest.mark.parametrize(("w1", "w2", "b"), NEURONS)
def test_the_shaded_side_is_where_the_net_input_is_positive(w1: float, w2: float, b: float) -> None:
    """Each of 41 × 41 places of the plot lies in the drawn band just when z > 0 there."""
    results = neuron_output.compute(w1=w1, w2=w2, b=b)
    side, low, high = results["side"], results["low"], results["high"]
    order = np.argsort(side)
    for x1, x2 in itertools.product(np.linspace(-2.49, 2.49, 41), repeat=2):
        z = w1 * x1 + w2 * x2 + b
        if abs(z) < 1e-6:
            continue
        within = side.min() <= x1 <= side.max()
        bottom, top = (np.interp(x1, side[order], ends[order]) for ends in (low, high))
        assert (within and bottom <= x2 <= top) == (z > 0), (x1, x2)


@pytest.mark.parametrize(("w1", "w2", "b"), NEURONS[:-1])
def test_the_border_has_net_input_zero_and_the_arrow_stands_upright_on_it(w1: float, w2: float, b: float) -> None:
    results = neuron_output.compute(w1=w1, w2=w2, b=b)
    np.testing.assert_allclose(w1 * results["line1"] + w2 * results["line2"] + b, 0, atol=1e-12)
    arrow = np.array([results["tip1"] - results["foot1"], results["tip2"] - results["foot2"]])
    along = np.array([np.diff(results["line1"])[0], np.diff(results["line2"])[0]])
    assert abs(arrow @ along) < 1e-9 and w1 * results["tip1"] + w2 * results["tip2"] + b > 0
    assert w1 * results["inside1"] + w2 * results["inside2"] + b > 0


def test_no_neuron_is_an_exclusive_or_and_both_other_gates_can_be_made() -> None:
    tables = {"and_count": [0, 0, 0, 1], "or_count": [0, 1, 1, 1], "xor_count": [0, 1, 1, 0]}
    counts = dict.fromkeys(tables, 0)
    for w1, w2, b in itertools.product(SLIDER, repeat=3):
        fires = [w1 * x1 + w2 * x2 + b > 0 for x1, x2 in itertools.product((0, 1), repeat=2)]
        for name, table in tables.items():
            counts[name] += fires == table
    results = neuron_output.compute()
    assert {name: int(results[name]) for name in tables} == counts
    assert counts["xor_count"] == 0 and results["xor_answer"] == 2 and results["tried"] == 729
    assert not results["is_and"] and not results["is_or"]
    assert (
        neuron_output.compute(w1=1.0, w2=1.0, b=-1.5)["is_and"]
        and neuron_output.compute(w1=1.0, w2=1.0, b=-0.5)["is_or"]
    )


@pytest.mark.parametrize("ones", [0, 3, 5, 10])
def test_losses_and_slopes_are_the_closed_forms(ones: int) -> None:
    results = losses.compute(ones=ones)
    share = ones / 10
    for i, z in enumerate(np.arange(-24, 25) / 4):
        p = 1 / (1 + math.exp(-z))
        assert results["ce"][i] == pytest.approx(-share * math.log(p) - (1 - share) * math.log(1 - p))
        assert results["ce_slope"][i] == pytest.approx(p - share, abs=1e-12)
        assert results["se"][i] == pytest.approx(share * (p - 1) ** 2 + (1 - share) * p**2)
        assert results["se_slope"][i] == pytest.approx(2 * (p - share) * p * (1 - p), abs=1e-12)
        of_ten = math.exp(z) / (math.exp(z) + 9)
        assert results["sm"][i] == pytest.approx(-share * math.log(of_ten) - (1 - share) * math.log((1 - of_ten) / 9))
        assert results["sm_p"][i] == pytest.approx(of_ten)
        assert results["sm_slope"][i] == pytest.approx(of_ten - share, abs=1e-12)
    p = results["chances"]
    likelihood = p**ones * (1 - p) ** (10 - ones)
    np.testing.assert_allclose(results["likelihood"] / results["likelihood"].max(), likelihood / likelihood.max())
    for curve in (-results["likelihood"], *results["loss_p"]):
        assert p[np.argmin(curve)] == pytest.approx(share, abs=0.006)


def test_the_goal_is_the_logit_nearest_to_the_share_of_ones() -> None:
    """log(0.3/0.7) = −0.847."""
    there = losses.compute(ones=3)["there"]
    assert np.flatnonzero(there).tolist() == [21] and -6 + 21 / 4 == -0.75
    assert not losses.compute(ones=4)["there"].any() and losses.compute(ones=10)["guess"] == 3


def test_examples_lie_on_their_side_of_the_cut_as_often_as_is_said() -> None:
    """In the last hidden layer, by the sign of a cross product: nothing of the network but its straight line."""
    results = decision_regions.compute(shape="moons", hidden="8-2")
    for frame, (line, h) in enumerate(zip(results["line"], results["h"], strict=True)):
        (a1, a2), (b1, b2) = line
        left = (b1 - a1) * (h[:, 1] - a2) - (b2 - a2) * (h[:, 0] - a1) > 0
        assert results["right"][frame] in (agreeing := int((left == results["label"]).sum()), 160 - agreeing)
    assert results["right"][-1] == 160 and results["loss"][-1] < 0.05 < results["loss"][0]


def test_regions_are_those_of_the_examples_within() -> None:
    """The nearest cell's probability agrees with the class of almost every example once the network has learned."""
    results = decision_regions.compute(shape="circles", hidden="8-2")
    side, chance = results["side"], results["chance"][-1]
    column, row = (np.abs(side - x[:, None]).argmin(axis=1) for x in results["x"].T)
    assert ((chance[row, column] > 50) == (results["label"] == 0)).mean() > 0.95
    assert results["chance"].min() >= 0 and results["chance"].max() <= 100


def test_without_hidden_units_the_plane_stays_flat_and_the_spirals_stay_mixed() -> None:
    results = decision_regions.compute(shape="spirals", hidden="none")
    np.testing.assert_allclose(
        results["ruled"], np.broadcast_to(regions.lattice(), results["ruled"].shape), atol=0.0026
    )
    np.testing.assert_array_equal(results["h"][0], results["x"])
    assert results["right"].max() < 130


def test_the_goals_of_decision_regions_take_a_move_and_can_be_reached() -> None:
    start = decision_regions.compute()
    frame = decision_regions.controls["frame"].initial
    assert not start["divided"][frame] and not start["sparing"][frame]
    assert decision_regions.compute(shape="spirals", hidden="16-16-2")["divided"].any()
    assert decision_regions.compute(shape="moons", hidden="4-2")["sparing"].any()
