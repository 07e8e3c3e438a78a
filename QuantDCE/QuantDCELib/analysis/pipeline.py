"""From a dynamic series to maps and one visit's measurements: what the panel, the command and the study call."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.masks import Given
from HER2ImmunoCommonLib.progress import Report, part

from ..arterial_input.aif import Aif
from ..dicom.reading import DynamicImages, VfaImages
from ..enhancement.semiquant import iaugc_mM_s
from ..kinetics.stages import MODEL
from ..kinetics.voxelwise import VoxelMaps, run
from ..voxels.chunks import MEMORY_MB
from ..voxels.regions import WHOLE_FIELD
from .enhancement import UNITS as ENHANCEMENT_UNITS
from .enhancement import Enhancement, find_enhancement
from .measures import SMALLEST_UPTAKE, counts, model_counts, noise_floor_iaugc_mM_s, visit_values
from .prepared import Prepared, prepare
from .result import DceResult, provenance, volumes
from .roi_curve import RoiCurve, fit_curve, reference_curve
from .sanity import failures, fit_warnings
from .settings import DceSettings
from .statistics import RegionStatistics, region_statistics
from .voxel_maps import Made, flat_maps, measured_t10_s

PREPARED, FITTED = 0.36, 0.85
"""Shares of the time that the preparation takes, and that the fit takes of the rest."""


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
    prepared = prepare(
        dynamic,
        settings,
        tumour_mask=tumour_mask,
        t10=t10,
        vfa=vfa,
        b1=b1,
        m0=m0,
        aif_mask=aif_mask,
        aif=aif,
        reference_mask=reference_mask,
        report=part(report, 0.0, PREPARED),
        memory_mb=memory_mb,
    )
    return compute(prepared, part(report, PREPARED, 1.0))


def compute(prepared: Prepared, report: Report | None = None) -> DceResult:
    """Maps and measurements of an analysis that is prepared."""
    done = None
    if prepared.voxels is not None:
        fitting = part(report, 0.0, FITTED)
        done = run(prepared.voxels, prepared.stage, prepared.areas, fitting, memory_mb=prepared.memory_mb)
    enhancement = None
    if prepared.frames is not None:
        enhancement = find_enhancement(
            prepared.dynamic.series,
            prepared.settings,
            prepared.regions,
            prepared.baseline,
            prepared.arrival_s,
            prepared.frames,
            part(report, FITTED, 1.0),
        )
    return _result(prepared, done, enhancement)


def _result(prepared: Prepared, done: VoxelMaps | None, enhancement: Enhancement | None) -> DceResult:
    settings, series, regions = prepared.settings, prepared.dynamic.series, prepared.regions
    t10_s = measured_t10_s(prepared, regions.computed)
    found = flat_maps(settings, prepared.areas, *_made(done, enhancement), t10_s)
    flat, units, status = found.maps, found.units, found.status
    inside, floor = regions.measured[regions.computed], _necrotic_floor(prepared, done)
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
    baseline, t1 = prepared.baseline, prepared.t1
    unknown = {"tr_s": prepared.dynamic.tr_s, "flip_deg": prepared.dynamic.flip_deg}
    used = {**unknown, **prepared.used, "baseline": baseline, "arrival_s": prepared.arrival_s}
    used |= {"necrotic_floor_mM_s": floor}
    if enhancement is not None and enhancement.ftv is not None:
        maps["FTV"], units["FTV"] = enhancement.ftv.bins, ENHANCEMENT_UNITS["FTV"]
        values["ftv_cm3"] = enhancement.ftv.volume_cm3
        used |= {"ser_frames": [enhancement.early, enhancement.late]}
        used |= {"ftv_background_signal": enhancement.ftv.background_signal}
    units = units | {"status": ""}
    ktrans = flat["Ktrans"][inside] if "Ktrans" in flat and settings.is_kinetic else None
    doubts = fit_warnings(series, regions, baseline, status[inside], ktrans)
    warnings = (*_warnings(prepared, enhancement), *doubts)
    return DceResult(
        maps=maps,
        units=units,
        ijk_to_ras=series.ijk_to_ras,
        t1=t1.fit if t1 else None,
        aif=prepared.aif,
        roi=_roi_curve(prepared, done),
        measurements=values,
        counts=counts(status[inside]),
        failures=failures(status[inside]),
        measured_in=regions.measured_in,
        statistics=_statistics(prepared, maps, units),
        baseline=baseline,
        arrival_s=prepared.arrival_s,
        necrotic_floor_mM_s=floor,
        warnings=warnings,
        doubts=doubts,
        provenance=provenance(prepared.dynamic, prepared.vfa, settings, used, prepared.aif, warnings),
        model_counts=chosen,
        enhancement=enhancement,
        artery=prepared.timing.artery if settings.needs_aif and settings.aif in ("auto", "roi") else None,
    )


def _statistics(prepared: Prepared, maps: dict[str, np.ndarray], units: dict[str, str]) -> RegionStatistics:
    settings, volume_cm3 = prepared.settings, prepared.dynamic.series.frame(0).voxel_volume_cm3
    return region_statistics(
        maps,
        units,
        prepared.regions.measured,
        voxel_volume_cm3=volume_cm3,
        candidates=settings.fitted_models,
        ser_bins=settings.ftv_ser_bins,
    )


def _made(done: VoxelMaps | None, enhancement: Enhancement | None) -> tuple[Made | None, Made | None]:
    fitted = None if done is None else (done.maps, done.status)
    return fitted, None if enhancement is None else (enhancement.maps, enhancement.status)


def _roi_curve(prepared: Prepared, done: VoxelMaps | None) -> RoiCurve | None:
    """The mean curve of the region with its own fit; None without a model."""
    settings, stage = prepared.settings, prepared.stage
    if done is None or not settings.is_kinetic:
        return None
    if prepared.aif is not None:
        return fit_curve(settings, prepared.time_s, done.mean_mM, prepared.aif)
    return reference_curve(settings, prepared.time_s, done.mean_mM, stage.fitter)


def _necrotic_floor(prepared: Prepared, done: VoxelMaps | None) -> float:
    """IAUGC60 up to which a voxel has no uptake; 0 where the frames do not cover the 60 s."""
    time_s, arrival_s, aif = prepared.time_s, prepared.arrival_s, prepared.aif
    if done is None or arrival_s < time_s[0] or arrival_s + 60.0 > time_s[-1]:
        return 0.0
    noise = noise_floor_iaugc_mM_s(
        done.noise_sd_mM, time_s, prepared.baseline.size, arrival_s, 60.0, prepared.settings.necrotic_sd
    )
    if aif is None or arrival_s < aif.time_s[0] or arrival_s + 60.0 > aif.time_s[-1]:
        return noise
    return max(noise, SMALLEST_UPTAKE * float(iaugc_mM_s(aif.plasma_mM, aif.time_s, arrival_s, 60.0)))


def _warnings(prepared: Prepared, enhancement: Enhancement | None) -> tuple[str, ...]:
    """What was told before the fit, and of the functional tumour volume after it."""
    told = () if enhancement is None else enhancement.warnings[len(prepared.frames.warnings) :]
    return (*prepared.warnings, *told)
