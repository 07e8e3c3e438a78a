"""Where a person clicked: the voxels there, their curve and how much they enhance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries, is_grid

from ..signal.baseline import baseline_frames, detect_baseline
from .shapes import Box, shrunk
from .uptake import DARK, Uptake

CLEARLY = 3.0
"""Standard deviations of the noise that enhancement must exceed to be seen."""
ENHANCES_PERCENT = 10.0
"""Enhancement below this is within what drifts and movements do."""
AIR = 3.0
"""Signal below this many standard deviations of the noise is no tissue."""
ELSEWHERE = "click inside the bright part of the tumour on an image after the contrast agent"


@dataclass(frozen=True, eq=False)
class Seed:
    """A click or a rough sphere.

    Attributes
    ----------
    voxel : tuple of int
        The click as k, j, i.
    box : three slices
        Where the click's voxels are: its neighbours, or the box of the sphere.
    inside : ndarray of bool, shape of `box`
        The sphere in it; all of it for a click.
    is_sphere : bool
    """

    voxel: tuple[int, int, int]
    box: Box
    inside: np.ndarray
    is_sphere: bool

    def on(self, shape: tuple[int, ...]) -> np.ndarray:
        """Its voxels as a mask of the whole grid."""
        mask = np.zeros(shape, bool)
        mask[self.box] = self.inside
        return mask

    def is_reached(self, mask: np.ndarray) -> bool:
        """Whether a twentieth of a region lies in the surface of the sphere."""
        found = mask[self.box]
        return bool(np.count_nonzero(found & self.inside & ~shrunk(self.inside)) > 0.05 * np.count_nonzero(found))


def find_seed(series: TimeSeries, seed_ras: np.ndarray, radius_mm: float | None) -> Seed:
    """The voxels of a click or a sphere.

    Raises
    ------
    InputError
        For a click outside the images, or numbers that are no place or radius.
    """
    point = np.asarray(seed_ras, dtype=float).ravel()
    if point.size != 3 or not np.isfinite(point).all():
        raise InputError("The click has no place; give its right, anterior and superior coordinate in mm.")
    if radius_mm is not None and not (math.isfinite(radius_mm) and radius_mm > 0):
        raise InputError(f"The radius of the sphere is {radius_mm:g} mm; give one above 0, or none.")
    if not is_grid(series.ijk_to_ras):
        raise InputError("The images have voxels without a size or directions that coincide; export them again.")
    shape = series.array.shape[:3]
    index = (np.linalg.inv(series.ijk_to_ras) @ [*point, 1.0])[2::-1]
    voxel = np.floor(index + 0.5).astype(int)
    if (voxel < 0).any() or (voxel >= shape).any():
        place = ", ".join(f"{x:.1f}" for x in point)
        raise InputError(f"The click at R, A, S {place} mm is outside the images; {ELSEWHERE}.")
    spacing = np.linalg.norm(series.ijk_to_ras[:3, :3], axis=0)[::-1]
    reach = np.ones(3, int) if radius_mm is None else np.ceil(radius_mm / spacing).astype(int)
    box = tuple(
        slice(max(0, int(at - more)), min(size, int(at + more) + 1))
        for at, more, size in zip(voxel, reach, shape, strict=True)
    )
    axes = np.meshgrid(*(np.arange(axis.start, axis.stop) for axis in box), indexing="ij")
    inside = np.ones(axes[0].shape, bool)
    if radius_mm is not None:
        offset = np.stack([axis - at for axis, at in zip(axes[::-1], index[::-1], strict=True)], axis=-1)
        inside = np.linalg.norm(offset @ series.ijk_to_ras[:3, :3].T, axis=-1) <= radius_mm
        inside[tuple(voxel - [axis.start for axis in box])] = True
    return Seed(tuple(int(at) for at in voxel), box, inside, radius_mm is not None)


def seed_baseline(series: TimeSeries, seed: Seed, baseline: slice | Sequence[int] | None) -> np.ndarray:
    """The baseline frames given, or those before the mean curve at the seed rises.

    Raises
    ------
    InputError
        If there is one frame, the seed has no data or its curve does not rise.
    """
    n_frames = series.time_s.size
    if n_frames < 2:
        raise InputError("There is one frame, but enhancement needs one before and one after the contrast agent.")
    if baseline is not None:
        return baseline_frames(baseline, n_frames)
    curves = series.array[seed.box][seed.inside].astype(np.float32)
    curves = curves[np.isfinite(curves).all(axis=1)]
    if not len(curves):
        raise InputError(f"The images have no data at the click; {ELSEWHERE}.")
    rise = curves.max(axis=1) - curves[:, 0]
    try:
        return detect_baseline(curves[rise >= np.median(rise)].mean(axis=0), series.time_s)
    except InputError as error:
        raise InputError(f"The tissue at the click does not enhance; {ELSEWHERE}.") from error


def seed_level(uptake: Uptake, seed: Seed) -> tuple[float, float]:
    """Enhancement (%) at the seed, by its more enhancing half, and how bright tissue is there before the agent.

    Raises
    ------
    InputError
        If the seed is in air or in tissue that does not enhance.
    """
    before, rise = uptake.before[seed.box][seed.inside], uptake.rise[seed.box][seed.inside]
    known = np.isfinite(rise)
    if not known.any():
        raise InputError(f"The images have no data at the click; {ELSEWHERE}.")
    before, rise = before[known], rise[known]
    # Of a sphere a tenth is enough: a small tumour may lie in a generous one.
    share = 90.0 if seed.is_sphere else 50.0
    top = rise >= np.percentile(rise, share)
    noise = uptake.noise
    bright, high = float(np.median(before[top])), float(np.median(rise[top]))
    if bright <= AIR * noise and high <= CLEARLY * noise:
        raise InputError(f"The click is in air or in tissue without signal; {ELSEWHERE}.")
    floor = DARK * bright
    level = float(np.median(100.0 * rise[top] / np.maximum(before[top], floor)))
    if not (high > CLEARLY * noise / np.sqrt(min(top.sum(), 9)) and level > ENHANCES_PERCENT):
        raise InputError(f"The tissue at the click enhances by {level:.0f} % only, not more than noise; {ELSEWHERE}.")
    return level, bright


def tissue_voxels(uptake: Uptake) -> int:
    """Voxels brighter than air, 1 at least."""
    return max(1, int(np.count_nonzero(uptake.before > AIR * uptake.noise)))
