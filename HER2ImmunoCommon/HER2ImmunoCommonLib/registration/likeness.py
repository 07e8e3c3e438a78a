"""Measures of likeness with their slopes: mutual information, and the squared difference."""

from __future__ import annotations

import numpy as np

BINS = 32
TINY = 1e-12


class Information:
    """Mutual information of values with fixed ones, whose histogram has cubic windows (Mattes et al. 2003).

    Parameters
    ----------
    fixed : ndarray, shape (n,)
    moving_range : (float, float)
        Values of the moving image from which on those beyond are taken as the ends.
    """

    def __init__(self, fixed: np.ndarray, moving_range: tuple[float, float]):
        low, high = np.percentile(fixed, [0.5, 99.5])
        self._row = np.clip((fixed - low) / max(high - low, TINY) * BINS, 0, BINS - 1).astype(np.int64) * BINS
        self._low = moving_range[0]
        self._per_bin = (BINS - 4) / max(moving_range[1] - moving_range[0], TINY)

    def cost(self, moving: np.ndarray, inside: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the information times the share of points inside, and its slopes by each moving value (n)."""
        rows, n = self._row[inside], int(inside.sum())
        slopes = np.zeros(len(moving))
        if not n:
            return 0.0, slopes
        place = 1.5 + (moving[inside].astype(np.float64) - self._low) * self._per_bin
        within = (place > 1.5) & (place < BINS - 2.5)
        place = np.clip(place, 1.5, BINS - 2.5)
        first = place.astype(np.int64) - 1
        cells = [rows + first + tap for tap in range(4)]
        offsets = [place - (first + tap) for tap in range(4)]
        joint = sum(np.bincount(cell, _window(at), BINS * BINS) for cell, at in zip(cells, offsets, strict=True)) / n
        joint = joint.reshape(BINS, BINS)
        product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
        logs = np.where(joint > TINY, np.log(np.maximum(joint, TINY) / np.maximum(product, TINY)), 0.0)
        share = n / len(moving)
        flat = logs.ravel()
        slope = sum(flat[cell] * _window_slope(at) for cell, at in zip(cells, offsets, strict=True))
        slopes[inside] = -share * slope * within * self._per_bin / n
        return -share * float((joint * logs).sum()), slopes


class Difference:
    """Half the mean squared difference from fixed values; points outside count as of no likeness.

    Parameters
    ----------
    fixed : ndarray, shape (n,)
    """

    def __init__(self, fixed: np.ndarray):
        self._fixed = fixed.astype(np.float32)
        self._outside = float(np.mean(self._fixed**2))

    def cost(self, moving: np.ndarray, inside: np.ndarray) -> tuple[float, np.ndarray]:
        """The difference, and its slopes by each moving value (n)."""
        off = np.where(inside, moving - self._fixed, np.float32(0.0))
        n, out = len(moving), int(len(moving) - inside.sum())
        return 0.5 * (float(np.vdot(off, off)) + out * 2.0 * self._outside) / n, off / n


def _window(at: np.ndarray) -> np.ndarray:
    """Cubic B-spline at distances up to 2."""
    far = np.abs(at)
    return np.where(far < 1.0, (4.0 - 6.0 * far**2 + 3.0 * far**3) / 6.0, np.clip(2.0 - far, 0.0, None) ** 3 / 6.0)


def _window_slope(at: np.ndarray) -> np.ndarray:
    far = np.abs(at)
    slope = np.where(far < 1.0, -2.0 * far + 1.5 * far**2, -0.5 * np.clip(2.0 - far, 0.0, None) ** 2)
    return np.sign(at) * slope
