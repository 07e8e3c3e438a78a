"""All maps of some voxels: of the model, of enhancement, and T1; the same for a volume, a slice and one voxel."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from ..voxels.status import is_fitted
from .enhancement import UNITS as ENHANCEMENT_UNITS
from .kinetics import absolute_maps, units_of
from .prepared import Prepared
from .settings import DceSettings

T10 = "T10"


@dataclass(frozen=True, eq=False)
class Flat:
    """Maps of n voxels.

    Attributes
    ----------
    maps : dict of str to ndarray, shape (n,)
        float32; NaN where there is no value.
    units : dict of str to str
    status : ndarray of uint8, shape (n,)
    """

    maps: dict[str, np.ndarray]
    units: dict[str, str]
    status: np.ndarray


Made = tuple[Mapping[str, np.ndarray], np.ndarray]
"""Maps (n,) by name, and status (n,)."""


def measured_t10_s(prepared: Prepared, where: np.ndarray) -> np.ndarray | None:
    """T1 (n,) of the voxels of a mask (k, j, i); None where it was not measured."""
    return prepared.t1.t10_s[where] if prepared.t1 is not None and prepared.t1.is_map else None


def flat_maps(
    settings: DceSettings,
    areas: Collection[str],
    fitted: Made | None,
    enhanced: Made | None,
    t10_s: np.ndarray | None,
) -> Flat:
    """All maps of some voxels.

    Parameters
    ----------
    settings : DceSettings
    areas : collection of str
        Names of the areas under the curve among the maps of the model.
    fitted : maps and status, or None
        Of the model, in float32, and the areas under the curve.
    enhanced : maps and status, or None
        Of enhancement.
    t10_s : ndarray, shape (n,), or None
        T1 where it was measured.
    """
    maps: dict[str, np.ndarray] = {}
    units: dict[str, str] = {}
    status = np.zeros(0, np.uint8) if enhanced is None else enhanced[1]
    if fitted is not None:
        status = fitted[1]
        maps = {**fitted[0], **absolute_maps(fitted[0], settings.reference_ktrans_per_min)}
        of_model = (name for name in maps if name not in areas)
        units = {**units_of(of_model), **dict.fromkeys(areas, "mM s")}
        failed = ~is_fitted(status)
        for values in maps.values():
            values[failed] = np.nan
    if t10_s is not None:
        maps[T10], units[T10] = t10_s.astype(np.float32), "s"
    if enhanced is not None:
        maps |= {name: values.astype(np.float32) for name, values in enhanced[0].items()}
        units |= {name: ENHANCEMENT_UNITS[name] for name in enhanced[0]}
    return Flat(maps, units, status)
