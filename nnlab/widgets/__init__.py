"""Explorers: live figures whose every state nnlab computed, on a page without a kernel and in a notebook with one."""

from __future__ import annotations

from importlib import import_module

from nnlab.widgets.controls import Choice, Control, LogSlider, Play, Slider, Toggle
from nnlab.widgets.explorer import REGISTRY, Explorer, ExplorerError, explorer
from nnlab.widgets.marks import Area, Arrow, Contour, Heat, Label, Line, Points, Ridges, Rule
from nnlab.widgets.panels import Axis, Bars, Edge, Graph, Network, Node, Plot, Table
from nnlab.widgets.prompts import Goal, Number, Predict

CHAPTERS = (
    "forward_pass",
    "backpropagation",
    "gradient_descent",
    "initialization",
    "gradient_flow",
    "optimizers",
    "regularization",
    "capacity",
    "breakthroughs",
    "scaling_out",
)

__all__ = [
    "CHAPTERS", "REGISTRY", "Area", "Arrow", "Axis", "Bars", "Choice", "Contour", "Control", "Edge", "Explorer",
    "ExplorerError", "Goal", "Graph", "Heat", "Label", "Line", "LogSlider", "Network", "Node", "Number", "Play", "Plot",
    "Points", "Predict", "Ridges", "Rule", "Slider", "Table", "Toggle", "explorer", "load_all",
]  # fmt: skip


def load_all() -> list[Explorer]:
    """Import every chapter's explorers; returns them in the order of the chapters."""
    for chapter in CHAPTERS:
        import_module(f"nnlab.widgets.{chapter}")
    return list(REGISTRY.values())
