"""When the agent arrives: the baseline frames, from the curve of a vessel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.geometry import TimeSeries

from ..arterial_input.aif import Aif
from ..arterial_input.auto_aif import find_artery
from ..voxels.regions import Regions, mean_curve
from .inputs import choose_baseline, enhancing_curve
from .settings import DceSettings


@dataclass(frozen=True, eq=False)
class Timing:
    """Baseline frames and where they were seen.

    Attributes
    ----------
    curve : ndarray, shape (t,)
        Signal of the artery, else of the voxels that enhance most.
    baseline : ndarray of int
    artery : ndarray of bool, shape (k, j, i), or None
        The given one, or the one found.
    warnings : tuple of str
    """

    curve: np.ndarray
    baseline: np.ndarray
    artery: np.ndarray | None
    warnings: tuple[str, ...]


def find_timing(series: TimeSeries, settings: DceSettings, regions: Regions, aif: Aif | None) -> Timing:
    """Baseline frames, given or detected; with the input `auto` also the artery, looked for in the given mask."""
    kind = settings.aif if settings.needs_aif else ""
    if kind == "roi" and regions.artery is not None:
        curve = mean_curve(series.array, regions.artery, "artery")
    else:
        curve = enhancing_curve(series.array)
    baseline, warnings = choose_baseline(curve, series.time_s, settings, aif if kind == "file" else None)
    if kind != "auto":
        return Timing(curve, baseline, regions.artery, tuple(warnings))
    found = find_artery(series.array, series.time_s, baseline, search=regions.artery)
    # The artery shows the arrival more sharply than the brightest voxels, which may hold anything.
    baseline, warnings = choose_baseline(found.signal, series.time_s, settings)
    return Timing(found.signal, baseline, found.mask, (*warnings, found.remark))
