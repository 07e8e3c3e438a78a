"""Masks of an analysis on the grid of the series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume, resample_mask

Mask = Volume | np.ndarray
"""A mask on any grid, or an array (k, j, i) on the series' grid; nonzero inside."""


@dataclass(frozen=True, eq=False)
class Regions:
    """Masks (k, j, i) on the series' grid.

    Attributes
    ----------
    given : ndarray of bool or None
        The region, if one is given.
    computed, measured : ndarray of bool
        Voxels of the maps, and of the measurements.
    artery, reference : ndarray of bool or None
    """

    given: np.ndarray | None
    computed: np.ndarray
    measured: np.ndarray
    artery: np.ndarray | None
    reference: np.ndarray | None


def find_regions(
    series: TimeSeries, *, tumour: Mask | None, artery: Mask | None, reference: Mask | None, whole_volume: bool
) -> Regions:
    """The masks on the series' grid.

    Raises
    ------
    InputError
        For a mask that is empty, of another shape, or outside the images.
    """
    given = None if tumour is None else mask_on(tumour, series, "tumour")
    everything = np.ones(series.array.shape[:3], bool)
    return Regions(
        given=given,
        computed=everything if given is None or whole_volume else given,
        measured=everything if given is None else given,
        artery=None if artery is None else mask_on(artery, series, "artery"),
        reference=None if reference is None else mask_on(reference, series, "reference tissue"),
    )


def mask_on(mask: Mask, series: TimeSeries, what: str) -> np.ndarray:
    """A mask on the series' grid; `what` names it in messages."""
    if isinstance(mask, Volume):
        return resample_mask(mask, series)
    mask = np.asarray(mask) != 0
    if mask.shape != series.array.shape[:3]:
        raise InputError(
            f"The {what} mask has shape {mask.shape} but the images {series.array.shape[:3]}; use one grid."
        )
    if not mask.any():
        raise InputError(f"The {what} mask is empty; draw the region first.")
    return mask


def mean_curve(signal: np.ndarray, mask: np.ndarray, what: str) -> np.ndarray:
    """Mean curve (t,) of the voxels of a mask that are finite in every frame.

    Raises
    ------
    InputError
        If there is none.
    """
    curves = signal[mask]
    curves = curves[np.isfinite(curves).all(axis=1)]
    if not len(curves):
        raise InputError(f"The {what} region has no voxel with data; draw it again.")
    return curves.mean(axis=0, dtype=np.float64)
