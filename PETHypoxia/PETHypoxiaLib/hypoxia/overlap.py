"""How much of the hypoxic part of a tumour lies in other regions, such as a necrotic core or a boost volume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError


@dataclass(frozen=True)
class Overlap:
    """The hypoxic volume inside one region.

    Attributes
    ----------
    name : str
        Of the region.
    volume_cm3 : float
        Hypoxic volume in it.
    share_of_hypoxic, share_of_region : float or None
        `volume_cm3` over the whole hypoxic volume and over the region's; None where that is 0.
    """

    name: str
    volume_cm3: float
    share_of_hypoxic: float | None
    share_of_region: float | None


def overlaps(hypoxic: np.ndarray, regions: Mapping[str, np.ndarray], voxel_cm3: float) -> tuple[Overlap, ...]:
    """Overlap of the hypoxic voxels with each region.

    Parameters
    ----------
    hypoxic : ndarray of bool, shape (k, j, i)
    regions : mapping of str to ndarray of bool, same shape
        An empty one overlaps nothing.
    voxel_cm3 : float

    Raises
    ------
    InputError
        If a region is on another grid.
    """
    return tuple(_overlap(name, hypoxic, np.asarray(mask), voxel_cm3) for name, mask in regions.items())


def _overlap(name: str, hypoxic: np.ndarray, mask: np.ndarray, voxel_cm3: float) -> Overlap:
    if mask.shape != hypoxic.shape:
        raise InputError(f"The region {name} has shape {mask.shape}, the PET {hypoxic.shape}; put it on the PET grid.")
    common, n_hypoxic, n_region = (int(np.count_nonzero(part)) for part in (hypoxic & mask.astype(bool), hypoxic, mask))
    return Overlap(
        name,
        common * voxel_cm3,
        common / n_hypoxic if n_hypoxic else None,
        common / n_region if n_region else None,
    )
