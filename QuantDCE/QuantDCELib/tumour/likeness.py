"""Which voxels have curves like those of the tumour: vessels and moving edges have not."""

from __future__ import annotations

import numpy as np

FIRST_PASS_S = 45.0
"""The bolus has passed by then."""
BLOOD_FALL = 0.5
"""Blood loses at least this fraction of its first pass; tissue goes on taking up."""
FAST_S = 10.0
"""Frames further apart than this do not show a first pass."""


def like(
    curves: np.ndarray, references: list[np.ndarray], time_s: np.ndarray, baseline: np.ndarray, limit: float
) -> np.ndarray:
    """Whether curves have the shape of one of some references and are not those of blood.

    Shapes are compared by correlation over all frames, so height does not matter; what noise takes off a correlation is
    given back, with the noise taken from the late frames.

    Parameters
    ----------
    curves : ndarray, shape (n, t)
        Signal.
    references : list of ndarray, shape (t,)
    time_s : ndarray, shape (t,)
    baseline : ndarray of int
    limit : float
        Smallest correlation.

    Returns
    -------
    ndarray of bool, shape (n,)
        False for curves that are not finite.
    """
    centred = curves - curves.mean(axis=1, keepdims=True)
    variance = np.mean(centred**2, axis=1) - _noise_variance(curves, int(baseline.max()))
    best = np.full(len(curves), -1.0)
    for reference in references:
        shape = reference - reference.mean()
        covariance = centred @ shape / shape.size
        scale = np.sqrt(np.maximum(variance, 0.0) * np.mean(shape**2))
        best = np.maximum(best, np.divide(covariance, scale, out=np.ones(len(curves)), where=scale > 0))
    return (best >= limit) & np.isfinite(variance) & ~is_blood(curves, time_s, baseline)


def is_blood(curves: np.ndarray, time_s: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """Whether curves (n, t) peak in the first pass and fall by half after it; none where frames are too far apart."""
    last = int(baseline.max())
    after = np.arange(last + 1, time_s.size)
    first_pass = after[time_s[after] - time_s[last] <= FIRST_PASS_S]
    if first_pass.size < 3 or np.median(np.diff(time_s)) > FAST_S or first_pass.size == after.size:
        return np.zeros(len(curves), bool)
    before = curves[:, baseline].mean(axis=1)
    n_late = max(1, after.size // 3)
    top = curves[:, first_pass].max(axis=1) - before
    late = curves[:, -n_late:].mean(axis=1) - before
    return late < (1.0 - BLOOD_FALL) * top


def _noise_variance(curves: np.ndarray, last: int) -> float:
    """Variance of a frame's noise, from the steps between the frames of the last third; 0 for fewer than four."""
    n_late = (curves.shape[1] - last - 1) // 3
    if n_late < 4:
        return 0.0
    steps = np.diff(curves[:, -n_late:], axis=1)
    return float(np.nanmedian(steps**2) / 0.4549 / 2.0)
