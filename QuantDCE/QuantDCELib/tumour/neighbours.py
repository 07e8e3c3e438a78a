"""Which voxels enhance where noise leaves it open: their neighbours decide with them."""

from __future__ import annotations

import numpy as np

STRENGTH = 1.0
"""Log odds that a neighbour in the middle of the same tissue adds."""
ROUNDS = 4
SURE = 12.0
"""Log odds that no neighbours can turn."""


def enhancing_with_neighbours(log_odds: np.ndarray, spacing_kji_mm: np.ndarray) -> np.ndarray:
    """Whether voxels are of the enhancing tissue, by their own odds and what their neighbours by faces are.

    The mean field of a Markov random field of two tissues, in a fixed number of rounds. Where noise is low the odds
    are sure, and this is a threshold.

    Parameters
    ----------
    log_odds : ndarray of float32, shape (k, j, i)
        Of a voxel alone; NaN is never enhancing.
    spacing_kji_mm : ndarray, shape (3,)
        Neighbours further away count for less.

    References
    ----------
    Besag, J R Stat Soc B 48:259 (1986); Zhang, IEEE Trans Signal Process 40:2570 (1992).
    """
    own = np.nan_to_num(log_odds, nan=-SURE, posinf=SURE, neginf=-SURE).clip(-SURE, SURE)
    if np.count_nonzero(np.abs(own) < SURE) * 1000 < own.size:
        return own > 0
    state = _belief(own)
    weights = STRENGTH * spacing_kji_mm.min() / spacing_kji_mm
    for _ in range(ROUNDS):
        field = own.copy()
        for axis, weight in enumerate(weights):
            sums, part = (np.moveaxis(each, axis, 0) for each in (field, np.float32(weight) * state))
            sums[1:] += part[:-1]
            sums[:-1] += part[1:]
        state = _belief(field)
    return (state > 0) & ~np.isnan(log_odds)


def _belief(log_odds: np.ndarray) -> np.ndarray:
    """From -1, surely not, to 1, surely: the hyperbolic tangent of half the odds, nearly, in a tenth of its time."""
    return np.clip(np.float32(0.4) * log_odds, -1.0, 1.0)
