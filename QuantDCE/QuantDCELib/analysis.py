"""From a dynamic series to maps and one visit's measurements: what the panel, the command and the study call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.progress import Report, part, tell

from .aif import Aif
from .enhancement import UNITS as ENHANCEMENT_UNITS
from .enhancement import Enhancement, find_enhancement
from .inputs import (
    Sequence,
    check_frames,
    find_arrival_s,
    frame_warnings,
    measured_input,
    population_input,
    relaxivity_of,
    sequence_of,
)
from .kinetics import Curves, Kinetics, concentrations, fit_to_reference, fit_voxels
from .measures import SMALLEST_UPTAKE, counts, noise_floor_iaugc_mM_s, visit_values
from .reading import DynamicImages, VfaImages
from .regions import Mask, Regions, find_regions
from .result import DceResult, iaugc_maps, provenance, volumes
from .semiquant import iaugc_mM_s
from .settings import MEASURED_AIFS, DceSettings
from .status import is_fitted
from .timing import Timing, find_timing
from .tissue_t1 import TissueT1, tissue_t1


@dataclass(frozen=True, eq=False)
class _Given:
    """The images and settings of one analysis."""

    dynamic: DynamicImages
    settings: DceSettings
    regions: Regions
    timing: Timing
    t10: Volume | np.ndarray | None
    vfa: VfaImages | None
    b1: Volume | np.ndarray | None
    aif: Aif | None


@dataclass(frozen=True, eq=False)
class _Found:
    """What was computed in between: None where the analysis does without."""

    arrival_s: float
    used: dict[str, object]
    warnings: tuple[str, ...]
    t1: TissueT1 | None = None
    curves: Curves | None = None
    aif: Aif | None = None
    kinetics: Kinetics | None = None


def analyse(
    dynamic: DynamicImages,
    settings: DceSettings,
    *,
    tumour_mask: Mask | None = None,
    t10: Volume | np.ndarray | None = None,
    vfa: VfaImages | None = None,
    b1: Volume | np.ndarray | None = None,
    aif_mask: Mask | None = None,
    aif: Aif | None = None,
    reference_mask: Mask | None = None,
    report: Report | None = None,
) -> DceResult:
    """Maps of a tracer kinetic model, semi-quantitative maps, and the measurements of a region.

    Parameters
    ----------
    dynamic : DynamicImages
    settings : DceSettings
    tumour_mask : Volume on any grid, or ndarray (k, j, i) on the series' grid, optional
        Region of the measurements, and of the maps unless `settings.whole_volume`.
    t10 : Volume or ndarray (k, j, i), optional
        T1 map in s before contrast agent; goes before `vfa`, and that before `settings.t10_s`.
    vfa : VfaImages, optional
    b1 : Volume or ndarray (k, j, i), optional
        Actual flip angle as a fraction of the nominal one, for `vfa`.
    aif_mask : Volume or ndarray, optional
        Artery, for `settings.aif == "roi"`; where to look for one, for `"auto"`.
    aif : Aif, optional
        Measured input, for `settings.aif == "file"`.
    reference_mask : Volume or ndarray, optional
        Reference tissue, for the reference region models.
    report : Report, optional

    Returns
    -------
    DceResult

    Raises
    ------
    InputError
        For settings or images that cannot be used.
    QuestionsError
        Where TR, flip angle or T1 is needed and neither in the images nor in the settings.
    """
    settings.check()
    tell(report, 0.0, "Preparing")
    series = dynamic.series
    check_frames(settings, series.time_s.size)
    regions = find_regions(
        series, tumour=tumour_mask, artery=aif_mask, reference=reference_mask, whole_volume=settings.whole_volume
    )
    sequence = sequence_of(dynamic, settings) if settings.is_kinetic else None
    timing = find_timing(series, settings, regions, aif)
    given = _Given(dynamic, settings, regions, timing, t10, vfa, b1, aif)
    if sequence is not None:
        found = _kinetic(given, sequence, part(report, 0.0, 0.9))
    else:
        found = _without_model(given, part(report, 0.0, 0.5))
    enhancement = None
    if settings.semi_quantitative or not settings.is_kinetic:
        enhancement = find_enhancement(
            series, settings, regions, timing.baseline, found.arrival_s, part(report, 0.9, 1.0)
        )
    return _result(given, found, enhancement)


def _kinetic(given: _Given, sequence: Sequence, report: Report | None) -> _Found:
    settings, series, timing = given.settings, given.dynamic.series, given.timing
    t1 = tissue_t1(settings, series, given.t10, given.vfa, given.b1, part(report, 0.0, 0.2))
    r1, warnings = relaxivity_of(settings, given.dynamic.field_t)
    curves = concentrations(
        series, settings, sequence, given.regions, timing.baseline, t1.t10_s, r1, part(report, 0.2, 0.4)
    )
    by_file = settings.needs_aif and settings.aif == "file"
    arrival_s = find_arrival_s(
        settings, series.time_s, timing.curve, curves.mean_mM, timing.baseline, given.aif if by_file else None
    )
    used = {"tr_s": sequence.tr_s, "flip_deg": sequence.flip_deg, "r1_per_mM_s": r1}
    fitting = part(report, 0.4, 1.0)
    if not settings.needs_aif:
        kinetics = fit_to_reference(
            series, settings, sequence, given.regions, curves, timing.baseline, t1.t10_s, r1, fitting
        )
        return _Found(arrival_s, used, (*warnings, *kinetics.remarks), t1, curves, None, kinetics)
    aif, more = _input(given, sequence, arrival_s, r1)
    kinetics = fit_voxels(series, settings, curves, aif, fitting)
    return _Found(arrival_s, used, (*warnings, *more), t1, curves, aif, kinetics)


def _without_model(given: _Given, report: Report | None) -> _Found:
    """The arrival, and the concentration where T1, TR and flip angle happen to be known."""
    settings, dynamic, timing = given.settings, given.dynamic, given.timing
    nothing = np.full(dynamic.series.time_s.size, np.nan)
    arrival_s = find_arrival_s(settings, dynamic.series.time_s, timing.curve, nothing, timing.baseline)
    has_t1 = given.t10 is not None or given.vfa is not None or settings.t10_s is not None
    has_sequence = (settings.tr_s or dynamic.tr_s) and (settings.flip_deg or dynamic.flip_deg)
    if not (has_t1 and has_sequence):
        return _Found(arrival_s, {}, ("No IAUGC: it needs T1, TR and flip angle, to turn signal into concentration.",))
    sequence = sequence_of(dynamic, settings)
    t1 = tissue_t1(settings, dynamic.series, given.t10, given.vfa, given.b1, part(report, 0.0, 0.5))
    r1, warnings = relaxivity_of(settings, dynamic.field_t)
    curves = concentrations(
        dynamic.series, settings, sequence, given.regions, timing.baseline, t1.t10_s, r1, part(report, 0.5, 1.0)
    )
    used = {"tr_s": sequence.tr_s, "flip_deg": sequence.flip_deg, "r1_per_mM_s": r1}
    return _Found(arrival_s, used, tuple(warnings), t1, curves)


def _input(given: _Given, sequence: Sequence, arrival_s: float, r1_per_mM_s: float) -> tuple[Aif, list[str]]:
    settings, dynamic = given.settings, given.dynamic
    if settings.aif in MEASURED_AIFS:
        artery, baseline = given.timing.artery, given.timing.baseline
        return measured_input(dynamic, settings, sequence, artery, given.aif, baseline, r1_per_mM_s)
    time_s = dynamic.series.time_s
    return population_input(settings, time_s, arrival_s), frame_warnings(time_s)


def _result(given: _Given, found: _Found, enhancement: Enhancement | None) -> DceResult:
    settings, series, regions = given.settings, given.dynamic.series, given.regions
    flat, units, status, short = _flat(found, series.time_s, regions, enhancement)
    inside, floor = regions.measured[regions.computed], _necrotic_floor(given, found)
    values = visit_values(
        {name: numbers[inside] for name, numbers in flat.items()},
        status[inside],
        vascular_ktrans_per_min=settings.vascular_ktrans_per_min,
        necrotic_floor_mM_s=floor,
    )
    if regions.given is not None:
        values = {"volume_cm3": float(regions.given.sum()) * series.frame(0).voxel_volume_cm3, **values}
    maps = volumes(flat, status, regions.computed)
    baseline = given.timing.baseline
    unknown = {"tr_s": given.dynamic.tr_s, "flip_deg": given.dynamic.flip_deg}
    used = {**unknown, **found.used, "baseline": baseline, "arrival_s": found.arrival_s, "necrotic_floor_mM_s": floor}
    if enhancement is not None and enhancement.ftv is not None:
        maps["FTV"], units["FTV"] = enhancement.ftv.bins, ENHANCEMENT_UNITS["FTV"]
        values["ftv_cm3"] = enhancement.ftv.volume_cm3
        used |= {"ser_frames": [enhancement.early, enhancement.late]}
        used |= {"ftv_background_signal": enhancement.ftv.background_signal}
    warnings = _warnings(given, found, enhancement, short)
    return DceResult(
        maps=maps,
        units=units | {"status": ""},
        ijk_to_ras=series.ijk_to_ras,
        t1=found.t1.fit if found.t1 else None,
        aif=found.aif,
        roi=found.kinetics.roi if found.kinetics else None,
        measurements=values,
        counts=counts(status[inside]),
        baseline=baseline,
        arrival_s=found.arrival_s,
        necrotic_floor_mM_s=floor,
        warnings=warnings,
        provenance=provenance(given.dynamic, given.vfa, settings, used, found.aif, warnings),
        enhancement=enhancement,
        artery=given.timing.artery if settings.needs_aif and settings.aif in ("auto", "roi") else None,
    )


def _flat(
    found: _Found, time_s: np.ndarray, regions: Regions, enhancement: Enhancement | None
) -> tuple[dict[str, np.ndarray], dict[str, str], np.ndarray, list[str]]:
    """Maps (n,) of the computed voxels, their units, the status, and what could not be computed."""
    flat: dict[str, np.ndarray] = {}
    units: dict[str, str] = {}
    short: list[str] = []
    status = enhancement.status if enhancement is not None else np.zeros(0, np.uint8)
    if found.curves is not None:
        status = found.kinetics.status if found.kinetics else found.curves.status
        fitted = is_fitted(status)
        areas, short = iaugc_maps(found.curves.concentration_mM, time_s, found.arrival_s)
        maps = {**(found.kinetics.maps if found.kinetics else {}), **areas}
        flat = {name: np.where(fitted, values, np.nan).astype(np.float32) for name, values in maps.items()}
        units = {**(found.kinetics.units if found.kinetics else {}), **dict.fromkeys(areas, "mM s")}
    if found.t1 is not None and found.t1.is_map:
        flat["T10"], units["T10"] = found.t1.t10_s[regions.computed].astype(np.float32), "s"
    if enhancement is not None:
        flat |= {name: values.astype(np.float32) for name, values in enhancement.maps.items()}
        units |= {name: ENHANCEMENT_UNITS[name] for name in enhancement.maps}
    return flat, units, status, short


def _necrotic_floor(given: _Given, found: _Found) -> float:
    """IAUGC60 up to which a voxel has no uptake; 0 where the frames do not cover the 60 s."""
    time_s, settings, arrival_s = given.dynamic.series.time_s, given.settings, found.arrival_s
    if found.curves is None or arrival_s < time_s[0] or arrival_s + 60.0 > time_s[-1]:
        return 0.0
    measured = found.curves.concentration_mM[found.curves.measured]
    noise = noise_floor_iaugc_mM_s(measured, time_s, given.timing.baseline, arrival_s, 60.0, settings.necrotic_sd)
    aif = found.aif
    if aif is None or arrival_s < aif.time_s[0] or arrival_s + 60.0 > aif.time_s[-1]:
        return noise
    return max(noise, SMALLEST_UPTAKE * float(iaugc_mM_s(aif.plasma_mM, aif.time_s, arrival_s, 60.0)))


def _warnings(given: _Given, found: _Found, enhancement: Enhancement | None, short: list[str]) -> tuple[str, ...]:
    of_vfa = given.vfa.warnings if given.vfa else ()
    of_enhancement = enhancement.warnings if enhancement else ()
    return (*given.dynamic.warnings, *of_vfa, *given.timing.warnings, *found.warnings, *of_enhancement, *short)
