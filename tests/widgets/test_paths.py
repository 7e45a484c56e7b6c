"""Paths are written short, and pass where they passed: both read by fontTools' parser and compared as shapes."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from test_drawing import SVG, draw, places_of  # noqa: F401  -- draw is a fixture

from nnlab.widgets import Axis, Heat, Plot

SEEN = 0.1  # of a pixel: half a tenth of rounding, and what straightening leaves out
Shorten = Callable[[str], str]


@pytest.fixture
def shorten(run_typescript: Callable[..., Any]) -> Shorten:
    def run(path: str) -> str:
        (short,) = run_typescript("shorten_paths", [path])
        return short

    return run


def written(places: np.ndarray) -> str:
    """A polyline as d3 writes it."""
    return "M" + "L".join(f"{x:.3f},{y:.3f}".replace(".000", "") for x, y in places)


def farthest(places: np.ndarray, line: np.ndarray) -> float:
    """The largest distance of a place from a polyline."""
    start, way = line[:-1], np.diff(line, axis=0)
    length = np.maximum((way**2).sum(axis=1), 1e-30)
    share = np.clip(((places[:, None] - start) * way).sum(axis=2) / length, 0, 1)
    nearest = start + share[..., None] * way
    return float(np.linalg.norm(places[:, None] - nearest, axis=2).min(axis=1).max())


RNG = np.random.default_rng(0)
TURN = np.linspace(0, 2 * np.pi, 400)
CURVES = {
    "circle": np.stack([360 + 200 * np.cos(TURN), 120 + 90 * np.sin(TURN)], axis=1),
    "zigzag": np.stack([np.arange(60) * 7.37, np.arange(60) % 2 * 33.3], axis=1),
    "noise": RNG.uniform(-300, 700, (80, 2)),
    "there and back": np.array([[10, 20.0], [400, 20], [30, 20], [30, 200], [30, 10]]),
    "small steps": np.cumsum(RNG.normal(0, 0.3, (500, 2)), axis=0) + 100,
    "slow drift": np.stack([np.linspace(0, 700, 2000), 100 + np.linspace(0, 3, 2000)], axis=1),
}


@pytest.mark.parametrize("name", CURVES)
def test_a_shorter_path_passes_where_the_path_did(shorten: Shorten, name: str) -> None:
    path = written(CURVES[name])
    short = shorten(path)
    (before,), (after,) = places_of(path), places_of(short)
    assert farthest(before, after) < SEEN and farthest(after, before) < SEEN
    assert np.abs(after[[0, -1]] - before[[0, -1]]).max() <= 0.0501
    assert len(short) < 0.75 * len(path)


def test_dense_places_on_a_curve_become_few(shorten: Shorten) -> None:
    (circle,) = places_of(shorten(written(CURVES["circle"])))
    (drift,) = places_of(shorten(written(CURVES["slow drift"])))
    assert len(circle) < 200 and len(drift) < 80


def test_curves_and_closed_pieces_stay(shorten: Shorten) -> None:
    path = "M0,0C1.04,2,3,4,5.21,6L8,6L8,-7.5ZM10.26,10L12,14.94L0.5,0.25ZM1,1"
    pens = RecordingPen(), RecordingPen()
    for each, text in zip(pens, (path, shorten(path)), strict=True):
        parse_path(text, each)
    commands, short = ([command for command, _ in pen.value] for pen in pens)
    assert commands == short
    for (_, before), (_, after) in zip(pens[0].value, pens[1].value, strict=True):
        np.testing.assert_allclose(after, before, atol=0.0501)


@pytest.mark.parametrize("path", ["", "M0,-4.9A4.9,4.9,0,1,1,0,4.9Z", "m0 0h3v4h-3z"])
def test_other_commands_are_left_alone(shorten: Shorten, path: str) -> None:
    assert shorten(path) == path


def test_cells_of_one_colour_are_one_path(draw: Callable[..., Any]) -> None:  # noqa: F811
    """Each cell is where its row and column are, half a pixel in from its borders, in the colour of its value; one
    without strength shows the surface under it."""
    z = np.array([[0, 1, 0], [1, 0, 0.5]])
    heat = Heat("x", "y", "z", domain=(0, 1), low_color=None)
    axes = {"x": Axis(domain=(-0.5, 2.5)), "y": Axis(domain=(-0.5, 1.5))}
    drawing = draw(Plot(marks=[heat], **axes), x=[0, 1, 2], y=[0, 1], z=z)
    cells = {e.get("fill"): e.get("d") for e in drawing.iter(SVG + "path") if "color-mix" in (e.get("fill") or "")}
    assert [len(places_of(cell)) for cell in cells.values()] == [2, 1]
    left, right, top, bottom = 46, 720 - 14, 10, 240 - 26
    wide, high = (right - left) / 3, (bottom - top) / 2
    full = next(cell for fill, cell in cells.items() if "100%" in fill)
    for piece, (row, column) in zip(places_of(full), [(0, 1), (1, 0)], strict=True):
        low, up = piece.min(axis=0), piece.max(axis=0)
        x, y = left + column * wide, bottom - (row + 1) * high
        np.testing.assert_allclose([*low, *up], [x + 0.5, y + 0.5, x + wide - 0.5, y + high - 0.5], atol=0.1)


def test_all_stills_together_are_light(built: Path, manifest: dict[str, Any]) -> None:
    """The gallery holds every still, wide and narrow, within the 700 kB a first visit may load."""
    stills = b"".join((built / entry["still"]).read_bytes() for entry in manifest.values())
    assert len(gzip.compress(stills, 9)) < 320_000
