"""The maps of one slice, at once, to see whether the choices are right before the whole is computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from ..kinetics.voxelwise import run
from .enhancement import enhancement_maps
from .prepared import Prepared
from .result import volumes
from .voxel_maps import flat_maps, measured_t10_s

MAIN = ("Ktrans", "Ktrans_rel", "PE")
"""What a preview shows: the first of these that there is."""


@dataclass(frozen=True, eq=False)
class SlicePreview:
    """Maps of one slice: those of the whole, to the last bit.

    Attributes
    ----------
    k : int
    maps : dict of str to ndarray, shape (1, j, i)
        As those of `DceResult`, without the functional tumour volume, which needs its neighbours.
    units : dict of str to str
    ijk_to_ras : ndarray, shape (4, 4)
        Place of the slice.
    main : str
        Name of the map to show.
    warnings : tuple of str
        Everything told up to the fit.
    """

    k: int
    maps: dict[str, np.ndarray]
    units: dict[str, str]
    ijk_to_ras: np.ndarray
    main: str
    warnings: tuple[str, ...]


def preview(prepared: Prepared, k: int, report: Report | None = None) -> SlicePreview:
    """Maps of slice `k` of an analysis that is prepared.

    Raises
    ------
    InputError
        If there is no such slice, or none of its voxels is to be computed.
    """
    computed = prepared.regions.computed
    if not 0 <= k < len(computed):
        raise InputError(f"The series has {len(computed)} slices and none is slice {k + 1}; choose another.")
    inside = np.zeros(computed.shape, bool)
    inside[k] = computed[k]
    if not inside.any():
        raise InputError(f"Slice {k + 1} has no voxel of the tumour; choose a slice through it, or the whole volume.")
    fitted, enhanced = None, None
    if prepared.voxels is not None:
        voxels = prepared.voxels.of(np.flatnonzero(inside[computed]))
        done = run(voxels, prepared.stage, prepared.areas, report, memory_mb=prepared.memory_mb)
        fitted = done.maps, done.status
    if prepared.frames is not None:
        curves = prepared.dynamic.series.array[inside]
        enhanced = enhancement_maps(curves, prepared.time_s, prepared.baseline, prepared.arrival_s, prepared.frames)
    flat = flat_maps(prepared.settings, prepared.areas, fitted, enhanced, measured_t10_s(prepared, inside))
    place = prepared.dynamic.series.ijk_to_ras.copy()
    place[:3, 3] += k * place[:3, 2]
    maps = volumes(flat.maps, flat.status, inside[k : k + 1])
    main = next(name for name in (*MAIN, *maps) if name in maps)
    return SlicePreview(k, maps, flat.units | {"status": ""}, place, main, prepared.warnings)
