"""The capstone's digits in another hand: as easy to learn as before, and of no use to whoever knows them by heart."""

import numpy as np
import pytest

from nnlab import data
from nnlab.grading.exercises.ps6 import another_hand

SEEDS = range(12)


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    (x, y), (more_x, more_y) = data.digits()
    return np.concatenate([x, more_x]), np.concatenate([y, more_y])


def nearest(known: np.ndarray, labels: np.ndarray, images: np.ndarray) -> np.ndarray:
    return labels[((known**2).sum(axis=1) - 2 * images @ known.T).argmin(axis=1)]


def symmetries(images: np.ndarray) -> list[np.ndarray]:
    """The images in the eight ways a square can be turned and mirrored."""
    ways = [np.rot90(images.reshape(-1, 8, 8), turns, axes=(1, 2)) for turns in range(4)]
    return [way.reshape(-1, 64) for one in ways for way in (one, one[:, :, ::-1])]


def test_form(digits: tuple[np.ndarray, np.ndarray]) -> None:
    x, before = digits[0], digits[0].copy()
    redrawn = another_hand(x, np.random.default_rng(0))
    assert redrawn.shape == x.shape and redrawn.dtype == np.float32
    assert redrawn.min() >= 0 and redrawn.max() <= 1
    assert np.array_equal(x, before)


def test_all_images_are_redrawn_alike_and_anew_each_time(digits: tuple[np.ndarray, np.ndarray]) -> None:
    x = digits[0][:20]
    rng = np.random.default_rng(1)
    state = rng.bit_generator.state
    first, second = another_hand(x, rng), another_hand(x, rng)
    assert np.abs(first - second).mean() > 0.05
    rng.bit_generator.state = state
    assert np.array_equal(another_hand(x[7:8], rng)[0], first[7])


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_learnt_from_the_same_hand_is_right(digits: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    x, y = digits
    redrawn = another_hand(x, np.random.default_rng(seed))
    assert np.mean(nearest(redrawn[400:], y[400:], redrawn[:400]) == y[:400]) > 0.95


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_known_by_heart_is_of_no_use(digits: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    """Not even turned and mirrored in the way that fits best."""
    x, y = digits
    redrawn = another_hand(x, np.random.default_rng(seed))[:400]
    assert max(np.mean(nearest(way, y, redrawn) == y[:400]) for way in symmetries(x)) < 0.88
