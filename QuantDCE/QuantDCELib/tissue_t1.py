"""T1 of the tissue before contrast agent: from flip angle images, a map, or one value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume, same_grid
from HER2ImmunoCommonLib.progress import Report

from .reading import VfaImages
from .settings import DceSettings
from .t1 import T1Result, t1_from_vfa


@dataclass(frozen=True, eq=False)
class TissueT1:
    """T1 before contrast agent.

    Attributes
    ----------
    t10_s : ndarray, shape (k, j, i)
    is_map : bool
        Whether it was measured in each voxel.
    fit : T1Result or None
        Of the flip angle images.
    """

    t10_s: np.ndarray
    is_map: bool
    fit: T1Result | None = None


def tissue_t1(
    settings: DceSettings,
    series: TimeSeries,
    t10: Volume | np.ndarray | None,
    vfa: VfaImages | None,
    b1: Volume | np.ndarray | None,
    report: Report | None,
) -> TissueT1:
    """The T1 map if given, else T1 of the flip angle images, else the value of the settings.

    Raises
    ------
    InputError
        If a map or the flip angle images are on another grid.
    QuestionsError
        If there is none of them.
    """
    if t10 is not None:
        return TissueT1(_on_grid(t10, series, "T1 map").astype(np.float64), is_map=True)
    if vfa is not None:
        if not same_grid(Volume(vfa.signal[..., 0], vfa.ijk_to_ras), series):
            raise InputError("The flip angle images are not on the grid of the dynamic series; resample them to it.")
        b1 = None if b1 is None else _on_grid(b1, series, "B1 map")
        fit = t1_from_vfa(vfa.signal, vfa.flip_deg, vfa.tr_s, b1=b1, method=settings.t1_method, report=report)
        return TissueT1(fit.t1_s, is_map=True, fit=fit)
    if settings.t10_s is None:
        text = "There are no flip angle images and no T1 map; what is the T1 of the tissue in seconds?"
        raise QuestionsError([Question("t10_s", text)])
    return TissueT1(np.full(series.array.shape[:3], settings.t10_s), is_map=False)


def _on_grid(given: Volume | np.ndarray, series: TimeSeries, what: str) -> np.ndarray:
    values = given.array if isinstance(given, Volume) else np.asarray(given)
    if values.shape != series.array.shape[:3] or (isinstance(given, Volume) and not same_grid(given, series)):
        raise InputError(f"The {what} is not on the grid of the dynamic series; resample it to that grid.")
    return values
