"""Statistics of a map over a region of interest."""

from __future__ import annotations

from dataclasses import dataclass, fields

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
    p5: float
    p10: float
    p25: float
    p75: float
    p90: float
    p95: float
    minimum: float
    maximum: float

    @property
    def iqr(self) -> float:
        """Interquartile range, from the 25th to the 75th percentile."""
        return self.p75 - self.p25


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
    `sd` is the sample standard deviation (n - 1); percentiles are interpolated between the nearest voxels. All numbers
    are NaN when no voxel is valid.
    """
    if values.shape != mask.shape:
        raise InputError(f"The mask has shape {mask.shape} but the map has {values.shape}; put them on one grid first.")
    inside = values[mask.astype(bool)].astype(np.float64)
    if inside.size == 0:
        raise InputError("The region of interest is empty; draw it first.")
    valid = inside[np.isfinite(inside)]
    if valid.size == 0:
        return RoiStatistics(inside.size, 0, *[float("nan")] * (len(fields(RoiStatistics)) - 2))
    p5, p10, p25, median, p75, p90, p95 = map(float, np.percentile(valid, [5, 10, 25, 50, 75, 90, 95]))
    return RoiStatistics(
        n=inside.size,
        n_valid=valid.size,
        mean=float(valid.mean()),
        sd=float(valid.std(ddof=1)) if valid.size > 1 else 0.0,
        median=median,
        p5=p5,
        p10=p10,
        p25=p25,
        p75=p75,
        p90=p90,
        p95=p95,
        minimum=float(valid.min()),
        maximum=float(valid.max()),
    )
