"""What looks like motion only because contrast agent arrives."""

from __future__ import annotations

import numpy as np

ROUNDS = 20
LEAST_STEP = 1e-6
MOST_ERRORS, KEPT_SHARE = 2.0, 0.3
"""What may be taken for contrast, in errors of the first comparison, and the share of it that stays an error."""


def contrast_course(aligned: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """How far the local contrast of frames (n, t) is from that before the agent: (t,), 0 there and 1 at most."""
    before = aligned[:, baseline].mean(axis=1, keepdims=True)
    square = ((aligned - before) ** 2).mean(axis=0, dtype=np.float64)
    course = np.sqrt(np.maximum(square - np.median(square[baseline]), 0.0))
    course[: baseline.max() + 1] = 0.0
    return course / course.max() if course.max() > LEAST_STEP else np.zeros(course.size)


def follows(numbers: np.ndarray, course: np.ndarray) -> np.ndarray:
    """How much of each number of a motion goes with the course of the contrast, and with nothing else.

    The steps of the numbers from frame to frame are an even drift and a multiple of the steps of the course, by least
    absolute deviations: a few jumps of the body do not count.

    Parameters
    ----------
    numbers : ndarray, shape (t, m)
    course : ndarray, shape (t,)

    Returns
    -------
    ndarray, shape (m,)
        What is to be taken from the numbers times the course.
    """
    steps, rises = np.diff(numbers, axis=0), np.diff(course)
    used = np.flatnonzero(np.abs(rises) > LEAST_STEP)
    share = np.zeros(numbers.shape[1])
    if not used.size:
        return share
    for _ in range(ROUNDS):
        drift = np.median(steps - rises[:, None] * share, axis=0)
        share = _weighted_median((steps[used] - drift) / rises[used, None], np.abs(rises[used]))
    return share


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Of each column of values (n, m) with weights (n,)."""
    order = np.argsort(values, axis=0)
    heaped = np.cumsum(weights[order], axis=0)
    middle = np.argmax(heaped >= 0.5 * weights.sum() - 1e-12, axis=0)
    return np.take_along_axis(values, np.take_along_axis(order, middle[None], axis=0), axis=0)[0]
