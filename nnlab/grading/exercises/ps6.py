"""The capstone's digits in another hand: redrawn for every grading, so that no digit can be known by heart."""

from __future__ import annotations

import numpy as np

SIDE = 8
SWIRL = (30, 50)  # degrees in the middle of the picture; none at its edge, so that no stroke leaves it
WAVE = 0.5  # pixels
CENTRE = 0.5  # pixels
CONTRAST = 0.2


def another_hand(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All images turned or mirrored, swirled and bent in one and the same way, with another contrast.

    Row i of the result is the picture x'(p) = x(S·R(p)·p + b(p))ᶜ at the 64 pixels p, with S one of the square's eight
    symmetries, R(p) a rotation that fades towards the edge, b(p) a wave of half a pixel that fades likewise, and x
    between its pixels by cubic convolution. rng draws S, the angle, the wave and the exponent c, once for all images.
    What learns from some of the redrawn images sees no difference; what compares them with the originals is lost.

    images: (N, 64) with entries from 0 to 1. Returns a new (N, 64) float32 array with entries from 0 to 1.
    R. Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29 (1981), 1153.
    """
    pixels = (np.indices((SIDE, SIDE)) - (SIDE - 1) / 2).reshape(2, -1)
    inside = np.prod(1 - (pixels / (SIDE / 2 + 0.5)) ** 2, axis=0)  # 0 just beyond the edge
    angle = np.deg2rad(rng.choice([-1, 1]) * rng.uniform(*SWIRL)) * inside
    centre = rng.uniform(-CENTRE, CENTRE, (2, 1))
    down, right = pixels - centre
    turned = np.stack([np.cos(angle) * down - np.sin(angle) * right, np.sin(angle) * down + np.cos(angle) * right])
    wave = np.sin(rng.normal(0, 0.5, (2, 2)) @ pixels + rng.uniform(0, 2 * np.pi, (2, 1)))
    places = _symmetry(rng) @ (turned + centre + WAVE * inside * wave) + (SIDE - 1) / 2
    rows, columns = _cubic(places[..., None] - np.arange(SIDE))
    redrawn = images @ np.einsum("pr,pc->rcp", rows, columns).reshape(SIDE * SIDE, -1)
    return (np.clip(redrawn, 0, 1) ** np.exp(rng.uniform(-CONTRAST, CONTRAST))).astype(np.float32)


def _symmetry(rng: np.random.Generator) -> np.ndarray:
    """One of the eight turns and mirrors of a square, but not the identity."""
    axes = np.eye(2)
    symmetries = [
        np.diag(signs) @ order for order in (axes, axes[::-1]) for signs in ((1, 1), (1, -1), (-1, 1), (-1, -1))
    ]
    return symmetries[rng.integers(1, 8)]


def _cubic(distance: np.ndarray) -> np.ndarray:
    """The weight of a pixel at a distance, by Keys's kernel with a = -1/2."""
    t = np.abs(distance)
    near, far = 1.5 * t**3 - 2.5 * t**2 + 1, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    return np.where(t < 1, near, np.where(t < 2, far, 0))
