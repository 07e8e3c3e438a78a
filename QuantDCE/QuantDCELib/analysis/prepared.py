"""Everything an analysis knows before the first voxel is fitted, whether that is of a volume, a slice or alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from HER2ImmunoCommonLib.geometry import Volume
from HER2ImmunoCommonLib.masks import Given
from HER2ImmunoCommonLib.progress import Report, part, tell

from ..arterial_input.aif import Aif
from ..arterial_input.plausible import on_clock_of, peak_warnings
from ..dicom.reading import DynamicImages, VfaImages, on_scale_of
from ..kinetics.stages import NoModel, ReferenceStage
from ..kinetics.voxelwise import Stage, Voxels, mean_of_measured
from ..voxels.chunks import MEMORY_MB
from ..voxels.regions import Regions, find_regions, shared_voxels
from .enhancement import SerFrames, find_frames
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
from .kinetics import model_stage, reference_fitter, voxels_of
from .own_units import in_own_units
from .result import iaugc_weights
from .sanity import artery_warnings
from .settings import GIVEN_M0, MEASURED_AIFS, DceSettings
from .timing import Timing, find_timing
from .tissue_t1 import GivenMaps, TissueT1, tissue_t1


@dataclass(frozen=True, eq=False)
class Prepared:
    """What the computation of every voxel has in common.

    Attributes
    ----------
    dynamic : DynamicImages
    settings : DceSettings
        In their own units.
    regions : Regions
    timing : Timing
        With the baseline frames.
    vfa : VfaImages or None
        On the scale of the dynamic series where that matters.
    memory_mb : float
        Most working memory, images and maps not counted.
    arrival_s : float
        On the clock of the frames.
    warnings : tuple of str
        Everything told so far.
    used : dict of str to object
        Values used, for the record.
    t1 : TissueT1 or None
        None where no concentration can be had; so are `voxels` and `stage`.
    voxels : Voxels or None
        Those of the maps, with what turns their signal into concentration.
    stage : Stage or None
        What is fitted to them.
    areas : dict of str to ndarray, shape (t,)
        Weights of the frames of IAUGC.
    aif : Aif or None
        None for a model without an arterial input.
    frames : SerFrames or None
        The frames that PE and SER compare; None where no such maps are wanted.
    """

    dynamic: DynamicImages
    settings: DceSettings
    regions: Regions
    timing: Timing
    vfa: VfaImages | None
    memory_mb: float
    arrival_s: float
    warnings: tuple[str, ...]
    used: dict[str, object] = field(default_factory=dict)
    t1: TissueT1 | None = None
    voxels: Voxels | None = None
    stage: Stage | None = None
    areas: dict[str, np.ndarray] = field(default_factory=dict)
    aif: Aif | None = None
    frames: SerFrames | None = None

    @property
    def time_s(self) -> np.ndarray:
        """Times (t,) of the frames."""
        return self.dynamic.series.time_s

    @property
    def baseline(self) -> np.ndarray:
        """Frames before the agent arrives."""
        return self.timing.baseline


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


@dataclass(frozen=True, eq=False)
class _Found:
    """What was found of it, with the remarks on that."""

    arrival_s: float
    warnings: tuple[str, ...]
    used: dict[str, object] = field(default_factory=dict)
    t1: TissueT1 | None = None
    voxels: Voxels | None = None
    stage: Stage | None = None
    areas: dict[str, np.ndarray] = field(default_factory=dict)
    aif: Aif | None = None


def prepare(
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
) -> Prepared:
    """Regions, baseline, T1, arrival, input and model of an analysis; the parameters and errors are those of `analyse`.

    Returns
    -------
    Prepared
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
    given = _Given(dynamic, settings, regions, timing, GivenMaps(t10, b1, m0), vfa, aif, memory_mb)
    found = _without_model(given, report) if sequence is None else _with_model(given, sequence, report)
    frames = None
    if settings.semi_quantitative or not settings.is_kinetic:
        frames = find_frames(series.time_s, settings, timing.baseline, found.arrival_s)
    of_images = (*dynamic.warnings, *(vfa.warnings if vfa else ()))
    warnings = (*of_images, *told, *timing.warnings, *found.warnings, *(frames.warnings if frames else ()))
    return Prepared(
        dynamic=dynamic,
        settings=settings,
        regions=regions,
        timing=timing,
        vfa=vfa,
        memory_mb=memory_mb,
        arrival_s=found.arrival_s,
        warnings=warnings,
        used=found.used,
        t1=found.t1,
        voxels=found.voxels,
        stage=found.stage,
        areas=found.areas,
        aif=found.aif,
        frames=frames,
    )


def _with_model(given: _Given, sequence: Sequence, report: Report | None) -> _Found:
    settings, series, timing = given.settings, given.dynamic.series, given.timing
    t1, voxels, warnings, used = _voxels(given, sequence, part(report, 0.0, 0.5))

    def mean_mM() -> np.ndarray:
        return mean_of_measured(voxels, part(report, 0.5, 0.75), memory_mb=given.memory_mb)

    by_file = settings.needs_aif and settings.aif == "file"
    arrival_s = find_arrival_s(
        settings, series.time_s, timing.curve, timing.baseline, mean_mM, given.aif if by_file else None
    )
    areas, short = iaugc_weights(series.time_s, arrival_s)
    if settings.needs_aif:
        aif, more = _input(given, sequence, t1, arrival_s, voxels.conversion.r1_per_mM_s)
        stage = model_stage(settings, series.time_s, aif)
    else:
        fitter = reference_fitter(series, settings, sequence, given.regions, t1, voxels, part(report, 0.75, 1.0))
        aif, more = None, [f"kep of the reference tissue was estimated as {fitter.kep_reference_per_min:.3g} /min."]
        stage = ReferenceStage(fitter)
    return _Found(arrival_s, (*warnings, *more, *short), used, t1, voxels, stage, areas, aif)


def _without_model(given: _Given, report: Report | None) -> _Found:
    """The arrival, and IAUGC where T1, TR and flip angle happen to be known."""
    settings, dynamic, timing = given.settings, given.dynamic, given.timing
    time_s = dynamic.series.time_s
    arrival_s = find_arrival_s(settings, time_s, timing.curve, timing.baseline)
    has_t1 = given.maps.t10 is not None or given.vfa is not None or settings.t10_s is not None
    has_sequence = (settings.tr_s or dynamic.tr_s) and (settings.flip_deg or dynamic.flip_deg)
    if not (has_t1 and has_sequence):
        return _Found(arrival_s, ("No IAUGC: it needs T1, TR and flip angle, to turn signal into concentration.",))
    t1, voxels, warnings, used = _voxels(given, sequence_of(dynamic, settings), report)
    areas, short = iaugc_weights(time_s, arrival_s)
    return _Found(arrival_s, (*warnings, *short), used, t1, voxels, NoModel(), areas)


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
