"""Regions that were drawn on another image come to the PET through a transform; the PET itself is never resampled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume, nearly_same_grid
from HER2ImmunoCommonLib.masks import Given, Mask, Placed, place
from HER2ImmunoCommonLib.registration import Transform, carry_mask, indices, positions

TUMOUR = "tumour"
EDGE_VOXELS = 2
"""Of the PET, around a region, on which a transform that is not linear is turned round."""


def place_on_pet(given: Given, pet: Volume, what: str, transform: Transform | None = None) -> Placed:
    """A region on the grid of the PET.

    Parameters
    ----------
    given : Mask, Volume or ndarray
        A region on the very voxels of the PET was drawn there and stays where it is.
    pet : Volume
    what : str
        What the region is, for messages.
    transform : Transform, optional
        Of points of the image that the region was drawn on to points of the PET; None where both share their space.

    Raises
    ------
    InputError
        As `place`; also if the transform leads beyond the PET or cannot be turned round there.
    """
    if transform is None or isinstance(given, np.ndarray):
        return place(given, pet, what)
    mask = given.volume if isinstance(given, Mask) else given
    if nearly_same_grid(mask, pet):
        placed = place(given, pet, what)
        if what != TUMOUR:  # a reference region is mostly drawn on the PET
            return placed
        told = f"The {what} region lies on the voxels of the PET: it was taken as drawn there, and not moved."
        return replace(placed, warnings=(*placed.warnings, told))
    try:
        if transform.matrix is None:
            return _bent(given, mask, pet, what, transform)
        moved = Volume(mask.array, transform.matrix @ mask.ijk_to_ras)
        return place(replace(given, volume=moved) if isinstance(given, Mask) else moved, pet, what)
    except InputError as error:
        raise InputError(f"{error} (The region was carried to the PET by a transform.)") from error


def _bent(given: Given, mask: Volume, pet: Volume, what: str, transform: Transform) -> Placed:
    """Through a transform that is not linear: turned round about the region alone."""
    own = place(given, mask, what)  # refuses what is no region
    index = indices(pet, transform.at(positions(mask)[own.inside]))
    size = np.array(pet.array.shape[::-1])
    low = np.maximum(np.floor(index.min(axis=0)).astype(int) - EDGE_VOXELS, 0)
    high = np.minimum(np.ceil(index.max(axis=0)).astype(int) + EDGE_VOXELS + 1, size)
    if (low >= high).any():
        raise InputError(f"The transform carries the {what} region outside the PET; check the transform.")
    box = tuple(slice(a, b) for a, b in zip(low[::-1], high[::-1], strict=True))
    corner = pet.ijk_to_ras.copy()
    corner[:3, 3] += corner[:3, :3] @ low
    grid = Volume(pet.array[box], corner)
    inside = np.zeros(pet.array.shape[:3], bool)
    inside[box] = carry_mask(mask.like(own.inside), grid, transform.inverse(grid))
    beyond = np.mean(((index < -0.5) | (index > size - 0.5)).any(axis=1))
    cut = f"Of the {what} mask {100 * beyond:.0f} % lies outside the PET; only the part inside it is measured."
    return Placed(inside, (*own.warnings, *([cut] if beyond > 0 else [])))
