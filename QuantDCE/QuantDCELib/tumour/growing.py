"""Grow the enhancing tumour around a click in a dynamic series."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.progress import Report, part, tell

from .likeness import like
from .remarks import refuse_leak, remarks_on
from .seed import Seed, find_seed, seed_baseline, seed_level
from .shapes import AS_COMPACT, Box, body, box_of, grown, island, smoothed, sphericity
from .size import longest_diameter, longest_in_plane
from .suggestion import Suggestion
from .uptake import DARK, Uptake, find_uptake

STARTS = (1.0, 0.5, 0.25)
"""Fractions of the seed's enhancement from which a region that holds by itself is looked for: a click in a rim of good
perfusion must find the pale rest of the tumour too."""
ROUNDS = 8
SAME = 0.01
"""Relative difference below which a threshold has settled."""
LEAST_MARGIN = 4
"""Voxels around a region in which its surroundings are looked at, at least."""
MANY = 50000
"""Values enough for a median."""
FORMULAS = (
    "early enhancement (%), up to 150 s after the first enhanced frame (Hylton et al. 2012)",
    "outline where enhancement is half way between the region's median and that of its surroundings",
)


@dataclass(frozen=True, eq=False)
class _Region:
    """A region that holds by itself: its own outline follows from its enhancement and that of what is around it."""

    mask: np.ndarray
    threshold: float
    level: float
    around: float
    floor: float


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
    region = _Grower(uptake, seed, spacing, 0.75 - 0.5 * growth).grow(level, bright)
    tell(report, 0.8, "Comparing curves")
    mask = _finished(series, region, seed, uptake, frames, growth)
    refuse_leak(mask, uptake)
    voxel_cm3 = series.frame(0).voxel_volume_cm3
    settings = {
        "seed_ras_mm": [float(x) for x in np.ravel(seed_ras)],
        "radius_mm": radius_mm,
        "growth": float(growth),
        "baseline_frames": (frames + 1).tolist(),
        "early_frames": (uptake.frames + 1).tolist(),
        "threshold_percent": region.threshold,
        "region_percent": region.level,
        "surroundings_percent": region.around,
        "darkest_signal": region.floor,
    }
    return Suggestion(
        mask,
        float(np.count_nonzero(mask)) * voxel_cm3,
        longest_diameter(mask, series.ijk_to_ras),
        longest_in_plane(mask, series.ijk_to_ras),
        remarks_on(mask, region.level, region.around, uptake, seed),
        settings,
    )


@dataclass(frozen=True, eq=False)
class _Grower:
    """Looks for the region at a seed.

    Attributes
    ----------
    uptake : Uptake
    seed : Seed
    spacing : ndarray
        Voxel size along k, j, i in mm.
    way_up : float
        Where the threshold lies between the surroundings (0) and the region (1).
    """

    uptake: Uptake
    seed: Seed
    spacing: np.ndarray
    way_up: float

    def grow(self, level: float, bright: float) -> _Region:
        """The most compact of the regions that hold by themselves."""
        around = min(self._usual(DARK * bright), 0.5 * level)
        regions: list[_Region] = []
        for start in STARTS:
            threshold = around + self.way_up * start * (level - around)
            region = self._settled(threshold, DARK * bright, regions)
            if region is not None:
                regions.append(region)
        if not regions:
            raise InputError(
                "Nothing at the click holds together as an enhancing region; click inside the bright part of the "
                "tumour, or draw it."
            )
        if self.seed.is_sphere:
            # What fills the sphere has its shape, not that of a tumour.
            regions = [each for each in regions if not self.seed.is_reached(each.mask)] or regions[:1]
        compact = [sphericity(smoothed(each.mask[box_of(each.mask)]), self.spacing) for each in regions]
        best = max(compact)
        kept = [each for each, one in zip(regions, compact, strict=True) if one >= AS_COMPACT * best]
        return max(kept, key=lambda each: np.count_nonzero(each.mask))

    def _usual(self, floor: float) -> float:
        """The usual enhancement of tissue in the images, by every second voxel of each direction."""
        sparse = (slice(None, None, 2),) * 3
        tissue = self.uptake.before[sparse] >= floor
        return max(0.0, _median(self.uptake.percent(sparse, floor)[tissue]))

    def _settled(self, threshold: float, floor: float, known: list[_Region]) -> _Region | None:
        """The region that a start leads to; None where it vanishes or is known already."""
        mask = self._joined(threshold, floor)
        for _ in range(ROUNDS):
            if not mask.any():
                return None
            last, (threshold, level, around, floor) = threshold, self._levels(mask)
            if any(_same(threshold, each.threshold) and _same(floor, each.floor) for each in known):
                return None
            mask = self._joined(threshold, floor, box_of(mask, LEAST_MARGIN))
            if _same(threshold, last):
                break
        return _Region(mask, threshold, level, around, floor) if mask.any() else None

    def _levels(self, mask: np.ndarray) -> tuple[float, float, float, float]:
        """Threshold, enhancement of a region and of the tissue around it, and the floor of the signal."""
        voxels = np.count_nonzero(mask)
        radius_mm = (3.0 * voxels * float(np.prod(self.spacing)) / (4.0 * math.pi)) ** (1.0 / 3.0)
        box = box_of(mask, np.maximum(LEAST_MARGIN, np.ceil(radius_mm / self.spacing)).astype(int))
        inside = mask[box]
        floor = DARK * _median(self.uptake.before[box][inside])
        enhancement = self.uptake.percent(box, floor)
        level = _median(enhancement[inside])
        # The voxels next to it are partly in it.
        outside = enhancement[(self.uptake.before[box] >= floor) & ~grown(inside)]
        around = min(_median(outside), 0.5 * level)
        return around + self.way_up * (level - around), level, around, floor

    def _joined(self, threshold: float, floor: float, box: Box | None = None) -> np.ndarray:
        """What enhances above a threshold and is joined to the seed, looked for in a box that grows with it."""
        shape = self.uptake.before.shape
        if self.seed.is_sphere:
            box = self.seed.box
        elif box is None:
            box = tuple(
                slice(max(0, axis.start - 8), min(size, axis.stop + 8))
                for axis, size in zip(self.seed.box, shape, strict=True)
            )
        near = self.seed.on(shape)
        while True:
            enhancing = self.uptake.percent(box, floor) >= threshold
            if self.seed.is_sphere:
                enhancing &= near[box]
            found = island(enhancing, near[box] & enhancing)
            larger = box if self.seed.is_sphere else _enlarged(found, box, shape)
            if larger == box:
                break
            box = larger
        mask = np.zeros(shape, bool)
        mask[box] = body(found, near[box])
        return mask


def _median(values: np.ndarray) -> float:
    """Median of many values by an even choice of them, without NaN; 0 of none."""
    values = values[:: max(1, values.size // MANY)]
    values = values[np.isfinite(values)]
    return float(np.median(values)) if values.size else 0.0


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= SAME * max(abs(a), abs(b))


def _enlarged(found: np.ndarray, box: Box, shape: tuple[int, ...]) -> Box:
    """The box, twice as large to each side where what was found touches it."""
    axes = []
    for axis, (side, size) in enumerate(zip(box, shape, strict=True)):
        touched = np.moveaxis(found, axis, 0)
        length = side.stop - side.start
        low = max(0, side.start - length) if touched[0].any() else side.start
        high = min(size, side.stop + length) if touched[-1].any() else side.stop
        axes.append(slice(low, high))
    return tuple(axes)


def _finished(
    series: TimeSeries, region: _Region, seed: Seed, uptake: Uptake, baseline: np.ndarray, growth: float
) -> np.ndarray:
    """The region without what enhances unlike it, such as a vessel beside it, and with a smoothed outline."""
    box = box_of(region.mask, 2)
    inside, near = region.mask[box], seed.on(region.mask.shape)[box]
    # What does not enhance, such as necrosis, is in it because it is enclosed, and has no curve to compare.
    enhancing = inside & (uptake.percent(box, region.floor) >= region.threshold)
    signal = series.array[box]
    curves, clicked = (signal[where].astype(np.float32) for where in (enhancing, near & enhancing))
    references = [each.mean(axis=0) for each in (_finite(curves), _finite(clicked)) if len(each)]
    kept = inside.copy()
    kept[enhancing] = like(curves, references, series.time_s, baseline, 0.9 - 0.4 * growth)
    mask = np.zeros(region.mask.shape, bool)
    mask[box] = smoothed(body(island(kept, near & kept), near) if (inside & ~kept).any() else inside)
    return mask if mask.any() else region.mask


def _finite(curves: np.ndarray) -> np.ndarray:
    return curves[np.isfinite(curves).all(axis=1)]
