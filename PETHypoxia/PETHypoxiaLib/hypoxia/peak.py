"""SUVpeak: the largest mean in a sphere of 1 cm3."""

from __future__ import annotations

import math

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume

PEAK_VOLUME_CM3 = 1.0
PEAK_RADIUS_MM = (3.0 * 1000.0 * PEAK_VOLUME_CM3 / (4.0 * math.pi)) ** (1.0 / 3.0)
"""6.2 mm."""
CELL_MM = 0.25
"""Voxels are cut into cells no larger than this to find their share in the sphere."""
FEWEST_CELLS = 4
WHOLE = 1e-6


def sphere_weights(volume: Volume, radius_mm: float = PEAK_RADIUS_MM) -> np.ndarray:
    """Share of each voxel that lies in a sphere around the centre of the middle voxel.

    Parameters
    ----------
    volume : Volume
        Gives the grid; its axes are taken as orthogonal.
    radius_mm : float

    Returns
    -------
    ndarray, shape (k, j, i), odd
        Sums to 1.
    """
    shares = []
    for spacing in reversed(volume.spacing_mm):
        half = math.ceil(radius_mm / spacing - 0.5)
        n_cells = max(FEWEST_CELLS, math.ceil(spacing / CELL_MM))
        cells = (np.arange((2 * half + 1) * n_cells) + 0.5) / n_cells - half - 0.5
        shares.append(((cells * spacing) ** 2, 2 * half + 1, n_cells))
    (k2, n_k, c_k), (j2, n_j, c_j), (i2, n_i, c_i) = shares
    # Along i the sphere is a run of cells, so that only their number is needed.
    weights = np.zeros((n_k, n_j, n_i))
    inside = i2[None, :] <= radius_mm**2 - np.add.outer(k2, j2).reshape(-1, 1)
    per_voxel = inside.reshape(k2.size, j2.size, n_i, c_i).sum(axis=3)
    weights = per_voxel.reshape(n_k, c_k, n_j, c_j, n_i).sum(axis=(1, 3)).astype(float)
    return weights / weights.sum()


def suv_peak(suv: Volume, mask: np.ndarray) -> float | None:
    """Largest mean SUV in a 1 cm3 sphere centred on a voxel of the region; the sphere may cross its edge.

    Parameters
    ----------
    suv : Volume
    mask : ndarray of bool, shape (k, j, i)

    Returns
    -------
    float or None
        None where the region is smaller than 1 mL, or no sphere lies wholly in valid voxels of the image.

    Notes
    -----
    Voxels count by the share of them in the sphere (Wahl et al., J Nucl Med 2009;50:122S, PERCIST; the centre is
    tried at every voxel of the region as in the IBSI's local intensity peak).
    """
    from scipy.signal import fftconvolve  # slow to load

    if np.count_nonzero(mask) * suv.voxel_volume_cm3 < PEAK_VOLUME_CM3 * (1 - WHOLE):
        return None
    weights = sphere_weights(suv)
    cut = _around(mask, weights.shape)
    values = suv.array[cut].astype(np.float64)
    if any(size < width for size, width in zip(values.shape, weights.shape, strict=True)):
        return None
    valid = np.isfinite(values)
    scale = float(np.max(np.abs(values[valid]), initial=0.0)) or 1.0
    means = scale * fftconvolve(np.where(valid, values, 0.0) / scale, weights, mode="valid")
    half = [width // 2 for width in weights.shape]
    centres = mask[cut][tuple(slice(h, size - h) for h, size in zip(half, values.shape, strict=True))].astype(bool)
    if not valid.all():
        centres &= fftconvolve(valid.astype(float), weights, mode="valid") > 1 - WHOLE
    return float(means[centres].max()) if centres.any() else None


def _around(mask: np.ndarray, kernel: tuple[int, ...]) -> tuple[slice, ...]:
    """The part of the image that holds the region with half a kernel on each side."""
    found = []
    for axis, width in enumerate(kernel):
        inside = np.flatnonzero(np.any(mask, axis=tuple(other for other in range(3) if other != axis)))
        found.append(slice(max(0, int(inside[0]) - width // 2), int(inside[-1]) + width // 2 + 1))
    return tuple(found)
