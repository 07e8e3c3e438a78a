"""Masks of an analysis on the grid of the series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.masks import Given, Placed, place

WHOLE_FIELD = "whole field of view"
"""Where measurements are of without a region."""


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
    warnings : tuple of str
        What a person must be told of the masks.
    """

    given: np.ndarray | None
    computed: np.ndarray
    measured: np.ndarray
    artery: np.ndarray | None
    reference: np.ndarray | None
    warnings: tuple[str, ...] = ()

    @property
    def measured_in(self) -> str:
        """What the measurements are of, in words."""
        return WHOLE_FIELD if self.given is None else "tumour"


def find_regions(
    series: TimeSeries, *, tumour: Given | None, artery: Given | None, reference: Given | None, whole_volume: bool
) -> Regions:
    """The masks on the series' grid.

    Raises
    ------
    InputError
        For a mask that is empty, of another shape, or outside the images.
    """
    masks = {"tumour": tumour, "artery": artery, "reference tissue": reference}
    placed = {name: _placed(mask, series, name) for name, mask in masks.items()}
    warnings = [text for one in placed.values() if one is not None for text in one.warnings]
    inside = {name: None if one is None else one.inside for name, one in placed.items()}
    given = inside["tumour"]
    everything = np.ones(series.array.shape[:3], bool)
    return Regions(
        given=given,
        computed=everything if given is None or whole_volume else given,
        measured=everything if given is None else given,
        artery=inside["artery"],
        reference=inside["reference tissue"],
        warnings=(*warnings, *shared_voxels(given, inside["reference tissue"], "reference tissue")),
    )


def shared_voxels(tumour: np.ndarray | None, other: np.ndarray | None, what: str) -> tuple[str, ...]:
    """A word where the tumour and another region share voxels."""
    if tumour is None or other is None or not (shared := int(np.count_nonzero(tumour & other))):
        return ()
    share = 100.0 * shared / np.count_nonzero(other)
    return (
        f"The tumour and the {what} overlap: {shared} voxels, {share:.0f} % of the {what}, are in both; draw "
        "them apart.",
    )


def _placed(given: Given | None, series: TimeSeries, what: str) -> Placed | None:
    return None if given is None else place(given, series, what)


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
