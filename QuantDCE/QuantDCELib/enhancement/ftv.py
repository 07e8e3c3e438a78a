"""Functional tumour volume: the enhancing voxels of a breast, by the rule of the UCSF breast imaging group."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

SER_COLOURS = ("blue", "purple", "green", "red", "white")
"""Colour of each default SER bin in the maps of the group, from slow uptake to strong wash-out."""


@dataclass(frozen=True)
class FtvRule:
    """When a voxel counts.

    Attributes
    ----------
    pe_percent : float
        Smallest early enhancement.
    background_fraction, background_percentile : float
        A voxel needs this fraction of that percentile of the signal before contrast agent in the region.
    background_signal : float, optional
        The smallest signal as a number, instead.
    neighbours : int
        Enhancing voxels among the 26 around it.
    ser_minimum : float
    ser_bins : tuple of float
        Lower limits of the SER bins, increasing.
    """

    pe_percent: float = 70.0
    background_fraction: float = 0.6
    background_percentile: float = 95.0
    background_signal: float | None = None
    neighbours: int = 4
    ser_minimum: float = 0.0
    ser_bins: tuple[float, ...] = (0.0, 0.9, 1.0, 1.3, 1.75)


@dataclass(frozen=True, eq=False)
class Ftv:
    """A functional tumour volume.

    Attributes
    ----------
    bins : ndarray of uint8, shape (k, j, i)
        0 outside; else the number of the SER bin, from 1.
    volume_cm3 : float
    bin_volumes_cm3 : tuple of float
        One a bin; their sum is `volume_cm3`.
    background_signal : float
        The threshold used.
    """

    bins: np.ndarray
    volume_cm3: float
    bin_volumes_cm3: tuple[float, ...]
    background_signal: float


def functional_tumour_volume(
    before: np.ndarray,
    pe_percent: np.ndarray,
    ser: np.ndarray,
    region: np.ndarray,
    *,
    voxel_volume_cm3: float,
    rule: FtvRule | None = None,
) -> Ftv:
    """Voxels of a region that enhance early, are bright before contrast agent and have enhancing neighbours.

    Parameters
    ----------
    before, pe_percent, ser : ndarray, shape (k, j, i)
        Signal before contrast agent, early enhancement and signal enhancement ratio of the whole volume; NaN where
        there is none.
    region : ndarray of bool, shape (k, j, i)
        What is measured, and where the background threshold is taken. Neighbours count in the whole volume.
    voxel_volume_cm3 : float
    rule : FtvRule, optional

    Returns
    -------
    Ftv

    Raises
    ------
    InputError
        If the region has no signal before contrast agent.

    References
    ----------
    Hylton et al., Radiology 263:663 (2012); Newitt & Hylton, Breast-MRI-NACT-Pilot, The Cancer Imaging Archive (2016).
    """
    rule = rule or FtvRule()
    background = rule.background_signal
    if background is None:
        values = before[region & np.isfinite(before)]
        if not values.size:
            raise InputError("The region has no signal before contrast agent; choose another region for the FTV.")
        background = rule.background_fraction * float(np.percentile(values, rule.background_percentile))
    # A comparison with NaN is false, so voxels without a value never count.
    enhancing = (before >= background) & (pe_percent >= rule.pe_percent)
    from scipy.ndimage import convolve  # slow to load

    around = convolve(enhancing.astype(np.uint8), np.ones((3, 3, 3), np.uint8), mode="constant") - enhancing
    inside = enhancing & region & (around >= rule.neighbours) & (ser >= rule.ser_minimum)
    # A SER at a limit belongs to the bin below it, as in the maps of the group; the first bin has its lower limit too.
    number = np.digitize(ser, rule.ser_bins, right=True)
    number[ser == rule.ser_bins[0]] = 1
    bins = np.where(inside, number, 0).astype(np.uint8)
    counts = np.bincount(bins[inside], minlength=len(rule.ser_bins) + 1)[1:]
    # A SER between `ser_minimum` and the first bin counts in the total only.
    total = float(inside.sum()) * voxel_volume_cm3
    return Ftv(bins, total, tuple(float(n) * voxel_volume_cm3 for n in counts), background)


def bin_names(lower_limits: tuple[float, ...]) -> list[str]:
    """One name a bin, from the lower limits."""
    between = [f"SER {low:g} to {high:g}" for low, high in pairwise(lower_limits)]
    return [*between, f"SER above {lower_limits[-1]:g}"]
