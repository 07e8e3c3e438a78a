"""What is fitted to the computed voxels: one model, the best of several, or one with a reference tissue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.progress import Report

from ..arterial_input.aif import Aif
from ..kinetics import models
from ..kinetics.fitter import ERROR, fields_of, make_fitter
from ..kinetics.reference_region import RELATIVE_UNITS, ReferenceFitter, checked_reference, kep_of_reference
from ..kinetics.signal_fit import SignalStage, make_signal_model
from ..kinetics.stages import MODEL, WEIGHT, ChoiceStage, ModelStage, wanted_fields
from ..kinetics.voxelwise import Stage, Voxels
from ..signal.concentration import concentration_from_signal, make_conversion
from ..voxels.regions import Regions, mean_curve
from ..voxels.status import Status
from .inputs import Sequence
from .settings import EXTENDED_REFERENCE, FITTED_M0, DceSettings
from .tissue_t1 import TissueT1

UNITS = {**models.UNITS, **RELATIVE_UNITS, "rmse": "mM", "r_squared": "1", "aicc": "1", MODEL: "", WEIGHT: "1"}


def units_of(names) -> dict[str, str]:
    """Unit of each map."""
    return {name: UNITS[name.removesuffix(ERROR)] for name in names}


def voxels_of(
    series: TimeSeries,
    sequence: Sequence,
    regions: Regions,
    baseline: np.ndarray,
    t1: TissueT1,
    r1_per_mM_s: float,
) -> Voxels:
    """The computed voxels with what turns their signal into concentration."""
    computed = np.flatnonzero(regions.computed)
    flat = series.array.reshape(-1, series.time_s.size)
    conversion = make_conversion(
        (computed.size, series.time_s.size),
        tr_s=sequence.tr_s,
        flip_deg=sequence.flip_deg,
        t10_s=t1.t10_s[regions.computed],
        r1_per_mM_s=r1_per_mM_s,
        baseline=baseline,
        m0=None if t1.m0 is None else t1.m0[regions.computed],
        b1=None if t1.b1 is None else t1.b1[regions.computed],
    )
    return Voxels(flat, computed, conversion, regions.measured[regions.computed])


def model_stage(settings: DceSettings, time_s: np.ndarray, aif: Aif) -> Stage:
    """The model of the settings, or several of which each voxel keeps the best."""
    stages = [_one_model(name, settings, time_s, aif) for name in settings.fitted_models]
    return stages[0] if settings.model in models.MODELS else ChoiceStage(stages)


def _one_model(name: str, settings: DceSettings, time_s: np.ndarray, aif: Aif) -> Stage:
    options = {"aif_time_s": aif.time_s, "fit_delay": settings.fit_delay, "delay_bounds_s": settings.delay_bounds_s}
    if settings.m0 == FITTED_M0:
        model, refiner = make_signal_model(name, time_s, aif.plasma_mM, **options)
        fields = wanted_fields(fields_of(model), standard_errors=settings.standard_errors)
        return SignalStage(model, refiner, fields)
    fitter = make_fitter(name, time_s, aif.plasma_mM, **options)
    return ModelStage(fitter, wanted_fields(fitter.fields, standard_errors=settings.standard_errors))


def reference_fitter(
    series: TimeSeries,
    settings: DceSettings,
    sequence: Sequence,
    regions: Regions,
    t1: TissueT1,
    voxels: Voxels,
    report: Report | None,
) -> ReferenceFitter:
    """A reference region model with the kep of the reference that the computed voxels agree on.

    Raises
    ------
    InputError
        If no reference tissue was given, or its signal gives no concentration.
    """
    if regions.reference is None:
        raise InputError("The reference region model was chosen but no reference tissue was given; name its mask.")
    inside = regions.reference
    curve = concentration_from_signal(
        mean_curve(series.array, inside, "reference tissue"),
        tr_s=sequence.tr_s,
        flip_deg=sequence.flip_deg,
        t10_s=t1.median_t10_s(inside, "reference tissue"),
        r1_per_mM_s=voxels.conversion.r1_per_mM_s,
        baseline=voxels.conversion.baseline,
        b1=t1.mean_b1(inside, "reference tissue"),
    ).concentration_mM
    minutes, reference = checked_reference(series.time_s, curve)

    def curves_of(rows: slice) -> np.ndarray:
        piece = voxels.piece(rows)
        return np.where((piece.status == Status.OK)[:, None], piece.curves_mM, np.nan)

    with_plasma = settings.model == EXTENDED_REFERENCE
    kep = kep_of_reference(minutes, curves_of, voxels.chosen.size, reference, with_plasma, report)
    return ReferenceFitter(minutes, reference, with_plasma, kep)


def with_errors(stage: Stage) -> Stage:
    """The same with the maps of standard errors, where its models have them."""
    if isinstance(stage, ChoiceStage):
        return ChoiceStage([with_errors(one) for one in stage.stages])
    if isinstance(stage, SignalStage):
        return replace(stage, fields=tuple(fields_of(stage.model)))
    if isinstance(stage, ModelStage):
        return replace(stage, fields=tuple(stage.fitter.fields))
    return stage


def absolute_maps(maps: dict[str, np.ndarray], reference_ktrans_per_min: float | None) -> dict[str, np.ndarray]:
    """Ktrans, ve and vp of maps relative to a reference tissue whose Ktrans is known; none where it is not."""
    if reference_ktrans_per_min is None or "Ktrans_rel" not in maps:
        return {}
    ktrans, kep = maps["Ktrans_rel"] * reference_ktrans_per_min, maps["kep"]
    absolute = {"Ktrans": ktrans, "ve": np.divide(ktrans, kep, out=np.full(kep.shape, np.nan), where=kep > 0)}
    if "vp_rel" in maps:
        absolute["vp"] = maps["vp_rel"] * reference_ktrans_per_min
    return absolute
