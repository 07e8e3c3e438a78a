"""Activity concentration that a PET scanner would report for a true uptake."""

from __future__ import annotations

import numpy as np

from .presets import Preset
from .true_maps import PETMaps

HALF_LIFE_S = 6586.2
"""Fluorine-18, as DICOM scanners state it."""
FWHM_PER_SD = 2.0 * np.sqrt(2.0 * np.log(2.0))


def activity_Bq_per_mL(preset: Preset, maps: PETMaps, noise: float, random: np.random.Generator) -> np.ndarray:
    """Activity (k, j, i) decay-corrected to the start of the series.

    `noise` is the standard deviation in muscle over its mean; elsewhere the variance follows the activity.
    """
    left = preset.pet.dose_Bq * 2.0 ** (-preset.pet.uptake_s / HALF_LIFE_S)
    suv = maps.suv
    if preset.pet.psf_mm > 0:
        from scipy.ndimage import gaussian_filter  # slow to load

        # Array axes are k, j, i, spacings i, j, k.
        sd = [preset.pet.psf_mm / FWHM_PER_SD / spacing for spacing in reversed(preset.pet_grid.spacing_mm)]
        suv = gaussian_filter(suv, sd, mode="nearest")
    if noise > 0:
        muscle = float(maps.suv[maps.muscle].mean())
        suv = suv + noise * np.sqrt(suv * muscle) * random.standard_normal(suv.shape)
    return suv * left / (1000.0 * preset.weight_kg)
