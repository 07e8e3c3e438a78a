"""Friberg's model of neutrophils under chemotherapy, for many patients at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAST_COUNT = 1e-6
"""Count (1e9/L) below which the feedback grows no further: one cell in a litre's thousand."""


@dataclass(frozen=True, eq=False)
class Marrow:
    """Parameters of each patient, arrays (patients,); `feedback` is a number. Units as `NeutrophilSet`, hours."""

    count: np.ndarray
    transit_h: np.ndarray
    slope: np.ndarray
    feedback: float


def neutrophils(marrow: Marrow, hour: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Neutrophils in the blood, from the count before treatment on.

    `dprol = ktr prol ((1 - slope C)(count/blood)^feedback - 1)`, three transits and the blood follow at `ktr` =
    4 / transit time. The pool is followed by its logarithm, which takes the area under C of a step exactly; the rest
    by Heun's rule.

    Parameters
    ----------
    marrow : Marrow
    hour : array (steps + 1,)
        Increasing.
    area : array (patients, steps + 1)
        Area under the concentration up to each hour (concentration x h).

    Returns
    -------
    array (patients, steps + 1)
        1e9/L.
    """
    rate = 4.0 / marrow.transit_h
    pool = np.log(marrow.count)
    chain = np.repeat(marrow.count[None], 4, axis=0)
    found = np.empty((marrow.count.size, hour.size))
    found[:, 0] = marrow.count
    for k, step in enumerate(np.diff(hour).tolist()):
        share = _feedback(marrow, chain[3])
        lived = step - marrow.slope * (area[:, k + 1] - area[:, k])
        change = _flow(rate, np.exp(pool), chain)
        guess = chain + step * change
        share = 0.5 * (share + _feedback(marrow, guess[3]))
        pool = pool + rate * (lived * share - step)
        chain = chain + 0.5 * step * (change + _flow(rate, np.exp(pool), guess))
        found[:, k + 1] = chain[3]
    return found


def _feedback(marrow: Marrow, blood: np.ndarray) -> np.ndarray:
    return (marrow.count / np.maximum(blood, LEAST_COUNT)) ** marrow.feedback


def _flow(rate: np.ndarray, pool: np.ndarray, chain: np.ndarray) -> np.ndarray:
    """Change of the three transits and the blood, (4, patients)."""
    return rate * (np.concatenate([pool[None], chain[:-1]]) - chain)
