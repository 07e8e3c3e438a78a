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
    weights = (STRENGTH * spacing_kji_mm.min() / spacing_kji_mm).astype(np.float32)
    field, weighed = np.empty_like(own), np.empty_like(own)  # made once: new memory costs more than the sums
    for _ in range(ROUNDS):
        field[:] = own
        for axis, weight in enumerate(weights):
            np.multiply(state, weight, out=weighed)
            sums, part = (np.moveaxis(each, axis, 0) for each in (field, weighed))
            sums[1:] += part[:-1]
            sums[:-1] += part[1:]
        _belief(field, out=state)
    return (state > 0) & ~np.isnan(log_odds)


def _belief(log_odds: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """From -1, surely not, to 1, surely: the hyperbolic tangent of half the odds, nearly, in a tenth of its time."""
    belief = np.multiply(log_odds, np.float32(0.4), out=out)
    return np.clip(belief, -1.0, 1.0, out=belief)
