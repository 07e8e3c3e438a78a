"""Histogram of a map over a region, with round edges."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.chart_spec import tick_step

BARS = 40
OUTER_PERCENT = 0.5
"""So much of the voxels at each end may lie beyond the bars, so that a single one far out does not flatten the rest."""
NEAR_ZERO = 0.5
"""Bars start at 0 where that is at most this share of their spread below the values."""


@dataclass(frozen=True, eq=False)
class Histogram:
    """Voxels between edges.

    Attributes
    ----------
    edges : ndarray, shape (n + 1,)
        Multiples of a round step.
    counts : ndarray of int, shape (n,)
        Voxels from one edge to below the next; the last bar has its upper edge too.
    n, n_outside : int
        Voxels with a value, and those of them beyond the edges.
    """

    edges: np.ndarray
    counts: np.ndarray
    n: int
    n_outside: int


def histogram(values: np.ndarray, include: tuple[float, ...] = ()) -> Histogram | None:
    """Count voxels in 16 to 41 bars with round edges.

    Parameters
    ----------
    values : ndarray
        Those that are not finite are left out.
    include : tuple of float
        Numbers that must lie between the outer edges, such as a threshold.

    Returns
    -------
    Histogram or None
        None where no value is finite.
    """
    finite = np.asarray(values, np.float64)[np.isfinite(values)]
    if not finite.size:
        return None
    low, high = np.percentile(finite, [OUTER_PERCENT, 100.0 - OUTER_PERCENT])
    low, high = float(min((low, *include))), float(max((high, *include)))
    if not high > low:
        room = abs(low) / 2 or 0.5
        low, high = low - room, high + room
    if 0.0 < low <= NEAR_ZERO * (high - low):
        low = 0.0
    step = tick_step(low, high, BARS)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    # Edges are divided where they can be: 3 / 10 is 0.3, and 3 * 0.1 is not.
    numbers = np.arange(first, last + 1)
    edges = numbers / round(1.0 / step) if step < 1.0 else numbers * step
    counts, _ = np.histogram(finite, edges)
    return Histogram(edges, counts, int(finite.size), int(finite.size - counts.sum()))
