"""How much each voxel of a series takes up early, and how noisy that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.progress import Report

from ..voxels.chunks import in_chunks

EARLY_S = 150.0
"""Early enhancement is up to this time after the first enhanced frame, as in the functional tumour volume."""
DARK = 0.6
"""Tissue is at least this fraction as bright before the agent as what is looked at, as in the functional tumour volume;
what is darker (fat, air, lung) enhances in proportion to that brightness, or noise would look like uptake."""
PIECE = 65536
"""Voxels worked on at a time: the sums are short, so pieces may be large."""
SLAB = 8
"""Slices smoothed at a time."""
MAD_TO_SD = 1.4826


@dataclass(frozen=True, eq=False)
class Uptake:
    """Signal before the agent and its rise early after it.

    Attributes
    ----------
    before, rise, measured : ndarray of float32, shape (k, j, i)
        NaN where a frame used is not finite; the rise without the noise that its surroundings show, and as measured.
    frames : ndarray of int
        The frames of the rise.
    noise : float
        Standard deviation of the noise of the rise as measured.
    """

    before: np.ndarray
    rise: np.ndarray
    measured: np.ndarray
    frames: np.ndarray
    noise: float

    def percent(self, box: tuple[slice, ...], floor: float) -> np.ndarray:
        """Early enhancement (%) of a box; NaN stays NaN."""
        return 100.0 * self.rise[box] / np.maximum(self.before[box], floor)


def find_uptake(series: TimeSeries, baseline: np.ndarray, report: Report | None) -> Uptake:
    """Signal before the agent and early rise of every voxel.

    Raises
    ------
    InputError
        If no frame follows the baseline.
    """
    frames = early_frames(series.time_s, baseline)
    flat = series.array.reshape(-1, series.time_s.size)
    before, rise = (np.empty(len(flat), np.float32) for _ in range(2))

    def mean_of(piece: slice, wanted: np.ndarray) -> np.ndarray:
        # Frame by frame: no copy of all frames of the piece.
        total = flat[piece, wanted[0]].astype(np.float32)
        for frame in wanted[1:]:
            total += flat[piece, frame]
        return total / np.float32(wanted.size)

    def work(piece: slice) -> None:
        before[piece] = mean_of(piece, baseline)
        rise[piece] = mean_of(piece, frames) - before[piece]

    in_chunks(work, len(flat), report, "Early enhancement", size=PIECE)
    shape = series.array.shape[:3]
    with np.errstate(invalid="ignore"):
        known = np.isfinite(rise)
    before[~known] = rise[~known] = np.nan
    before, rise = before.reshape(shape), rise.reshape(shape)
    noise = noise_of(rise, before)
    return Uptake(before, quieted(rise, noise), rise, frames, noise)


def early_frames(time_s: np.ndarray, baseline: np.ndarray) -> np.ndarray:
    """The first frame after the baseline and those up to 150 s after it."""
    last = int(baseline.max())
    if last + 1 >= time_s.size:
        raise InputError("No frame follows the baseline; choose fewer baseline frames.")
    after = np.arange(last + 1, time_s.size)
    return after[time_s[after] - time_s[last + 1] <= EARLY_S]


def noise_of(rise: np.ndarray, before: np.ndarray) -> float:
    """Standard deviation of the noise of a map: half the differences of neighbours in some of its rows are below it.

    Edges are few, so they do not move the median. Only what is brighter than the mean of the images counts: noise is
    less in air, and none where air was set to zero.
    """
    some = (slice(None, None, 2),) * 2
    bright = np.isfinite(before[some])
    bright &= before[some] > np.mean(before[some], where=bright) if bright.any() else False
    steps = np.diff(rise[some], axis=2)[bright[:, :, 1:] & bright[:, :, :-1]]
    steps = steps[np.isfinite(steps)]
    return float(MAD_TO_SD * np.median(np.abs(steps)) / np.sqrt(2.0)) if steps.size else 0.0


def quieted(rise: np.ndarray, noise: float) -> np.ndarray:
    """A map with less noise.

    Each voxel is drawn to the mean of its 27 neighbours by as much of their variance as noise explains: flat tissue
    gets smooth, edges stay as they are.

    References
    ----------
    Lee, IEEE Trans Pattern Anal Mach Intell 2:165 (1980).
    """
    if not noise > 0:
        return rise
    from scipy.ndimage import uniform_filter  # slow to load

    filled = np.nan_to_num(rise, copy=True, nan=0.0, posinf=0.0, neginf=0.0)
    quiet = np.empty_like(filled)

    def work(slab: slice) -> None:
        # One slice more on each side, where there is one.
        start = max(0, slab.start - 1)
        part = filled[start : slab.stop + 1]
        mean = uniform_filter(part, 3, mode="nearest")
        variance = uniform_filter(part * part, 3, mode="nearest")
        variance -= mean * mean
        own = slice(slab.start - start, slab.start - start + (slab.stop - slab.start))
        share = 1.0 - np.minimum(1.0, noise**2 / np.maximum(variance[own], noise**2))
        quiet[slab] = mean[own] + share * (part[own] - mean[own])

    in_chunks(work, len(filled), None, "Early enhancement", size=SLAB)
    quiet[~np.isfinite(rise)] = np.nan
    return quiet
