"""True maps with edges as a scanner shows them: a voxel is the mean of its parts, seen through a point spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from .body_plan import Label
from .grids import ijk_to_ras, positions_ras_mm
from .presets import Grid, Preset
from .tissue import Texture, properties
from .true_maps import MRMaps

RIM_LEAST, BULK_LEAST, BULK_MOST = 0.06, 0.02, 0.042
"""Ktrans (1/min) that a blurred voxel of the rim has at least, and one of the bulk: on their side of the threshold."""
NONE = 1e-9

Labelled = Callable[[np.ndarray], np.ndarray]
"""From positions in the scanner, shape (n, 3), to labels (n,)."""


@dataclass(frozen=True, eq=False)
class _Sums:
    """Means over a voxel's parts, weighted by signal so that air and fat leave little of theirs."""

    density: np.ndarray
    rate: np.ndarray
    ktrans: np.ndarray
    ktrans_ve: np.ndarray
    vp: np.ndarray


def blended(preset: Preset, sharp: MRMaps, texture: Texture, labelled: Labelled) -> MRMaps:
    """The sharp maps with properties blended over the edges.

    Labels and masks stay as they are, and so do the artery's core (pure blood) and the classes of the tumour: its
    volume and fractions are counted as before.

    Parameters
    ----------
    sharp : MRMaps
        Without the coil's sensitivity.
    texture : Texture
        Of the voxels, shape (k, j, i); their parts differ by tissue alone.
    """
    sums = _blurred(preset, _mean_over_parts(preset, sharp, texture, labelled))
    there = sums.density > 1e-6
    density = np.where(there, sums.density, 1.0)
    ktrans, vp, t1_s = sums.ktrans / density, sums.vp / density, density / np.maximum(sums.rate, NONE)
    ve = np.divide(sums.ktrans_ve, sums.ktrans, out=np.zeros_like(ktrans), where=sums.ktrans > NONE)
    kind = sharp.labels
    ktrans = np.where(sharp.tumour & (kind == Label.RIM), np.maximum(ktrans, RIM_LEAST), ktrans)
    ktrans = np.where(sharp.tumour & (kind == Label.BULK), np.clip(ktrans, BULK_LEAST, BULK_MOST), ktrans)
    unmixed = sharp.vessel | (sharp.tumour & (kind == Label.NECROSIS)) | ~there

    def kept(blend: np.ndarray, before: np.ndarray) -> np.ndarray:
        return np.where(unmixed, before, blend)

    return replace(
        sharp,
        density=np.where(there, sums.density, 0.0),
        t1_s=kept(t1_s, sharp.t1_s),
        ktrans_per_min=kept(np.where(ktrans > NONE, ktrans, 0.0), sharp.ktrans_per_min),
        ve=kept(ve, sharp.ve),
        vp=kept(vp, sharp.vp),
    )


def blended_uptake(
    preset: Preset, sharp: np.ndarray, kept: np.ndarray, uptake: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Uptake on the PET grid, where it is not `kept` the mean over the parts of each voxel.

    Parameters
    ----------
    sharp, kept : ndarray, shape (k, j, i)
    uptake : function
        From positions in the scanner, shape (n, 3), to uptake (n,).
    """
    middles = positions_ras_mm(preset.pet_grid)[~kept]
    offsets = offsets_mm(preset.pet_grid, preset.parts)
    result = sharp.copy()
    result[~kept] = sum(uptake(middles + offset) for offset in offsets) / len(offsets)
    return result


def _mean_over_parts(preset: Preset, sharp: MRMaps, texture: Texture, labelled: Labelled) -> _Sums:
    """Voxels among their like are what their middle is; the others are looked at in parts."""
    edge = edges(sharp.labels)
    middles, offsets = positions_ras_mm(preset.mr_grid)[edge], offsets_mm(preset.mr_grid, preset.parts)
    at_edge, total = texture.within(edge), 0.0
    for offset in offsets:
        total = total + _weighted(properties(preset, labelled(middles + offset), at_edge)) / len(offsets)
    whole = _weighted(
        {
            "density": sharp.density,
            "t1_s": sharp.t1_s,
            "ktrans_per_min": sharp.ktrans_per_min,
            "ve": sharp.ve,
            "vp": sharp.vp,
        }
    )
    whole[:, edge] = total
    return _Sums(*whole)


def _weighted(found: dict[str, np.ndarray]) -> np.ndarray:
    """The values of `_Sums`, along the first axis."""
    density = found["density"]
    ktrans = density * found["ktrans_per_min"]
    return np.stack([density, density / found["t1_s"], ktrans, ktrans * found["ve"], density * found["vp"]])


def edges(labels: np.ndarray) -> np.ndarray:
    """Voxels of which a neighbour, also over a corner, is of another tissue."""
    from scipy.ndimage import maximum_filter, minimum_filter  # slow to load

    return maximum_filter(labels, 3) != minimum_filter(labels, 3)


def offsets_mm(grid: Grid, parts: int) -> list[np.ndarray]:
    """From the middle of a voxel to the middles of its parts, RAS in mm."""
    axes = ijk_to_ras(grid)[:3, :3]
    places = (np.arange(parts) + 0.5) / parts - 0.5
    return [axes @ np.array(offset) for offset in product(places, repeat=3)]


def _blurred(preset: Preset, sums: _Sums) -> _Sums:
    from scipy.ndimage import gaussian_filter  # slow to load

    return _Sums(*(gaussian_filter(array, preset.blur_voxels, mode="nearest") for array in vars(sums).values()))
