"""A sphere as a region on a grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume


def sphere_mask(grid: Volume, centre_mm: Sequence[float], radius_mm: float) -> np.ndarray:
    """Voxels whose centre lies within a sphere; at least the one that holds the sphere's centre.

    Parameters
    ----------
    grid : Volume
    centre_mm : sequence of 3 floats
        RAS.
    radius_mm : float

    Returns
    -------
    ndarray of bool, shape (k, j, i)

    Raises
    ------
    InputError
        If the radius is not above 0 or the centre lies outside the image.
    """
    if not radius_mm > 0:
        raise InputError(f"The sphere has a radius of {radius_mm:g} mm; give one above 0.")
    to_mm, shape = grid.ijk_to_ras[:3, :3], np.array(grid.array.shape[::-1])
    centre = np.linalg.solve(to_mm, np.asarray(centre_mm, float) - grid.ijk_to_ras[:3, 3])
    nearest = np.rint(centre).astype(int)
    if np.any(nearest < 0) or np.any(nearest >= shape):
        raise InputError("The sphere is placed outside the PET; place it inside the image.")
    reach = radius_mm * np.linalg.norm(np.linalg.inv(to_mm), axis=1)
    low = np.maximum(np.ceil(centre - reach).astype(int), 0)
    high = np.minimum(np.floor(centre + reach).astype(int) + 1, shape)
    axes = [np.arange(a, b) - c for a, b, c in zip(low, high, centre, strict=True)]
    k, j, i = np.meshgrid(axes[2], axes[1], axes[0], indexing="ij")
    from_centre_mm = np.stack([i, j, k], axis=-1) @ to_mm.T
    mask = np.zeros(grid.array.shape, bool)
    box = tuple(slice(a, b) for a, b in zip(low[::-1], high[::-1], strict=True))
    mask[box] = np.sum(from_centre_mm**2, axis=-1) <= radius_mm**2
    mask[tuple(nearest[::-1])] = True
    return mask
