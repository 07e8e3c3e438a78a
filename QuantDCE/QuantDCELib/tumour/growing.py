"""Grow the enhancing tumour around a click in a dynamic series."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.progress import Report, part, tell

from .likeness import like
from .region import Grower, Region
from .remarks import refuse_leak, remarks_on
from .seed import find_seed, seed_baseline, seed_level
from .shapes import body, box_of, island, smoothed, without_crumbs
from .size import longest_diameter, longest_in_plane
from .suggestion import Suggestion
from .uptake import find_uptake

FORMULAS = (
    "early enhancement (%), up to 150 s after the first enhanced frame (Hylton et al. 2012)",
    "outline where enhancement is half way between the region's median and that of its surroundings",
)


def grow_tumour(
    series: TimeSeries,
    seed_ras: np.ndarray,
    *,
    radius_mm: float | None = None,
    growth: float = 0.5,
    baseline: slice | Sequence[int] | None = None,
    report: Report | None = None,
) -> Suggestion:
    """The enhancing tumour around a click.

    A voxel belongs to it if it enhances early by more than a threshold half way (see `growth`) between the region and
    the tissue around it, has a curve like that of the region or of the click, and is joined to the click. Threshold and
    region follow from each other and are found together from several starts; of several regions that hold by
    themselves the most compact is taken. Holes, such as necrosis, are closed, strands are cut off.

    Parameters
    ----------
    series : TimeSeries
        Signal, integer or float, of two frames or more.
    seed_ras : sequence of 3 float
        The click, or the centre of the sphere, in mm.
    radius_mm : float, optional
        Of a rough sphere that the tumour lies in; its largest island is taken.
    growth : float
        From 0, tight, to 1, generous: the threshold lies three quarters to one quarter of the way up.
    baseline : slice or sequence of int, optional
        Frames before the contrast agent; detected from the click's curve by default.
    report : Report, optional

    Returns
    -------
    Suggestion

    Raises
    ------
    InputError
        For a click outside the images, in air or in tissue that does not enhance, or a region without bounds.
    """
    if not (math.isfinite(growth) and 0.0 <= growth <= 1.0):
        raise InputError(f"The growth is {growth:g}; give a number from 0 (tight) to 1 (generous).")
    seed = find_seed(series, seed_ras, radius_mm)
    frames = seed_baseline(series, seed, baseline)
    uptake = find_uptake(series, frames, part(report, 0.0, 0.4))
    level, bright = seed_level(uptake, seed)
    tell(report, 0.4, "Growing the region")
    spacing = np.linalg.norm(series.ijk_to_ras[:3, :3], axis=0)[::-1]
    grower = Grower(uptake, seed, spacing, 0.75 - 0.5 * growth)
    region = grower.grow(level, bright)
    tell(report, 0.7, "Checking the region")
    stability = grower.stability(region)
    tell(report, 0.9, "Comparing curves")
    mask = _finished(series, region, grower, frames, growth)
    refuse_leak(mask, uptake)
    voxel_cm3 = series.frame(0).voxel_volume_cm3
    settings = {
        "seed_ras_mm": [float(x) for x in np.ravel(seed_ras)],
        "radius_mm": radius_mm,
        "growth": float(growth),
        "baseline_frames": (frames + 1).tolist(),
        "early_frames": (uptake.frames + 1).tolist(),
        "threshold_percent": region.threshold,
        "region_percent": region.levels.region,
        "surroundings_percent": region.levels.around,
        "darkest_signal": region.levels.floor,
        "dice_tighter": stability[0],
        "dice_wider": stability[1],
    }
    return Suggestion(
        mask,
        float(np.count_nonzero(mask)) * voxel_cm3,
        longest_diameter(mask, series.ijk_to_ras),
        longest_in_plane(mask, series.ijk_to_ras),
        remarks_on(mask, region, uptake, seed, stability),
        settings,
    )


def _finished(series: TimeSeries, region: Region, grower: Grower, baseline: np.ndarray, growth: float) -> np.ndarray:
    """The region without what enhances unlike it, such as a vessel beside it, and with a smoothed outline."""
    box = box_of(region.mask, 2)
    inside, near = region.mask[box], grower.near[box]
    # What does not enhance, such as necrosis, is in it because it is enclosed, and has no curve to compare.
    enhancing = inside & (grower.uptake.percent(box, region.levels.floor) >= region.threshold)
    signal = series.array[box]
    curves, clicked = (signal[where].astype(np.float32) for where in (enhancing, near & enhancing))
    references = [each.mean(axis=0) for each in (_finite(curves), _finite(clicked)) if len(each)]
    kept = inside.copy()
    kept[enhancing] = like(curves, references, series.time_s, baseline, 0.9 - 0.4 * growth)
    mask = np.zeros(region.mask.shape, bool)
    whole = body(island(kept, near & kept), near, grower.spacing, region.has_gaps) if (inside & ~kept).any() else inside
    whole = without_crumbs(smoothed(whole), grower.spacing)
    mask[box] = island(whole, whole)
    return mask if mask.any() else region.mask


def _finite(curves: np.ndarray) -> np.ndarray:
    return curves[np.isfinite(curves).all(axis=1)]
