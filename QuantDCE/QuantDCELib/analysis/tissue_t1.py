"""T1, B1 and M0 of the tissue before contrast agent: from flip angle images, maps, or one value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume, nearly_same_grid
from HER2ImmunoCommonLib.progress import Report

from ..dicom.reading import VfaImages
from ..signal.quantities import B1, FLIP, T1_TISSUE, map_in_own_unit
from ..signal.t1 import T1Result, t1_from_vfa
from .settings import GIVEN_M0, DceSettings


@dataclass(frozen=True, eq=False)
class GivenMaps:
    """Maps measured elsewhere, each a volume or an array (k, j, i) on the grid of the series: T1 in s, B1, M0."""

    t10: Volume | np.ndarray | None = None
    b1: Volume | np.ndarray | None = None
    m0: Volume | np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class TissueT1:
    """What is known of each voxel before contrast agent.

    Attributes
    ----------
    t10_s : ndarray, shape (k, j, i)
    is_map : bool
        Whether it was measured in each voxel.
    fit : T1Result or None
        Of the flip angle images.
    b1 : ndarray, shape (k, j, i), or None
        Actual flip angle as a fraction of the nominal one.
    m0 : ndarray, shape (k, j, i), or None
        Equilibrium signal; None: from the baseline frames.
    warnings : tuple of str
    """

    t10_s: np.ndarray
    is_map: bool
    fit: T1Result | None = None
    b1: np.ndarray | None = None
    m0: np.ndarray | None = None
    warnings: tuple[str, ...] = ()

    def mean_b1(self, region: np.ndarray, what: str) -> float | None:
        """B1 of a region (k, j, i) that messages call `what`; None where there is no map.

        Raises
        ------
        InputError
            If the map has no value there.
        """
        return None if self.b1 is None else float(_valid(self.b1, region, "B1 map", what).mean())

    def median_t10_s(self, region: np.ndarray, what: str) -> float:
        """T1 of a region (k, j, i) that messages call `what`; errors as `mean_b1`."""
        return float(np.median(_valid(self.t10_s, region, "T1 map", what)))


def _valid(values: np.ndarray, region: np.ndarray, name: str, what: str) -> np.ndarray:
    inside = values[region]
    inside = inside[np.isfinite(inside) & (inside > 0)]
    if not inside.size:
        raise InputError(f"The {name} has no value in the {what}; draw the {what} where the map has values.")
    return inside


def tissue_t1(
    settings: DceSettings,
    series: TimeSeries,
    given: GivenMaps,
    vfa: VfaImages | None,
    region: np.ndarray,
    report: Report | None,
) -> TissueT1:
    """The T1 map if given, else T1 of the flip angle images, else the value of the settings; with B1 and M0.

    The units of the maps are told by their medians in `region` (k, j, i).

    Raises
    ------
    InputError
        If a map or the flip angle images are on another grid, or M0 is wanted and there is none.
    QuestionsError
        If there is no T1.
    """
    b1, fit, told = None, None, ()
    if given.b1 is not None:
        b1, told = b1_on_grid(given.b1, series, region)
    if given.t10 is not None:
        t10_s, more = map_in_own_unit(_on_grid(given.t10, series, "T1 map"), region, T1_TISSUE, "T1 map")
        told = (*told, *more)
    elif vfa is not None:
        _check_flip_angles(vfa, series)
        fit = t1_from_vfa(vfa.signal, vfa.flip_deg, vfa.tr_s, b1=b1, method=settings.t1_method, report=report)
        t10_s = fit.t1_s
    elif settings.t10_s is not None:
        t10_s = np.full(series.array.shape[:3], settings.t10_s)
    else:
        text = "There are no flip angle images and no T1 map; what is the T1 of the tissue in seconds?"
        raise QuestionsError([Question("t10_s", text)])
    is_map = given.t10 is not None or fit is not None
    return TissueT1(t10_s, is_map, fit, b1, _equilibrium_signal(settings, series, given, fit), told)


def b1_on_grid(
    b1: Volume | np.ndarray, grid: TimeSeries | Volume, region: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    """A B1 map (k, j, i) as a fraction, and a word on its unit, which is told by its median in `region`.

    Raises
    ------
    InputError
        If it is on another grid, or cannot be a B1 map.
    """
    return map_in_own_unit(_on_grid(b1, grid, "B1 map"), region, B1, "B1 map")


def _check_flip_angles(vfa: VfaImages, series: TimeSeries) -> None:
    if not nearly_same_grid(Volume(vfa.signal[..., 0], vfa.ijk_to_ras), series):
        raise InputError("The flip angle images are not on the grid of the dynamic series; resample them to it.")
    if max(vfa.flip_deg) < FLIP.low:
        raise InputError(
            f"The largest flip angle for T1 is {max(vfa.flip_deg):g} degrees, too small for any T1; give the flip "
            "angles in degrees."
        )


def _equilibrium_signal(
    settings: DceSettings, series: TimeSeries, given: GivenMaps, fit: T1Result | None
) -> np.ndarray | None:
    if settings.m0 != GIVEN_M0:
        return None
    if given.m0 is not None:
        return _on_grid(given.m0, series, "M0 map")
    if fit is None:
        raise InputError(
            "M0 is to be given, but there is neither an M0 map nor a flip angle series; add one, or take M0 from the "
            "baseline frames."
        )
    return fit.m0


def _on_grid(given: Volume | np.ndarray, series: TimeSeries | Volume, what: str) -> np.ndarray:
    values = given.array if isinstance(given, Volume) else np.asarray(given)
    if values.shape != series.array.shape[:3] or (isinstance(given, Volume) and not nearly_same_grid(given, series)):
        raise InputError(f"The {what} is not on the grid of the dynamic series; resample it to that grid.")
    return np.asarray(values, dtype=np.float64)
