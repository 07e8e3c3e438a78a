"""The reference region (muscle or blood) that uptake is divided by."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.roi import roi_statistics

MINIMUM_CM3 = 1.0
MAXIMUM_COV = 0.25


@dataclass(frozen=True)
class Reference:
    """Mean SUV of the reference region and how good it is.

    Attributes
    ----------
    mean : float
    volume_cm3, cov : float or None
        Size and coefficient of variation; None where only a mean was given.
    warnings : tuple of str
    """

    mean: float
    volume_cm3: float | None = None
    cov: float | None = None
    warnings: tuple[str, ...] = ()


def reference_of_mean(mean: float) -> Reference:
    """A reference known as a number only.

    Raises
    ------
    InputError
        If it is not above 0.
    """
    if not (math.isfinite(mean) and mean > 0):
        raise InputError(f"The reference uptake is {mean:g}; it must be above 0 to divide by.")
    return Reference(float(mean))


def reference_region(
    suv: Volume,
    mask: np.ndarray,
    *,
    name: str = "reference",
    minimum_cm3: float = MINIMUM_CM3,
    maximum_cov: float = MAXIMUM_COV,
) -> Reference:
    """Mean uptake of a reference region, with warnings where it is small or uneven.

    Parameters
    ----------
    suv : Volume
    mask : ndarray of bool, shape (k, j, i)
    name : str
        What messages call the region.
    minimum_cm3, maximum_cov : float
        Quality below or above which a warning is given; 1 cm3 does not fit a mouse.

    Raises
    ------
    InputError
        If the region is empty, has no valid voxel, or its mean is not above 0.
    """
    statistics = roi_statistics(suv.array, mask)
    if not statistics.n_valid or statistics.mean <= 0:
        raise InputError(f"The {name} region has a mean uptake of {statistics.mean:g}; draw it where there is tracer.")
    volume_cm3, cov = statistics.n * suv.voxel_volume_cm3, statistics.sd / statistics.mean
    warnings = []
    if volume_cm3 < minimum_cm3 * (1 - 1e-6):
        warnings.append(f"The {name} region is {volume_cm3:.2g} cm³; at least {minimum_cm3:g} cm³ make a steady mean.")
    if cov >= maximum_cov:
        warnings.append(
            f"The uptake in the {name} region varies by {100 * cov:.0f} % (coefficient of variation); keep it below "
            f"{100 * maximum_cov:.0f} %, away from vessels and edges."
        )
    return Reference(statistics.mean, volume_cm3, cov, tuple(warnings))


def ratio_map(suv: Volume, reference_mean: float) -> Volume:
    """Uptake over that of the reference region (TMR by muscle, TBR by blood), float32, on the PET grid.

    Raises
    ------
    InputError
        If `reference_mean` is not above 0.
    """
    mean = reference_of_mean(reference_mean).mean
    return suv.like((np.asarray(suv.array, np.float64) / mean).astype(np.float32))
