"""From a dynamic series to maps and one visit's measurements: what the panel, the command and the study call."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.masks import Given
from HER2ImmunoCommonLib.progress import Report, part, tell

from ..arterial_input.aif import Aif
from ..arterial_input.plausible import on_clock_of, peak_warnings
from ..dicom.reading import DynamicImages, VfaImages, on_scale_of
from ..enhancement.semiquant import iaugc_mM_s
from ..kinetics.stages import MODEL, NoModel, ReferenceStage
from ..kinetics.voxelwise import VoxelMaps, Voxels, mean_of_measured, run
from ..voxels.chunks import MEMORY_MB
from ..voxels.regions import WHOLE_FIELD, Regions, find_regions, shared_voxels
from ..voxels.status import is_fitted
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
    sequence_warnings,
)
from .kinetics import absolute_maps, model_stage, reference_fitter, units_of, voxels_of
from .measures import SMALLEST_UPTAKE, counts, model_counts, noise_floor_iaugc_mM_s, visit_values
from .own_units import in_own_units
from .result import DceResult, iaugc_weights, provenance, volumes
from .roi_curve import RoiCurve, fit_curve, reference_curve
from .sanity import artery_warnings, failures, fit_warnings
from .settings import GIVEN_M0, MEASURED_AIFS, DceSettings
from .timing import Timing, find_timing
from .tissue_t1 import GivenMaps, TissueT1, tissue_t1


@dataclass(frozen=True, eq=False)
class _Given:
    """The images and settings of one analysis."""

    dynamic: DynamicImages
    settings: DceSettings
    regions: Regions
    timing: Timing
    maps: GivenMaps
    vfa: VfaImages | None
    aif: Aif | None
    memory_mb: float
    told: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Found:
    """What was computed in between: None where the analysis does without."""

    arrival_s: float
    used: dict[str, object]
    warnings: tuple[str, ...]
    t1: TissueT1 | None = None
    voxels: VoxelMaps | None = None
    units: dict[str, str] = field(default_factory=dict)
    aif: Aif | None = None
    roi: RoiCurve | None = None


def analyse(
    dynamic: DynamicImages,
    settings: DceSettings,
    *,
    tumour_mask: Given | None = None,
    t10: Volume | np.ndarray | None = None,
    vfa: VfaImages | None = None,
    b1: Volume | np.ndarray | None = None,
    m0: Volume | np.ndarray | None = None,
    aif_mask: Given | None = None,
    aif: Aif | None = None,
    reference_mask: Given | None = None,
    report: Report | None = None,
    memory_mb: float = MEMORY_MB,
) -> DceResult:
    """Maps of a tracer kinetic model, semi-quantitative maps, and the measurements of a region.

    Parameters
    ----------
    dynamic : DynamicImages
    settings : DceSettings
    tumour_mask : Mask or Volume on any grid, or ndarray (k, j, i) on the series' grid, optional
        Region of the measurements, and of the maps unless `settings.whole_volume`.
    t10 : Volume or ndarray (k, j, i), optional
        T1 map in s before contrast agent; goes before `vfa`, and that before `settings.t10_s`.
    vfa : VfaImages, optional
    b1 : Volume or ndarray (k, j, i), optional
        Actual flip angle as a fraction of the nominal one, in `vfa` and in the dynamic series.
    m0 : Volume or ndarray (k, j, i), optional
        Equilibrium signal, for `settings.m0 == "given"`; by default that of `vfa`.
    aif_mask : Mask, Volume or ndarray, optional
        Artery, for `settings.aif == "roi"`; where to look for one, for `"auto"`.
    aif : Aif, optional
        Measured input, for `settings.aif == "file"`.
    reference_mask : Mask, Volume or ndarray, optional
        Reference tissue, for the reference region models.
    report : Report, optional
    memory_mb : float
        Most working memory, images and maps not counted.

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
    settings, told = in_own_units(settings)
    series = dynamic.series
    if aif is not None and settings.needs_aif and settings.aif == "file":
        aif, more = on_clock_of(aif, series.time_s)
        told = (*told, *more)
    check_frames(settings, series.time_s.size)
    regions = find_regions(
        series, tumour=tumour_mask, artery=aif_mask, reference=reference_mask, whole_volume=settings.whole_volume
    )
    sequence = sequence_of(dynamic, settings) if settings.is_kinetic else None
    timing = find_timing(series, settings, regions, aif)
    if vfa is not None and settings.m0 == GIVEN_M0 and m0 is None:
        vfa = on_scale_of(vfa, dynamic)
    told = (*told, *(sequence_warnings(dynamic, settings) if sequence else ()), *regions.warnings)
    given = _Given(dynamic, settings, regions, timing, GivenMaps(t10, b1, m0), vfa, aif, memory_mb, told)
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
    t1, voxels, warnings, used = _voxels(given, sequence, part(report, 0.0, 0.2))

    def mean_mM() -> np.ndarray:
        return mean_of_measured(voxels, part(report, 0.2, 0.3), memory_mb=given.memory_mb)

    by_file = settings.needs_aif and settings.aif == "file"
    arrival_s = find_arrival_s(
        settings, series.time_s, timing.curve, timing.baseline, mean_mM, given.aif if by_file else None
    )
    weights, short = iaugc_weights(series.time_s, arrival_s)
    fitting = part(report, 0.4, 1.0)
    if settings.needs_aif:
        aif, more = _input(given, sequence, t1, arrival_s, voxels.conversion.r1_per_mM_s)
        stage = model_stage(settings, series.time_s, aif, voxels)
        done = run(voxels, stage, weights, fitting, memory_mb=given.memory_mb)
        roi = fit_curve(settings, series.time_s, done.mean_mM, aif)
    else:
        fitter = reference_fitter(series, settings, sequence, given.regions, t1, voxels, part(report, 0.3, 0.4))
        aif, more = None, [f"kep of the reference tissue was estimated as {fitter.kep_reference_per_min:.3g} /min."]
        done = run(voxels, ReferenceStage(fitter), weights, fitting, memory_mb=given.memory_mb)
        done.maps.update(absolute_maps(done.maps, settings.reference_ktrans_per_min))
        roi = reference_curve(settings, series.time_s, done.mean_mM, fitter)
    units = {**units_of(name for name in done.maps if name not in weights), **dict.fromkeys(weights, "mM s")}
    return _Found(arrival_s, used, (*warnings, *more, *short), t1, done, units, aif, roi)


def _voxels(
    given: _Given, sequence: Sequence, report: Report | None
) -> tuple[TissueT1, Voxels, list[str], dict[str, object]]:
    """T1, the voxels to work on, remarks, and the values used."""
    settings, dynamic = given.settings, given.dynamic
    t1 = tissue_t1(settings, dynamic.series, given.maps, given.vfa, given.regions.measured, report)
    r1, warnings = relaxivity_of(settings, dynamic.field_t)
    warnings = [*t1.warnings, *warnings]
    voxels = voxels_of(dynamic.series, sequence, given.regions, given.timing.baseline, t1, r1)
    used = {"tr_s": sequence.tr_s, "flip_deg": sequence.flip_deg, "r1_per_mM_s": r1}
    return t1, voxels, warnings, used


def _without_model(given: _Given, report: Report | None) -> _Found:
    """The arrival, and IAUGC where T1, TR and flip angle happen to be known."""
    settings, dynamic, timing = given.settings, given.dynamic, given.timing
    time_s = dynamic.series.time_s
    arrival_s = find_arrival_s(settings, time_s, timing.curve, timing.baseline)
    has_t1 = given.maps.t10 is not None or given.vfa is not None or settings.t10_s is not None
    has_sequence = (settings.tr_s or dynamic.tr_s) and (settings.flip_deg or dynamic.flip_deg)
    if not (has_t1 and has_sequence):
        return _Found(arrival_s, {}, ("No IAUGC: it needs T1, TR and flip angle, to turn signal into concentration.",))
    t1, voxels, warnings, used = _voxels(given, sequence_of(dynamic, settings), part(report, 0.0, 0.5))
    weights, short = iaugc_weights(time_s, arrival_s)
    done = run(voxels, NoModel(), weights, part(report, 0.5, 1.0), memory_mb=given.memory_mb)
    return _Found(arrival_s, used, (*warnings, *short), t1, done, dict.fromkeys(weights, "mM s"))


def _input(
    given: _Given, sequence: Sequence, t1: TissueT1, arrival_s: float, r1_per_mM_s: float
) -> tuple[Aif, list[str]]:
    settings, dynamic = given.settings, given.dynamic
    if settings.aif in MEASURED_AIFS:
        artery, baseline = given.timing.artery, given.timing.baseline
        b1 = None if artery is None else t1.mean_b1(artery, "artery")
        found, told = measured_input(dynamic, settings, sequence, artery, given.aif, baseline, r1_per_mM_s, b1)
        told += peak_warnings(found)
        if artery is not None and settings.aif != "file":
            told += shared_voxels(given.regions.given, artery, "artery")
            told += artery_warnings(dynamic.series, given.regions, artery, baseline)
        return found, told
    time_s = dynamic.series.time_s
    return population_input(settings, time_s, arrival_s), frame_warnings(time_s)


def _result(given: _Given, found: _Found, enhancement: Enhancement | None) -> DceResult:
    settings, series, regions = given.settings, given.dynamic.series, given.regions
    flat, units, status = _flat(found, regions, enhancement)
    inside, floor = regions.measured[regions.computed], _necrotic_floor(given, found)
    values = visit_values(
        {name: numbers[inside] for name, numbers in flat.items()},
        status[inside],
        vascular_ktrans_per_min=settings.vascular_ktrans_per_min,
        necrotic_floor_mM_s=floor,
    )
    if regions.given is not None:
        values = {"volume_cm3": float(regions.given.sum()) * series.frame(0).voxel_volume_cm3, **values}
    else:
        values = {WHOLE_FIELD.replace(" ", "_"): 1.0, **values}
    chosen = model_counts(flat[MODEL][inside], settings.fitted_models) if MODEL in flat else {}
    maps = volumes(flat, status, regions.computed)
    baseline = given.timing.baseline
    unknown = {"tr_s": given.dynamic.tr_s, "flip_deg": given.dynamic.flip_deg}
    used = {**unknown, **found.used, "baseline": baseline, "arrival_s": found.arrival_s, "necrotic_floor_mM_s": floor}
    if enhancement is not None and enhancement.ftv is not None:
        maps["FTV"], units["FTV"] = enhancement.ftv.bins, ENHANCEMENT_UNITS["FTV"]
        values["ftv_cm3"] = enhancement.ftv.volume_cm3
        used |= {"ser_frames": [enhancement.early, enhancement.late]}
        used |= {"ftv_background_signal": enhancement.ftv.background_signal}
    ktrans = flat["Ktrans"][inside] if "Ktrans" in flat and settings.is_kinetic else None
    doubts = fit_warnings(series, regions, baseline, status[inside], ktrans)
    warnings = (*_warnings(given, found, enhancement), *doubts)
    return DceResult(
        maps=maps,
        units=units | {"status": ""},
        ijk_to_ras=series.ijk_to_ras,
        t1=found.t1.fit if found.t1 else None,
        aif=found.aif,
        roi=found.roi,
        measurements=values,
        counts=counts(status[inside]),
        failures=failures(status[inside]),
        measured_in=regions.measured_in,
        baseline=baseline,
        arrival_s=found.arrival_s,
        necrotic_floor_mM_s=floor,
        warnings=warnings,
        doubts=doubts,
        provenance=provenance(given.dynamic, given.vfa, settings, used, found.aif, warnings),
        model_counts=chosen,
        enhancement=enhancement,
        artery=given.timing.artery if settings.needs_aif and settings.aif in ("auto", "roi") else None,
    )


def _flat(
    found: _Found, regions: Regions, enhancement: Enhancement | None
) -> tuple[dict[str, np.ndarray], dict[str, str], np.ndarray]:
    """Maps (n,) of the computed voxels, their units, and the status."""
    flat: dict[str, np.ndarray] = {}
    units: dict[str, str] = {}
    status = enhancement.status if enhancement is not None else np.zeros(0, np.uint8)
    if found.voxels is not None:
        status, units = found.voxels.status, dict(found.units)
        failed = ~is_fitted(status)
        flat = found.voxels.maps
        for values in flat.values():
            values[failed] = np.nan
    if found.t1 is not None and found.t1.is_map:
        flat["T10"], units["T10"] = found.t1.t10_s[regions.computed].astype(np.float32), "s"
    if enhancement is not None:
        flat |= {name: values.astype(np.float32) for name, values in enhancement.maps.items()}
        units |= {name: ENHANCEMENT_UNITS[name] for name in enhancement.maps}
    return flat, units, status


def _necrotic_floor(given: _Given, found: _Found) -> float:
    """IAUGC60 up to which a voxel has no uptake; 0 where the frames do not cover the 60 s."""
    time_s, arrival_s, aif = given.dynamic.series.time_s, found.arrival_s, found.aif
    if found.voxels is None or arrival_s < time_s[0] or arrival_s + 60.0 > time_s[-1]:
        return 0.0
    noise = noise_floor_iaugc_mM_s(
        found.voxels.noise_sd_mM, time_s, given.timing.baseline.size, arrival_s, 60.0, given.settings.necrotic_sd
    )
    if aif is None or arrival_s < aif.time_s[0] or arrival_s + 60.0 > aif.time_s[-1]:
        return noise
    return max(noise, SMALLEST_UPTAKE * float(iaugc_mM_s(aif.plasma_mM, aif.time_s, arrival_s, 60.0)))


def _warnings(given: _Given, found: _Found, enhancement: Enhancement | None) -> tuple[str, ...]:
    of_vfa = given.vfa.warnings if given.vfa else ()
    of_enhancement = enhancement.warnings if enhancement else ()
    return (*given.dynamic.warnings, *of_vfa, *given.told, *given.timing.warnings, *found.warnings, *of_enhancement)
