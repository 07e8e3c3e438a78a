"""From a dynamic series to maps and one visit's measurements: what the panel, the command and the study call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError
from HER2ImmunoCommonLib.geometry import TimeSeries, Volume, resample_mask, same_grid
from HER2ImmunoCommonLib.progress import Report, part, tell

from .aif import Aif
from .concentration import concentration_from_signal
from .fit import FitResult, fit_model
from .inputs import (
    Sequence,
    choose_baseline,
    enhancing_curve,
    find_arrival_s,
    frame_warnings,
    measured_input,
    population_input,
    sequence_of,
)
from .measures import SMALLEST_UPTAKE, counts, noise_floor_iaugc_mM_s, visit_values
from .reading import DynamicImages, VfaImages
from .result import UNITS, DceResult, flat_maps, provenance, roi_curve, volumes
from .semiquant import iaugc_mM_s
from .settings import MEASURED_AIFS, DceSettings
from .status import Status
from .t1 import T1Result, t1_from_vfa


@dataclass(frozen=True, eq=False)
class _Regions:
    """Masks on the series' grid: the region if one is given, voxels to compute, to measure, and the artery."""

    given: np.ndarray | None
    computed: np.ndarray
    measured: np.ndarray
    artery: np.ndarray | None


@dataclass(frozen=True, eq=False)
class _Curves:
    """Concentration of the computed voxels (n, t), which of them are measured, and what they were computed with."""

    concentration_mM: np.ndarray
    status: np.ndarray
    measured: np.ndarray
    mean_mM: np.ndarray
    baseline: np.ndarray
    arrival_s: float


def analyse(
    dynamic: DynamicImages,
    settings: DceSettings,
    *,
    tumour_mask: Volume | np.ndarray | None = None,
    t10: Volume | np.ndarray | None = None,
    vfa: VfaImages | None = None,
    aif_mask: Volume | np.ndarray | None = None,
    aif: Aif | None = None,
    report: Report | None = None,
) -> DceResult:
    """Maps of a tracer kinetic model and the measurements of a region.

    Parameters
    ----------
    dynamic : DynamicImages
    settings : DceSettings
    tumour_mask : Volume on any grid, or ndarray (k, j, i) on the series' grid, optional
        Region of the measurements, and of the maps unless `settings.whole_volume`.
    t10 : Volume or ndarray (k, j, i), optional
        T1 map in s before contrast agent; goes before `vfa`, and that before `settings.t10_s`.
    vfa : VfaImages, optional
    aif_mask : Volume or ndarray, optional
        Artery, for `settings.aif == "roi"`.
    aif : Aif, optional
        Measured input, for `settings.aif == "file"`.
    report : Report, optional

    Returns
    -------
    DceResult

    Raises
    ------
    InputError
        For settings or images that cannot be used.
    QuestionsError
        Where TR, flip angle or T1 is neither in the images nor in the settings.
    """
    settings.check()
    tell(report, 0.0, "Preparing")
    series, sequence = dynamic.series, sequence_of(dynamic, settings)
    regions = _regions(series, settings, tumour_mask, aif_mask)
    t1, t10_s = _t10(settings, series, t10, vfa, part(report, 0.0, 0.2))
    curves, warnings = _curves(series, settings, sequence, regions, t10_s, aif, part(report, 0.2, 0.4))
    aif, input_warnings = _input(dynamic, settings, sequence, regions.artery, aif, curves)
    fit = fit_model(
        settings.model,
        series.time_s,
        curves.concentration_mM,
        aif.plasma_mM,
        aif_time_s=aif.time_s,
        report=part(report, 0.4, 1.0),
    )
    known_t10 = t10_s if t1 is not None or t10 is not None else None
    warnings = (*dynamic.warnings, *(vfa.warnings if vfa else ()), *warnings, *input_warnings)
    return _result(dynamic, vfa, settings, sequence, regions, curves, aif, fit, t1, known_t10, warnings)


def _result(
    dynamic: DynamicImages,
    vfa: VfaImages | None,
    settings: DceSettings,
    sequence: Sequence,
    regions: _Regions,
    curves: _Curves,
    aif: Aif,
    fit: FitResult,
    t1: T1Result | None,
    t10_s: np.ndarray | None,
    warnings: tuple[str, ...],
) -> DceResult:
    series, inside = dynamic.series, curves.measured
    status = np.where(curves.status == Status.OK, fit.status, curves.status).astype(np.uint8)
    flat, short = flat_maps(fit, curves.concentration_mM, series.time_s, curves.arrival_s, status)
    if t10_s is not None:
        flat["T10"] = t10_s[regions.computed].astype(np.float32)
    floor = _necrotic_floor(curves, series.time_s, aif, settings)
    values = visit_values(
        {name: numbers[inside] for name, numbers in flat.items()},
        status[inside],
        vascular_ktrans_per_min=settings.vascular_ktrans_per_min,
        necrotic_floor_mM_s=floor,
    )
    if regions.given is not None:
        voxel_cm3 = series.frame(0).voxel_volume_cm3
        values = {"volume_cm3": float(regions.given.sum()) * voxel_cm3, **values}
    used = {
        "tr_s": sequence.tr_s,
        "flip_deg": sequence.flip_deg,
        "baseline": curves.baseline,
        "arrival_s": curves.arrival_s,
        "necrotic_floor_mM_s": floor,
    }
    warnings = (*warnings, *short)
    return DceResult(
        maps=volumes(flat, status, regions.computed),
        units={name: UNITS[name] for name in (*flat, "status")},
        ijk_to_ras=series.ijk_to_ras,
        t1=t1,
        aif=aif,
        roi=roi_curve(settings.model, series.time_s, curves.mean_mM, aif),
        measurements=values,
        counts=counts(status[inside]),
        baseline=curves.baseline,
        arrival_s=curves.arrival_s,
        necrotic_floor_mM_s=floor,
        warnings=warnings,
        provenance=provenance(dynamic, vfa, settings, used, aif, warnings),
    )


def _regions(
    series: TimeSeries, settings: DceSettings, tumour: Volume | np.ndarray | None, artery: Volume | np.ndarray | None
) -> _Regions:
    given = None if tumour is None else _mask(tumour, series, "tumour")
    everything = np.ones(series.array.shape[:3], bool)
    return _Regions(
        given=given,
        computed=everything if given is None or settings.whole_volume else given,
        measured=everything if given is None else given,
        artery=None if artery is None else _mask(artery, series, "artery"),
    )


def _mask(mask: Volume | np.ndarray, series: TimeSeries, what: str) -> np.ndarray:
    if isinstance(mask, Volume):
        return resample_mask(mask, series)
    mask = np.asarray(mask) != 0
    if mask.shape != series.array.shape[:3]:
        raise InputError(
            f"The {what} mask has shape {mask.shape} but the images {series.array.shape[:3]}; use one grid."
        )
    if not mask.any():
        raise InputError(f"The {what} mask is empty; draw the region first.")
    return mask


def _t10(
    settings: DceSettings,
    series: TimeSeries,
    t10: Volume | np.ndarray | None,
    vfa: VfaImages | None,
    report: Report | None,
) -> tuple[T1Result | None, np.ndarray]:
    """T1 of the flip angle images, if used, and T10 (k, j, i)."""
    shape = series.array.shape[:3]
    if t10 is not None:
        values = t10.array if isinstance(t10, Volume) else np.asarray(t10)
        if values.shape != shape or (isinstance(t10, Volume) and not same_grid(t10, series)):
            raise InputError("The T1 map is not on the grid of the dynamic series; resample it to that grid.")
        return None, values.astype(np.float64)
    if vfa is not None:
        if not same_grid(Volume(vfa.signal[..., 0], vfa.ijk_to_ras), series):
            raise InputError("The flip angle images are not on the grid of the dynamic series; resample them to it.")
        t1 = t1_from_vfa(vfa.signal, vfa.flip_deg, vfa.tr_s, method=settings.t1_method, report=report)
        return t1, t1.t1_s
    if settings.t10_s is None:
        text = "There are no flip angle images and no T1 map; what is the T1 of the tissue in seconds?"
        raise QuestionsError([Question("t10_s", text)])
    return None, np.full(shape, settings.t10_s)


def _curves(
    series: TimeSeries,
    settings: DceSettings,
    sequence: Sequence,
    regions: _Regions,
    t10_s: np.ndarray,
    aif: Aif | None,
    report: Report | None,
) -> tuple[_Curves, list[str]]:
    by_artery = settings.aif == "roi" and regions.artery is not None
    curve = series.array[regions.artery].mean(axis=0) if by_artery else enhancing_curve(series.array)
    aif = aif if settings.aif == "file" else None
    baseline, warnings = choose_baseline(curve, series.time_s, settings, aif)
    found = concentration_from_signal(
        series.array[regions.computed],
        tr_s=sequence.tr_s,
        flip_deg=sequence.flip_deg,
        t10_s=t10_s[regions.computed],
        r1_per_mM_s=settings.r1_per_mM_s,
        baseline=baseline,
        report=report,
    )
    measured = regions.measured[regions.computed]
    usable = measured & (found.status == Status.OK)
    mean_mM = np.full(series.time_s.size, np.nan)
    if usable.any():
        mean_mM = found.concentration_mM[usable].mean(axis=0, dtype=np.float64)
    arrival_s = find_arrival_s(settings, series.time_s, curve, mean_mM, baseline, aif)
    return _Curves(found.concentration_mM, found.status, measured, mean_mM, baseline, arrival_s), warnings


def _input(
    dynamic: DynamicImages,
    settings: DceSettings,
    sequence: Sequence,
    artery: np.ndarray | None,
    aif: Aif | None,
    curves: _Curves,
) -> tuple[Aif, list[str]]:
    if settings.aif in MEASURED_AIFS:
        return measured_input(dynamic, settings, sequence, artery, aif, curves.baseline)
    time_s = dynamic.series.time_s
    return population_input(settings, time_s, curves.arrival_s), frame_warnings(time_s)


def _necrotic_floor(curves: _Curves, time_s: np.ndarray, aif: Aif, settings: DceSettings) -> float:
    """IAUGC60 up to which a voxel has no uptake; 0 where the frames do not cover the 60 s."""
    if curves.arrival_s < time_s[0] or curves.arrival_s + 60.0 > time_s[-1]:
        return 0.0
    noise = noise_floor_iaugc_mM_s(
        curves.concentration_mM[curves.measured], time_s, curves.baseline, curves.arrival_s, 60.0, settings.necrotic_sd
    )
    if curves.arrival_s < aif.time_s[0] or curves.arrival_s + 60.0 > aif.time_s[-1]:
        return noise
    return max(noise, SMALLEST_UPTAKE * float(iaugc_mM_s(aif.plasma_mM, aif.time_s, curves.arrival_s, 60.0)))
