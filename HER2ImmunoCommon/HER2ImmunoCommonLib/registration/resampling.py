"""Images and masks of one visit on the grid of another."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from ..errors import InputError
from ..geometry import TimeSeries, Volume, to_sitk
from .transform import Transform, empty_grid


def resample(volume: Volume, onto: Volume | TimeSeries, transform: Transform, *, nearest: bool = False) -> Volume:
    """The volume in the fixed space: at each place of `onto`, its value where the transform leads.

    Parameters
    ----------
    volume : Volume
        Of the moving space.
    onto : Volume or TimeSeries
        The grid wanted, in the fixed space; any orientation and spacing.
    transform : Transform
        From fixed to moving points.
    nearest : bool
        Take the nearest voxel, as labels must be; linear between voxels otherwise.

    Returns
    -------
    Volume
        NaN where the transform leads beyond the volume, and beside a NaN of it; labels that are whole numbers are 0
        there. Whole numbers become float32 when they are interpolated.
    """
    array = np.asarray(volume.array)
    if array.dtype == bool:
        array = array.astype(np.uint8)
    if not nearest and array.dtype.kind != "f":
        array = array.astype(np.float32)
    outside = np.nan if array.dtype.kind == "f" else 0
    reference = to_sitk(empty_grid(onto.array.shape[:3], onto.ijk_to_ras))
    how = sitk.sitkNearestNeighbor if nearest else sitk.sitkLinear
    image = sitk.Resample(to_sitk(volume.like(array)), reference, transform.lps, how, outside)
    return Volume(sitk.GetArrayFromImage(image), onto.ijk_to_ras)


def reached(mask: Volume, onto: Volume | TimeSeries, transform: Transform) -> np.ndarray:
    """Where a mask comes to lie on a grid, like `carry_mask`, but never lost between the voxels of a coarser grid.

    Returns
    -------
    ndarray of bool, shape (k, j, i) of `onto`
        Empty where the mask comes to lie outside the grid.
    """
    inside = np.asarray(mask.array) != 0
    found = resample(mask.like(inside), onto, transform, nearest=True).array != 0
    if found.any() or not inside.any():
        return found
    k, j, i = (float(index.mean()) for index in np.nonzero(inside))
    middle = (mask.ijk_to_ras @ [i, j, k, 1.0])[:3]
    far_mm = np.linalg.norm(transform.on(onto) - middle, axis=-1)
    voxel_mm = float(np.linalg.norm(onto.ijk_to_ras[:3, :3], axis=0).max())
    return (far_mm == far_mm.min()) & (far_mm <= voxel_mm)


def carry_mask(mask: Volume, onto: Volume | TimeSeries, transform: Transform) -> np.ndarray:
    """A mask of the moving space on a grid of the fixed space.

    Parameters
    ----------
    mask : Volume
        Nonzero inside.
    onto : Volume or TimeSeries
    transform : Transform
        From fixed to moving points.

    Returns
    -------
    ndarray of bool, shape (k, j, i) of `onto`

    Raises
    ------
    InputError
        If the mask is empty, or comes to lie outside the grid or between its voxels.
    """
    inside = np.asarray(mask.array) != 0
    if not inside.any():
        raise InputError("The mask is empty; draw the region of interest first.")
    carried = resample(mask.like(inside), onto, transform, nearest=True).array != 0
    if not carried.any():
        raise InputError(
            "The transform carries the mask outside the other visit's images, or between their voxels; check the "
            "transform and the mask."
        )
    return carried
