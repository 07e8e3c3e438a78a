"""Regions that hold by themselves around a click: threshold and region follow from each other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from .neighbours import enhancing_with_neighbours
from .seed import Seed, tissue_voxels
from .shapes import AS_COMPACT, Box, body, box_of, grown, island, radius_mm, smoothed, sphericity
from .uptake import DARK, Uptake

STARTS = (1.0, 0.5, 0.25)
"""Fractions of the seed's enhancement from which a region that holds by itself is looked for: a click in a rim of good
perfusion must find the pale rest of the tumour too."""
LAST_START = 1.4
"""Tried where no other start leads to what enhances as a tumour: the click was on its pale part, and all leaked."""
ROUNDS = 8
SAME, NEAR = 0.01, 0.2
"""Relative difference below which a threshold has settled, and up to which those on the way to a region lead to it
again."""
LEAST_MARGIN = 4
"""Voxels around a region in which its surroundings are looked at, at least."""
FIRST_MARGIN = 8
"""Voxels around the click that are looked at first."""
EDGE = 3
"""Voxels from the edge of a box in which what is found may be cut off by it."""
SURROUNDINGS = 0.75
"""Quantile of the enhancement around a region that stands for its surroundings: where gland and fat are around it, the
outline is that to the gland."""
LEAK = 1.0 / 3.0
"""Share of the images' tissue that no tumour takes up."""
FAINT = 2.0
"""A region enhances at least this many times what is around it, or its outline is doubtful."""
CLEAR = 2.15
"""A region enhances more than this many times what is around it where its outline is plain."""
PALE_PERCENT = 50.0
"""Most tumours enhance by more than this."""
NOISY = 7.5
"""Standard deviations of the noise between a region and its surroundings below which neighbours are asked."""
TIGHTER, WIDER = 0.1, -0.15
"""Parts of the way from surroundings to region by which the threshold is changed to see whether a region is stable."""
LARGER = 1.5
"""Times the voxels from which a region is another one than that within it."""
STABLE = (0.75, 0.88)
"""Dice coefficients with the tighter and the wider one below which it is another region: of regions of the virtual
patient that missed the truth (Dice below 0.8) nearly all are below, of good ones few."""
MANY = 50000
"""Values enough for a quantile."""


@dataclass(frozen=True)
class Levels:
    """Early enhancement (%) of a region and of what is around it, and the least signal that it is a percentage of."""

    region: float
    around: float
    floor: float

    def threshold(self, way_up: float) -> float:
        """Between the surroundings (0) and the region (1)."""
        return self.around + way_up * (self.region - self.around)


@dataclass(frozen=True, eq=False)
class Region:
    """A region that holds by itself: its own outline follows from its enhancement and that of what is around it.

    Attributes
    ----------
    mask : ndarray of bool, shape (k, j, i)
    levels : Levels
        By which it was outlined.
    threshold : float
    has_gaps : bool
        Whether noise leaves gaps in what encloses a hole.
    way : tuple of float
        The range of thresholds that led to it.
    has_rival : bool
        Whether a larger region that is not stable could be the tumour too.
    """

    mask: np.ndarray
    levels: Levels
    threshold: float
    has_gaps: bool
    way: tuple[float, float]
    has_rival: bool = False

    @property
    def is_like_tumour(self) -> bool:
        """Whether it enhances as most tumours do and clearly more than what is around it."""
        return self.levels.region >= max(PALE_PERCENT, CLEAR * self.levels.around)

    def is_led_to(self, threshold: float, floor: float) -> bool:
        """Whether a threshold is that of the region, or near it on the way that led there."""
        off = abs(threshold / self.threshold - 1.0)
        is_on_way = self.way[0] <= threshold <= self.way[1] and off <= NEAR
        return (is_on_way or off <= SAME) and abs(floor / self.levels.floor - 1.0) <= NEAR


@dataclass(frozen=True, eq=False)
class Grower:
    """Looks for the region at a seed.

    Attributes
    ----------
    uptake : Uptake
    seed : Seed
    spacing : ndarray
        Voxel size along k, j, i in mm.
    way_up : float
        Where the threshold lies between the surroundings (0) and the region (1).
    near : ndarray of bool
        The seed on the grid.
    tissue : int
        Voxels brighter than air.
    """

    uptake: Uptake
    seed: Seed
    spacing: np.ndarray
    way_up: float
    near: np.ndarray = field(init=False)
    tissue: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "near", self.seed.on(self.uptake.before.shape))
        object.__setattr__(self, "tissue", tissue_voxels(self.uptake))

    def grow(self, level: float, bright: float) -> Region:
        """The largest of the regions that hold by themselves and are compact."""
        around = min(self._usual(DARK * bright), level / FAINT)
        regions: list[Region] = []
        for start in (*STARTS, LAST_START):
            if start == LAST_START and any(each.is_like_tumour for each in regions):
                break
            region = self._settled(Levels(around + start * (level - around), around, DARK * bright), regions)
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
        return self._chosen(regions)

    def stability(self, region: Region) -> tuple[float, float]:
        """Dice coefficients of a region with what a tighter and a wider threshold between the same levels give."""
        return self._agreement(region, TIGHTER), self._agreement(region, WIDER)

    def _agreement(self, region: Region, step: float) -> float:
        other = replace(self, way_up=self.way_up + step).joined(region.levels, box_of(region.mask, LEAST_MARGIN))
        return _dice(region.mask, other)

    def _chosen(self, regions: list[Region]) -> Region:
        """The largest region that no leak explains.

        From small to large, as islands of good perfusion lie within tumours: a much larger region is taken if it is
        about as compact as those within it, or enhances as tumours do, clearly more than what is around it, and is
        stable. One that is little larger is the same tumour by a threshold further from it.
        """
        regions = sorted(regions, key=lambda each: np.count_nonzero(each.mask))
        compact = [sphericity(smoothed(each.mask[box_of(each.mask)]), self.spacing) for each in regions]
        chosen, best, has_rival = regions[0], compact[0], False
        for region, one in zip(regions[1:], compact[1:], strict=True):
            if np.count_nonzero(region.mask) < LARGER * np.count_nonzero(chosen.mask):
                continue
            is_compact = one >= AS_COMPACT * best
            if is_compact or (region.is_like_tumour and self._agreement(region, WIDER) >= STABLE[1]):
                chosen, best, has_rival = region, max(best, one), False
            else:
                has_rival |= region.is_like_tumour
        return replace(chosen, has_rival=has_rival)

    def joined(self, levels: Levels, box: Box | None = None) -> np.ndarray:
        """The body of what enhances above a threshold and is joined to the seed.

        Looked for in a box that grows with the body, not with the vessels that lead from it through the whole breast.
        """
        shape, contrast = self.near.shape, self._contrast(levels)
        enhancing_in = self._by_neighbours if contrast < NOISY else self._above
        box = self.seed.box if self.seed.is_sphere else box or _with_margin(self.seed.box, FIRST_MARGIN, shape)
        while True:
            near = self.near[box]
            enhancing = enhancing_in(box, levels)
            if self.seed.is_sphere:
                enhancing &= near
            whole = island(enhancing, near & enhancing)
            found = body(whole, near, self.spacing, contrast < NOISY)
            larger = box if self.seed.is_sphere else _enlarged(found if found.any() else whole, box, shape)
            if larger == box:
                break
            box = larger
        mask = np.zeros(shape, bool)
        mask[box] = found
        return mask

    def _settled(self, levels: Levels, known: list[Region]) -> Region | None:
        """The region that a start leads to; None where it vanishes or is known already."""
        threshold = levels.threshold(self.way_up)
        mask, way = self.joined(levels), [threshold]
        for _ in range(ROUNDS):
            if not mask.any():
                return None
            levels = self._levels(mask)
            last, threshold = threshold, levels.threshold(self.way_up)
            if any(each.is_led_to(threshold, levels.floor) for each in known):
                return None
            # A leak; only where nothing else holds is it said.
            if known and np.count_nonzero(mask) > LEAK * self.tissue:
                return None
            way.append(threshold)
            mask = self.joined(levels, box_of(mask, LEAST_MARGIN))
            if abs(threshold - last) <= SAME * max(abs(threshold), abs(last)):
                break
        if not mask.any():
            return None
        return Region(mask, levels, threshold, self._contrast(levels) < NOISY, (min(way), max(way)))

    def _usual(self, floor: float) -> float:
        """The usual enhancement of tissue in the images, by every second voxel of each direction."""
        sparse = (slice(None, None, 2),) * 3
        tissue = self.uptake.before[sparse] >= floor
        return max(0.0, _quantile(self.uptake.percent(sparse, floor)[tissue], 0.5))

    def _levels(self, mask: np.ndarray) -> Levels:
        """Enhancement of a region and of the tissue around it."""
        margin = np.ceil(radius_mm(np.count_nonzero(mask), self.spacing) / self.spacing)
        box = box_of(mask, np.maximum(LEAST_MARGIN, margin).astype(int))
        inside = mask[box]
        floor = DARK * _quantile(self.uptake.before[box][inside], 0.5)
        enhancement = self.uptake.percent(box, floor)
        level = _quantile(enhancement[inside], 0.5)
        # The voxels next to it are partly in it.
        outside = enhancement[(self.uptake.before[box] >= floor) & ~grown(inside)]
        return Levels(level, min(_quantile(outside, SURROUNDINGS), level / FAINT), floor)

    def _contrast(self, levels: Levels) -> float:
        """Standard deviations of the noise between a region and its surroundings."""
        noise_percent = 100.0 * self.uptake.noise * DARK / levels.floor
        return (levels.region - levels.around) / noise_percent if noise_percent > 0 else np.inf

    def _above(self, box: Box, levels: Levels) -> np.ndarray:
        """What enhances above a threshold."""
        return self.uptake.percent(box, levels.floor) >= levels.threshold(self.way_up)

    def _by_neighbours(self, box: Box, levels: Levels) -> np.ndarray:
        """What enhances above a threshold, by its neighbours too."""
        threshold = levels.threshold(self.way_up)
        bright = np.maximum(self.uptake.before[box], levels.floor)
        noise = 100.0 * self.uptake.noise / bright
        excess = 100.0 * self.uptake.measured[box] / bright - threshold
        return enhancing_with_neighbours(excess * (levels.region - levels.around) / noise**2, self.spacing)


def _dice(one: np.ndarray, other: np.ndarray) -> float:
    sizes = np.count_nonzero(one) + np.count_nonzero(other)
    return 2.0 * int(np.count_nonzero(one & other)) / int(sizes) if sizes else 1.0


def _quantile(values: np.ndarray, share: float) -> float:
    """Quantile of many values by an even choice of them, without NaN; 0 of none."""
    values = values[:: max(1, values.size // MANY)]
    values = values[np.isfinite(values)]
    return float(np.quantile(values, share)) if values.size else 0.0


def _with_margin(box: Box, margin: int, shape: tuple[int, ...]) -> Box:
    """The box and what is around it, as far as the grid reaches."""
    return tuple(
        slice(max(0, axis.start - margin), min(size, axis.stop + margin)) for axis, size in zip(box, shape, strict=True)
    )


def _enlarged(found: np.ndarray, box: Box, shape: tuple[int, ...]) -> Box:
    """The box, larger by half its length to each side where what was found comes near it."""
    axes = []
    for axis, (side, size) in enumerate(zip(box, shape, strict=True)):
        near = np.moveaxis(found, axis, 0)
        length = (side.stop - side.start) // 2
        low = max(0, side.start - length) if near[:EDGE].any() else side.start
        high = min(size, side.stop + length) if near[-EDGE:].any() else side.stop
        axes.append(slice(low, high))
    return tuple(axes)
