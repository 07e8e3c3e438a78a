"""Hypoxic voxels while the threshold is still being chosen: fast, from the voxels of the volume on screen.

A ratio of uptake does not depend on the SUV factor where that is the same in all slices, so the preview needs neither
the DICOM files nor the factor; the measurement is always made from the files.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import Volume

from .metrics import HypoxicVolume
from .reference_region import Reference, reference_region


@dataclass(frozen=True, eq=False)
class Preview:
    """The tumour's voxels as ratios to the reference.

    Attributes
    ----------
    box : tuple of slice
        The part (k, j, i) of the grid that holds the tumour.
    ratio : ndarray of float32
        Ratio in the box; -inf outside the tumour and where it is not valid.
    n_tumour : int
        Voxels of the tumour.
    voxel_cm3 : float
    """

    box: tuple[slice, slice, slice]
    ratio: np.ndarray
    n_tumour: int
    voxel_cm3: float

    @cached_property
    def _rising(self) -> np.ndarray:
        """The ratios from the lowest to the highest."""
        return np.sort(self.ratio, axis=None)

    @property
    def highest(self) -> float:
        """The highest ratio of the tumour; -inf where none is valid."""
        return float(self._rising[-1])

    def fractions(self, thresholds: np.ndarray) -> np.ndarray:
        """Share of the tumour at or above each threshold, as `hypoxic` finds it.

        Parameters
        ----------
        thresholds : ndarray, shape (n,)

        Returns
        -------
        ndarray, shape (n,)
        """
        below = np.searchsorted(self._rising, np.asarray(thresholds, np.float32), side="left")
        return (self._rising.size - below) / self.n_tumour

    def hypoxic(self, threshold: float) -> tuple[np.ndarray, HypoxicVolume]:
        """Hypoxic voxels of the box, as bool, and their volume at a threshold."""
        mask = self.ratio >= np.float32(threshold)
        n = int(np.count_nonzero(mask))
        volume_cm3 = n * self.voxel_cm3
        burden_cm3 = volume_cm3 * float(self.ratio[mask].mean(dtype=np.float64)) if n else 0.0
        return mask, HypoxicVolume(float(threshold), volume_cm3, n / self.n_tumour, burden_cm3)


def preview(uptake: Volume, tumour: np.ndarray, reference_mean: float) -> Preview:
    """Ratios of the tumour's voxels to the mean of the reference.

    Parameters
    ----------
    uptake : Volume
        Activity or SUV.
    tumour : ndarray of bool, shape (k, j, i)
    reference_mean : float
        In the unit of `uptake`.

    Raises
    ------
    InputError
        If the tumour is empty.
    """
    found = np.nonzero(tumour)
    if not found[0].size:
        raise InputError("The tumour region is empty; draw it on the PET.")
    box = tuple(slice(int(index.min()), int(index.max()) + 1) for index in found)
    inside = tumour[box].astype(bool)
    ratio = (np.asarray(uptake.array[box], np.float64) / reference_mean).astype(np.float32)
    ratio[~inside | ~np.isfinite(ratio)] = -np.inf
    return Preview(box, ratio, int(np.count_nonzero(inside)), uptake.voxel_volume_cm3)


def reference_quality(uptake: Volume, mask: np.ndarray, name: str, minimum_cm3: float, maximum_cov: float) -> Reference:
    """Size and variation of a reference region before anything is computed; see `reference_region`."""
    return reference_region(uptake, mask, name=name, minimum_cm3=minimum_cm3, maximum_cov=maximum_cov)
