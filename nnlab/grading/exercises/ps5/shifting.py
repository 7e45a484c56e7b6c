"""shift_images: a picture moved by whole pixels, zeros moving in."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnlab.data import shift_images
from nnlab.grading.exercise import Case, Exercise
from nnlab.grading.exercises.drawing import array, sides

PICTURE = array([[[1, 2, 3], [4, 5, 6]]])


def _shift_examples() -> Iterator[Case]:
    def case(images: np.ndarray, dx: int, dy: int, why: str) -> Case:
        return Case({"images": images, "dx": dx, "dy": dy}, why)

    yield case(PICTURE, 1, 0, "One pixel to the right: the first column is new, and 0.")
    yield case(PICTURE, 0, 1, "One pixel down: the first row is new, and 0.")
    yield case(PICTURE, -1, 0, "A negative dx moves to the left.")
    yield case(PICTURE, 0, -1, "A negative dy moves up.")
    yield case(PICTURE, 0, 0, "Not moved at all, the image is as it was.")
    yield case(PICTURE, 3, 0, "Moved by its whole width, nothing is left.")
    yield case(PICTURE, 0, -5, "Moved by more than its height, nothing is left.")
    yield case(array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]), 1, -1, "Every image of the batch moves by itself.")


def _draw_shift(rng: np.random.Generator, size: int) -> Case:
    shape = sides(rng, size, 3)
    dx, dy = (int(rng.integers(-side, side + 1)) for side in (shape[2], shape[1]))
    why = "Axis 0 counts images, axis 1 rows from the top, axis 2 columns from the left."
    return Case({"images": rng.normal(size=shape), "dx": dx, "dy": dy}, why)


SHIFT_IMAGES = Exercise("ps5.shift_images", shift_images, _shift_examples, _draw_shift)
