"""What classical test theory says of each test: how hard it is, and whether it parts the strong from the weak."""

from __future__ import annotations

import numpy as np


def difficulty(points: np.ndarray, most: np.ndarray) -> np.ndarray:
    """The mean share of its points that each test gave, (tests,); 1 is the easiest. NaN where nobody is marked yet."""
    shares = points / np.where(most > 0, most, np.nan)
    marked = ~np.isnan(shares)
    return np.where(marked.any(axis=0), np.nansum(shares, axis=0) / np.maximum(marked.sum(axis=0), 1), np.nan)


def discrimination(points: np.ndarray) -> np.ndarray:
    """The correlation of each test's points with the sum of all others', over the students, (tests,).

    Near 0 or below, a test says nothing about the rest of a student's work, or contradicts it: read it again. NaN where
    all students got the same, or fewer than three are marked.
    """
    found = np.full(points.shape[1], np.nan)
    for test in range(points.shape[1]):
        marked = ~np.isnan(points[:, test])
        own = points[marked, test]
        rest = np.nansum(np.delete(points[marked], test, axis=1), axis=1)
        if marked.sum() >= 3 and np.ptp(own) > 0 and np.ptp(rest) > 0:
            found[test] = np.corrcoef(own, rest)[0, 1]
    return found
