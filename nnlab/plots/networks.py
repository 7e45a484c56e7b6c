"""Schematic drawings of a network: the road of its gradients, and the shapes of a dense layer's products."""

from collections.abc import Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from nnlab.plots.figure import Figure
from nnlab.plots.style import palette, settings
from nnlab.plots.text import indexed

BOX, GAP, CELL, SPACE = 0.42, 0.46, 0.2, 0.45
Matrix = tuple[str, int, int, str]


def backward_pass(depth: int = 3) -> Figure:
    """A network of ``depth`` dense layers, top to bottom: forward signals at the left, gradients at the right.

    Raises ValueError unless depth is at least 1.
    """
    if depth < 1:
        raise ValueError(f"depth must be at least 1, got {depth}")
    blocks, forward, backward = _steps(depth)
    height = len(blocks) * BOX + (len(blocks) + 1) * GAP
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(4.85, height + 0.35))
        axes = canvas.add_axes((0, 0, 1, 1), xlim=(-2.1, 2.75), ylim=(height, -0.35), aspect="equal")
        axes.set_axis_off()
        axes.text(-0.32, -0.18, "forward, downwards", ha="right", color=palette()["c1"], weight="bold")
        axes.text(0.32, -0.18, "backward, upwards", color=palette()["c2"], weight="bold")
        for i in range(len(blocks) + 1):
            top = i * (BOX + GAP)
            _arrow(axes, (-0.2, top), (-0.2, top + GAP), "c1")
            _words(axes, (-0.32, top + GAP / 2), forward[i], "c1", "right")
            if i:
                _arrow(axes, (0.2, top + GAP), (0.2, top), "c2")
                _words(axes, (0.32, top + GAP / 2), backward[i - 1], "c2", "left")
            if i < len(blocks):
                _box(axes, (-0.5, top + GAP), 1.0, BOX, blocks[i])
                if blocks[i].startswith("dense"):
                    _parameter_gradients(axes, i // 2 + 1, top + GAP + BOX / 2)
    return Figure(
        canvas,
        f"A column of boxes: {', '.join(blocks)}. Arrows run down at the left and carry {'; '.join(forward)}. Arrows "
        f"run up at the right and carry, from the bottom, {'; '.join(reversed(backward))}. From each dense box one "
        "points to its own two gradients: ∂L/∂W is the layer's input transposed times G, ∂L/∂b the sum of G's rows.",
    )


def _steps(depth: int) -> tuple[list[str], list[str], list[str]]:
    """Boxes, the signal that goes down into each and out of the last, and the one that goes up out of each."""
    blocks, forward, backward = [], ["X"], []
    for i in range(1, depth + 1):
        last = i == depth
        source = "X" if i == 1 else indexed("A#", i - 1)
        blocks += [f"dense {i}", "loss" if last else "φ"]
        forward += [f"{indexed('Z#', i)} = {source}{indexed('W# + b#', i)}", "L" if last else indexed("A# = φ(Z#)", i)]
        backward.append(indexed("G# = ∂L/∂Z#", i) if last else indexed("G# = ∂L/∂A# ⊙ φ′(Z#)", i))
        backward.append("1" if last else indexed("∂L/∂A#", i) + " = " + indexed("G#W#ᵀ", i + 1))
    return blocks, forward, backward


def matrix_products(equations: Sequence[tuple[Matrix, Matrix, Matrix]], alt: str) -> Figure:
    """Equations C = A B as grids of cells, one a row; a matrix is (name, rows, columns, colour name).

    Raises ValueError when a product's shapes do not fit.
    """
    heights = [max(left[1], right[1]) * CELL + 0.75 for _, left, right in equations]
    width = max(sum(matrix[2] for matrix in equation) * CELL for equation in equations) + 2 * SPACE + 0.5
    with matplotlib.rc_context(settings()):
        canvas = Canvas(figsize=(width, sum(heights)))
        axes = canvas.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(sum(heights), 0), aspect="equal")
        axes.set_axis_off()
        top = 0.0
        for (result, left, right), height in zip(equations, heights, strict=True):
            if left[2] != right[1] or result[1:3] != (left[1], right[2]):
                raise ValueError(f"{left[:3]} times {right[:3]} cannot give {result[:3]}")
            x = 0.25
            for sign, matrix in zip(("=", "·", ""), (result, left, right), strict=True):
                _grid(axes, (x, top + height / 2), matrix)
                x += matrix[2] * CELL
                axes.text(x + SPACE / 2, top + height / 2, sign, ha="center", va="center", size=13)
                x += SPACE
            top += height
    return Figure(canvas, alt)


def _words(axes: Axes, place: tuple[float, float], text: str, colour: str, side: str) -> None:
    axes.text(*place, text, ha=side, va="center", color=palette()[colour])


def _parameter_gradients(axes: Axes, layer: int, middle: float) -> None:
    source = "Xᵀ" if layer == 1 else indexed("A#ᵀ", layer - 1)
    _arrow(axes, (0.5, middle), (0.85, middle), "c2")
    _words(axes, (0.9, middle - 0.11), indexed("∂L/∂W# = ", layer) + source + indexed("G#", layer), "c2", "left")
    _words(axes, (0.9, middle + 0.11), indexed("∂L/∂b# = Σ rows of G#", layer), "c2", "left")


def _box(axes: Axes, corner: tuple[float, float], width: float, height: float, text: str) -> None:
    edge, face = palette()["ink"], palette()["surface"]
    rounded = "round,pad=0,rounding_size=0.08"
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle=rounded, facecolor=face, edgecolor=edge))
    axes.text(corner[0] + width / 2, corner[1] + height / 2, text, ha="center", va="center")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9, shrinkA=1, shrinkB=1)
    arrow.set(color=palette()[colour], linewidth=1.3)
    axes.add_patch(arrow)


def _grid(axes: Axes, place: tuple[float, float], matrix: Matrix) -> None:
    """One matrix, its left edge and its middle at ``place``, its name above and its shape below."""
    name, rows, columns, colour = matrix
    left, top = place[0], place[1] - rows * CELL / 2
    for i in range(rows):
        for j in range(columns):
            corner = (left + j * CELL, top + i * CELL)
            axes.add_patch(Rectangle(corner, CELL, CELL, facecolor=palette()[colour], alpha=0.25, edgecolor="none"))
            axes.add_patch(Rectangle(corner, CELL, CELL, fill=False, edgecolor=palette()[colour], linewidth=0.8))
    middle = left + columns * CELL / 2
    axes.text(middle, top - 0.07, name, ha="center", va="bottom")
    shape, muted = f"{rows} × {columns}", palette()["muted"]
    axes.text(middle, top + rows * CELL + 0.06, shape, ha="center", va="top", size=9, color=muted)
