"""Statistics of a map over a region of interest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import InputError


@dataclass(frozen=True)
class RoiStatistics:
    """Statistics over the valid (not NaN) voxels of a region; every number but the counts has the map's unit."""

    n: int
    n_valid: int
    mean: float
    sd: float
    median: float
    p10: float
    p90: float
    minimum: float
    maximum: float


def roi_statistics(values: np.ndarray, mask: np.ndarray) -> RoiStatistics:
    """Summarise `values` inside `mask`.

    Parameters
    ----------
    values : ndarray
        A map; NaN where there is no valid result.
    mask : ndarray of bool, same shape

    Raises
    ------
    InputError
        If the shapes differ or the mask is empty.

    Notes
    -----
    `sd` is the sample standard deviation (n - 1). All numbers are NaN when no voxel is valid.
    """
    if values.shape != mask.shape:
        raise InputError(f"The mask has shape {mask.shape} but the map has {values.shape}; put them on one grid first.")
    inside = values[mask.astype(bool)].astype(np.float64)
    if inside.size == 0:
        raise InputError("The region of interest is empty; draw it first.")
    valid = inside[np.isfinite(inside)]
    if valid.size == 0:
        return RoiStatistics(inside.size, 0, *[float("nan")] * 7)
    p10, median, p90 = np.percentile(valid, [10, 50, 90])
    return RoiStatistics(
        n=inside.size,
        n_valid=valid.size,
        mean=float(valid.mean()),
        sd=float(valid.std(ddof=1)) if valid.size > 1 else 0.0,
        median=float(median),
        p10=float(p10),
        p90=float(p90),
        minimum=float(valid.min()),
        maximum=float(valid.max()),
    )
