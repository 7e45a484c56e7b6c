"""What an author declares: kept where it makes sense, refused by name where it does not."""

from __future__ import annotations

import numpy as np
import pytest
from samples import CONTROLS, LINEAR, make

from nnlab.widgets import (
    Axis,
    Choice,
    Explorer,
    ExplorerError,
    Goal,
    Line,
    LogSlider,
    Number,
    Play,
    Plot,
    Predict,
    Slider,
    Toggle,
    explorer,
    load_all,
)  # fmt: skip
from nnlab.widgets.grid import evaluate


def test_sliders_list_their_values() -> None:
    assert Slider("s", 0, 6, step=2, initial=4).values == (0, 2, 4, 6)
    assert Slider("s", 0.1, 0.5, step=0.1, initial=0.3).values == (0.1, 0.2, 0.3, 0.4, 0.5)
    assert all(isinstance(v, int) for v in Slider("s", 1, 3, step=1, initial=1).values)
    assert LogSlider("s", 0.01, 1, per_decade=3, initial=0.1).values == (0.01, 0.022, 0.046, 0.1, 0.22, 0.46, 1.0)
    assert Choice("c", {"a": "first", "b": "second"}).labels == ("first", "second")
    assert Play("p", 3).values == (0, 1, 2) and Toggle("t").values == (False, True)


@pytest.mark.parametrize(
    ("make_control", "complaint"),
    [
        (lambda: Slider("rate", 1, 0, step=1, initial=0), "rate.*low < high"),
        (lambda: Slider("rate", 0, 1, step=0, initial=0), "step > 0"),
        (lambda: Slider("rate", 0, 1, step=0.25, initial=0.3), r"initial=0.3 is not one of its values \(0.0, 0.25"),
        (lambda: LogSlider("rate", 0, 1, per_decade=2, initial=1), "0 < low < high"),
        (lambda: Choice("rule", []), "at least one option"),
        (lambda: Choice("rule", ["sgd", "adam"], initial="lars"), "'lars' is not one of"),
        (lambda: Play("step", 1), "at least 2 frames, got 1"),
        (lambda: Slider("", 0, 1, step=1, initial=0), "accessible name"),
        (lambda: Predict(question="?", answer="a", reveal={}, outcome=""), "either choices"),
        (
            lambda: Predict(question="?", answer="a", reveal={}, outcome="", choices=["a"], number=Number(0, 1, 1)),
            "either choices",
        ),
    ],
)
def test_bad_controls_are_refused(make_control: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        make_control()  # type: ignore[operator]


def test_arguments_must_be_controls() -> None:
    with pytest.raises(ExplorerError, match=r"'sample': compute takes \['r'\], but its controls are \['p', 'q', 't'\]"):
        make(lambda p, r: {})


def test_too_many_states_are_refused() -> None:
    wide = {name: Slider(name, 0, 99, step=1, initial=0) for name in "ab"}
    with pytest.raises(ExplorerError, match=r"10000 states \(100 a × 100 b\); 5000 is the most"):
        make(lambda a, b: {}, controls=wide)


def test_controls_that_compute_does_not_take_cost_nothing() -> None:
    assert make(lambda p: {"x": 1}).state_count == 3
    assert make(lambda: {"x": 1}).state_count == 1


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"panels": [Plot(marks=[Line("x", "y")])]}, r"Plot.marks.y speaks of 'y'; compute returned \['x'\]"),
        ({"describe": "loss {loss:.3g}"}, r"'loss \{loss:.3g\}' speaks of 'loss'"),
        ({"goals": [Goal("reach", met="done")]}, "Goal.met speaks of 'done'"),
        ({"panels": [Plot(marks=[Line("x", "x[k]")])]}, "speaks of 'k'"),
        ({"panels": [Plot(marks=[Line("x", "x + 1")])]}, "'x \\+ 1' names no result"),
        ({"panels": [Plot(marks=[Line("x", "x")], x=Axis(domain=(0, "end")))]}, "speaks of 'end'"),
    ],
)
def test_panels_must_speak_of_results(more: dict, complaint: str) -> None:
    with pytest.raises(ExplorerError, match=f"(?s)'sample'.*{complaint}"):
        evaluate(make(lambda p, q: {"x": [1, 2]}, **more), progress=False)


def test_results_must_be_numbers_or_text_and_no_controls() -> None:
    with pytest.raises(ExplorerError, match=r"failed at p=0, q='a': TypeError: expected numbers or text"):
        make(lambda p, q: {"x": {"a": 1}}).compute()
    with pytest.raises(ExplorerError, match=r"returned \['p'\], which are names of controls"):
        make(lambda p, q: {"p": 1}).compute()
    with pytest.raises(ValueError, match=r"no control 'r'; it has \['p', 'q', 't'\]"):
        make(lambda p, q: {}).compute(r=1)


def test_describe_that_fails_is_named() -> None:
    with pytest.raises(ExplorerError, match=r"'sample': describe failed at p=2, q='a': AttributeError"):
        explorer = make(lambda p, q: {"x": 1}, describe=lambda s: s.nothing)
        explorer.words(explorer.compute(p=2), p=2)


def test_one_name_one_explorer() -> None:
    def graph_stepper() -> dict[str, int]:
        return {}

    with pytest.raises(ExplorerError, match="two explorers are called 'graph-stepper'"):
        load_all()
        explorer(name="graph-stepper", title="T", controls={}, panels=[], describe="")(graph_stepper)


def test_compute_stays_a_plain_function() -> None:
    sample = make(lambda p, q: {"x": np.array([p, 1])}, [LINEAR])
    np.testing.assert_array_equal(sample.compute(p=7)["x"], [7, 1])
    assert isinstance(sample, Explorer) and list(sample.controls) == list(CONTROLS)


@pytest.mark.parametrize("each", load_all(), ids=lambda e: e.name)
def test_every_control_can_move_on_from_its_start(each: Explorer) -> None:
    """A reader's first press of → has to answer."""
    stuck = [name for name, c in each.controls.items() if c.kind != "toggle" and c.start == len(c.values) - 1]
    assert not stuck
