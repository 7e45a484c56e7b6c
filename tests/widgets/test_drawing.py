"""What the front end draws of one panel: curves cut at the axes' reach, labels in sight, every tick written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from samples import make

from nnlab.widgets import Arrow, Axis, Bars, Heat, Line, Plot, Points, Rule
from nnlab.widgets.panels import Panel

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")
Draw = Callable[..., ElementTree.Element]


@pytest.fixture
def draw(run_typescript: Callable[..., Any]) -> Draw:
    """The SVG of one panel, 720 wide, drawn from arrays by name."""

    def run(panel: Panel, **arrays: Any) -> ElementTree.Element:
        explorer = make(lambda p, q: arrays, [panel])
        results = {}
        for name, values in explorer.compute().items():
            flat = [
                v if np.isfinite(v) else None if np.isnan(v) else "∞" if v > 0 else "−∞"
                for v in values.ravel().tolist()
            ]
            results[name] = {"data": flat, "shape": values.shape}
        svg = run_typescript("draw_figure", {"spec": explorer.to_json(), "results": results})
        return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))

    return run


def places_of(path: str) -> list[np.ndarray]:
    """Every place (n, 2) of each of a path's pieces, as fontTools reads it."""
    pen = RecordingPen()
    parse_path(path, pen)
    pieces: list[list[tuple[float, float]]] = []
    for command, points in pen.value:
        if command == "moveTo":
            pieces.append([])
        pieces[-1].extend(points)
        if command == "closePath":
            pieces[-1].append(pieces[-1][0])
    return [np.array(piece, dtype=float) for piece in pieces]


def path_of(drawing: ElementTree.Element) -> np.ndarray:
    """The places (n, 2) of the only curve."""
    (path,) = (e.get("d") for e in drawing.iter(SVG + "path") if e.get("d"))
    (places,) = places_of(path)
    return places


def texts(drawing: ElementTree.Element) -> dict[str, ElementTree.Element]:
    """Every text of a drawing, by its words."""
    return {e.text: e for e in drawing.iter(SVG + "text") if e.text}


def anchors(drawing: ElementTree.Element) -> dict[str, str | None]:
    """Which end of a text stands at its place, as its group says."""
    return {e.text: group.get("text-anchor") for group in drawing.iter(SVG + "g") for e in group if e.text}


def place(text: ElementTree.Element) -> tuple[float, float]:
    """Where a text stands in its panel, before dy."""
    x, y = NUMBER.findall(text.get("transform"))
    return float(x), float(y)


PLAIN = {"x": Axis(domain=(0, 10)), "y": Axis(domain=(0, 1))}
LEFT, RIGHT, TOP, BOTTOM = 46, 720 - 14, 10, 240 - 26


@pytest.mark.parametrize("huge", [30.0, 1e6, 1e38, 1e300])
def test_a_diverging_run_leaves_in_its_true_direction_and_holds_no_huge_number(draw: Draw, huge: float) -> None:
    """From (2, 0.5) straight towards (2 + huge, 0.5 + huge/10): the drawn slope is the same, however far it goes."""
    drawing = draw(
        Plot(marks=[Line("x", "y")], **PLAIN), x=[0, 2, 2 + huge, -huge], y=[0.5, 0.5, 0.5 + huge / 10, huge]
    )
    places = path_of(drawing)
    assert np.abs(places).max() < 10 * 720
    (x1, y1), (x2, y2) = places[1:3]
    slope = ((y1 - y2) / (BOTTOM - TOP)) / ((x2 - x1) / (RIGHT - LEFT) * 10)
    assert x2 > RIGHT and slope == pytest.approx(0.1, rel=1e-3)


def test_a_curve_that_only_passes_through_is_drawn(draw: Draw) -> None:
    """y = 0.6 + x/10 through (2, 0.8), from two places far outside."""
    (x1, y1), (x2, y2) = path_of(draw(Plot(marks=[Line("x", "y")], **PLAIN), x=[-1000.0, 1000.0], y=[-99.4, 100.6]))
    share = (LEFT + 0.2 * (RIGHT - LEFT) - x1) / (x2 - x1)
    assert 0 < share < 1 and y1 + share * (y2 - y1) == pytest.approx(BOTTOM + 0.8 * (TOP - BOTTOM), abs=0.1)


def test_a_curve_that_is_away_all_the_time_is_not_drawn(draw: Draw) -> None:
    drawing = draw(Plot(marks=[Line("x", "y")], **PLAIN), x=[0, 5, 10], y=[2, 1e9, 3])
    assert not list(drawing.iter(SVG + "path"))


def test_a_loss_that_reaches_zero_leaves_a_logarithmic_axis_through_the_bottom(draw: Draw) -> None:
    axes = {"x": Axis(domain=(0, 2)), "y": Axis(domain=(1e-6, 1), log=True)}
    places = path_of(draw(Plot(marks=[Line("x", "y")], **axes), x=[0, 1, 2], y=[1.0, 1e-3, 0.0]))
    assert len(places) == 3 and places[2][1] > BOTTOM and places[2][1] < 10 * 240


def test_a_label_stands_where_its_curve_is_seen(draw: Draw) -> None:
    u = np.linspace(0, 10, 101)
    drawing = draw(Plot(marks=[Line("u", "y", label="away")], **PLAIN), u=u, y=0.2 * u)
    x, y = place(texts(drawing)["away"])
    assert y == pytest.approx(TOP, abs=1) and x == pytest.approx(LEFT + (RIGHT - LEFT) / 2, abs=1)


def test_arrows_and_points_beyond_the_axes_hold_no_huge_number(draw: Draw) -> None:
    marks = [Arrow("x", "y", "x2", "y2"), Points("x2", "y2")]
    drawing = draw(Plot(marks=marks, **PLAIN), x=[1.0, 2.0], y=[0.5, 0.5], x2=[1e200, 3.0], y2=[1e200, 0.6])
    numbers = [
        float(v) for e in drawing.iter() for name in ("cx", "cy", "transform") for v in NUMBER.findall(e.get(name, ""))
    ]
    numbers += [v for e in drawing.iter(SVG + "path") for piece in places_of(e.get("d")) for v in piece.ravel()]
    assert len(numbers) > 8 and max(map(abs, numbers)) < 10_000


@pytest.mark.parametrize(
    ("ticks", "written"),
    [
        ((8, 64, 128, 2048), ["8", "64", "128", "2048"]),
        ((0.01, 0.03, 0.1), ["0.01", "0.03", "0.1"]),
        ((1e-6, 1e-3, 1, 3e5), ["10⁻⁶", "10⁻³", "1", "3×10⁵"]),
    ],
)
def test_every_tick_asked_for_is_written(draw: Draw, ticks: tuple[float, ...], written: list[str]) -> None:
    axis = Axis(domain=(min(ticks), max(ticks)), log=True, ticks=ticks)
    drawing = draw(Plot(marks=[Line("u", "u")], x=axis, y=Axis(hidden=True)), u=ticks)
    assert list(texts(drawing)) == written


def test_ticks_may_have_names(draw: Draw) -> None:
    axis = Axis(domain=(0, 2), ticks=(0, 1, 2), tick_labels=("none", "one", "two"))
    assert list(texts(draw(Plot(marks=[Line("u", "u")], x=axis, y=Axis(hidden=True)), u=[0, 1]))) == [
        "none",
        "one",
        "two",
    ]


def test_the_label_of_the_y_axis_starts_inside_the_figure(draw: Draw) -> None:
    drawing = draw(Plot(marks=[Line("u", "u")], y=Axis(label="loss of the training set", domain=(0, 1))), u=[0, 1])
    label = texts(drawing)["loss of the training set"]
    assert label.get("text-anchor") == "start" and float(label.get("x")) >= 0


def test_a_long_title_goes_on_in_the_next_line_above_its_panel(draw: Draw) -> None:
    title = "What is left of the error, as a share of its start, " * 3
    plain, wrapped = (
        draw(Plot(marks=[Line("u", "u")], title=words, **PLAIN), u=[0, 1]) for words in ("Short", title.strip())
    )
    lines = [e for e in wrapped.iter(SVG + "text") if e.get("font-weight") == "600"]
    assert len(lines) == 2 and " ".join(e.text for e in lines) == title.strip()
    first, second = (float(e.get("y")) for e in lines)
    (top,) = (float(e.get("y")) for e in wrapped.iter(SVG + "svg") if e is not wrapped)
    heights = [float(e.get("viewBox").split()[3]) for e in (plain, wrapped)]
    assert 0 < first < second < top and heights[1] - heights[0] == second - first


def test_bars_without_an_axis_write_no_ticks(draw: Draw) -> None:
    shown, hidden = (
        draw(Bars(values="u", labels=("a", "b"), axis=Axis(log=True, domain=(1e-6, 1), hidden=off)), u=[1e-3, 0.1])
        for off in (False, True)
    )
    assert {"10⁻⁶", "1"} < set(texts(shown)) and set(texts(hidden)) == {"a", "b", "0.001", "0.1"}


def test_a_rules_label_stands_on_the_side_asked_for(draw: Draw) -> None:
    marks = [Rule(x=3, label="after"), Rule(x=6, label="before", label_dx=-5)]
    drawing = draw(Plot(marks=marks, **PLAIN))
    assert anchors(drawing)["after"] == "start" and anchors(drawing)["before"] == "end"
    assert place(texts(drawing)["after"])[0] == pytest.approx(LEFT + 0.3 * (RIGHT - LEFT), abs=1)
    assert place(texts(drawing)["before"])[0] == pytest.approx(LEFT + 0.6 * (RIGHT - LEFT), abs=1)


def test_coordinates_have_two_decimals(draw: Draw) -> None:
    rng = np.random.default_rng(0)
    axes = {"x": Axis(domain=(0, 10)), "y": Axis(domain=(1e-3, 1), log=True)}
    drawing = draw(Plot(marks=[Points("x", "y")], **axes), x=rng.uniform(0, 10, 50), y=rng.uniform(0.01, 1, 50))
    discs = list(drawing.iter(SVG + "circle"))
    assert len(discs) == 50
    for disc in discs:
        assert re.fullmatch(r"\d+(\.\d{1,2})?", disc.get("cx")) and re.fullmatch(r"\d+(\.\d{1,2})?", disc.get("cy"))


@pytest.mark.parametrize("height", [150, 240, 700])
def test_equal_axes_have_units_of_one_length(draw: Draw, height: float) -> None:
    axes = {"x": Axis(domain=(-2, 2), label="across"), "y": Axis(domain=(-1, 3), label="up")}
    drawing = draw(
        Plot(marks=[Points("x", "y")], equal=True, height=height, **axes), x=[0.0, 1.0, 0.0], y=[0.0, 0.0, 1.0]
    )
    (x0, y0), (x1, _), (_, y1) = [(float(d.get("cx")), float(d.get("cy"))) for d in drawing.iter(SVG + "circle")]
    assert x1 - x0 == pytest.approx(y0 - y1, abs=0.02)
    assert float(texts(drawing)["across"].get("y")) < height


def test_a_smooth_field_goes_from_one_colour_through_the_surface_to_the_other(draw: Draw) -> None:
    """A ramp from 0 to 100: its bands, the lowest first, each as strong in its colour as its middle."""
    side = np.linspace(-1, 1, 21)
    axes = {"x": Axis(domain=(-1, 1)), "y": Axis(domain=(-1, 1))}
    ramp = np.broadcast_to(np.linspace(0, 100, 21), (21, 21))
    drawing = draw(
        Plot(marks=[Heat("side", "side", "ramp", domain=(0, 100), smooth=True)], **axes), side=side, ramp=ramp
    )
    fills = [e.get("fill") for e in drawing.iter(SVG + "path") if "color-mix" in e.get("fill", "")]
    strengths = [(-1 if "c2" in fill else 1) * int(re.search(r"(\d+)%", fill)[1]) for fill in fills]
    expected = 0.75 * (2 * np.clip(np.arange(16) / 15, 0, 1) - 1) * 100
    assert len(strengths) == 16
    np.testing.assert_allclose(strengths, expected, atol=1)
