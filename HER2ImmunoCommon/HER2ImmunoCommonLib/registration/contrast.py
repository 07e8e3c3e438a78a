"""Local contrast images: what is brighter or darker than its surroundings, whatever coil, gain or contrast phase."""

from __future__ import annotations

import numpy as np

from ..geometry import Volume
from .body import Body
from .smoothing import smoothed

SMOOTHED_MM, WINDOW_MM = 1.0, 3.0
QUIET = 0.15
"""Standard deviation of the logarithm that noise has; keeps it quiet where there is nothing else."""


def local_contrast(volume: Volume, body: Body) -> Volume:
    """Logarithm less its mean within a window, over the root of its variance there and that of noise.

    Parameters
    ----------
    volume : Volume
        Of finite float32 values.
    body : Body
        Gives the scale of lengths and the floor of intensities.

    Returns
    -------
    Volume
        Of float32, on the same grid; about -2 to 2.
    """
    spacing = np.array(volume.spacing_mm[::-1])
    fine = smoothed(np.clip(volume.array, 0.0, None), _voxels(SMOOTHED_MM * body.scale, spacing))
    logs = np.log(np.clip(fine, 0.0, None) + body.floor)
    logs -= logs.mean()  # keeps the differences of squares exact
    window = _voxels(WINDOW_MM * body.scale, spacing)
    mean = smoothed(logs, window)
    variance = np.clip(smoothed(logs * logs, window) - mean * mean, 0.0, None)
    return volume.like(((logs - mean) / np.sqrt(variance + QUIET**2)).astype(np.float32))


def _voxels(mm: float, spacing_mm: np.ndarray) -> np.ndarray:
    """A standard deviation in voxels; none along axes whose voxels blur more by themselves."""
    sd = mm / spacing_mm
    return np.where(sd < 0.3, 0.0, sd)
