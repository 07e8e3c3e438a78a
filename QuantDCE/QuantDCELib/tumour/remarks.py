"""What makes a grown region doubtful, in words."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .region import FAINT, LEAK, PALE_PERCENT, STABLE, Region
from .seed import Seed, tissue_voxels
from .shapes import grown
from .uptake import Uptake

LARGE = 0.1
"""Share of the images' tissue."""
FEW_VOXELS = 30


def refuse_leak(mask: np.ndarray, uptake: Uptake) -> None:
    """Refuse a region that takes up much of the images.

    Raises
    ------
    InputError
    """
    share = _share(mask, uptake)
    if share > LEAK:
        raise InputError(
            f"The region grew over {share:.0%} of the tissue in the images, so it has no bounds; lower the growth, "
            "give a sphere around the tumour, or draw it."
        )


def remarks_on(
    mask: np.ndarray, region: Region, uptake: Uptake, seed: Seed, stability: tuple[float, float]
) -> tuple[str, ...]:
    """What a person must look at before the region is used.

    Parameters
    ----------
    mask : ndarray of bool, shape (k, j, i)
    region : Region
        What the mask was made of.
    uptake : Uptake
    seed : Seed
    stability : tuple of float
        Dice coefficients of the region with what a tighter and a wider threshold give.
    """
    remarks = []
    if region.has_rival or min(np.subtract(stability, STABLE)) < 0:
        remarks.append(
            "The tumour could not be told from its surroundings with certainty: a little change of the threshold makes "
            "it another region; look at it, change Extent, or bound it with Within (mm)."
        )
    faces = [np.moveaxis(mask, axis, 0)[end].any() for axis in range(3) for end in (0, -1)]
    if any(faces):
        remarks.append("The region touches the edge of the images, so its volume and diameter may be cut off.")
    share = _share(mask, uptake)
    if share > LARGE:
        remarks.append(f"The region is large, {share:.0%} of the tissue in the images; see whether it leaked.")
    level, around = region.levels.region, region.levels.around
    if level < PALE_PERCENT:
        remarks.append(f"The region enhances by {level:.0f} % only, less than most tumours; see whether it is one.")
    if level <= FAINT * around * 1.001:
        remarks.append(
            f"The tissue around enhances by {around:.0f} %, the region by {level:.0f} %; its outline is uncertain."
        )
    voxels = int(np.count_nonzero(mask))
    if voxels < FEW_VOXELS:
        remarks.append(f"The region has {voxels} voxels only; see whether the click was on a vessel or on noise.")
    if not grown(mask)[seed.voxel] and not seed.is_sphere:
        remarks.append("The click itself is not inside the region, which begins beside it.")
    if seed.is_sphere and seed.is_reached(mask):
        remarks.append("The region reaches the surface of the sphere; make the sphere larger if the tumour goes on.")
    return tuple(remarks)


def _share(mask: np.ndarray, uptake: Uptake) -> float:
    """Share of the region in all that is brighter than air."""
    return np.count_nonzero(mask) / tissue_voxels(uptake)
