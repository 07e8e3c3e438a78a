"""What an analysis gives: maps, curves, the numbers of a visit, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.provenance import Provenance

from ..arterial_input.aif import Aif
from ..arterial_input.population import POPULATION_AIFS
from ..dicom.reading import DynamicImages, VfaImages
from ..enhancement.semiquant import integral_weights
from ..kinetics import models
from ..kinetics.reference_region import FORMULAS as REFERENCE_FORMULAS
from ..kinetics.stages import MODEL
from ..signal.t1 import T1Result
from ..voxels.status import Status
from .enhancement import Enhancement
from .roi_curve import RoiCurve
from .settings import BEST_MODEL, DceSettings
from .statistics import RegionStatistics

__all__ = ["DceResult", "RoiCurve", "iaugc_weights", "provenance", "volumes"]

IAUGC_S = (60, 90, 120)
VASCULAR_FRACTION = "Vascular fraction"


@dataclass(frozen=True, eq=False)
class DceResult:
    """Result of `analyse`.

    Attributes
    ----------
    maps : dict of str to ndarray, shape (k, j, i)
        float32: parameters of the model with rmse, r_squared and aicc; IAUGC60/90/120 and T10; PE, SER, wash_in,
        wash_out and TTP, which have a value wherever there is signal. uint8: `status`, `FTV` (SER bin, 0 outside) and,
        of a choice among models, `model` (from 1 in the order of the candidates, 0 for none).
    units : dict of str to str
    ijk_to_ras : ndarray, shape (4, 4)
    t1 : T1Result or None
        Of the flip angle images, shape (k, j, i).
    aif : Aif or None
        None for a model without an arterial input.
    roi : RoiCurve or None
        None where no voxel of the region was fitted.
    measurements : dict of str to float
        Columns of the measurement table.
    counts : dict of str to int
        Voxels of the region, fitted, failed, at a bound.
    baseline : ndarray of int
        Frames used as baseline.
    arrival_s, necrotic_floor_mM_s : float
    warnings : tuple of str
        Everything a person must know of the result.
    provenance : Provenance
    model_counts : dict of str to int
        Voxels of the region whose best model it is, where several were compared.
    enhancement : Enhancement or None
        Semi-quantitative measures.
    artery : ndarray of bool, shape (k, j, i), or None
        Where the input was measured.
    failures : dict of str to int
        Why voxels of the region have no value, in words, and how many.
    doubts : tuple of str
        Those of the warnings after which the numbers may be no measurement.
    measured_in : str
        What counts and measurements are of: the tumour, or the whole field of view where no region was given.
    statistics : RegionStatistics
        Numbers of every map over that region.
    """

    maps: dict[str, np.ndarray]
    units: dict[str, str]
    ijk_to_ras: np.ndarray
    t1: T1Result | None
    aif: Aif | None
    roi: RoiCurve | None
    measurements: dict[str, float]
    counts: dict[str, int]
    baseline: np.ndarray
    arrival_s: float
    necrotic_floor_mM_s: float
    warnings: tuple[str, ...]
    provenance: Provenance
    model_counts: dict[str, int] = field(default_factory=dict)
    enhancement: Enhancement | None = None
    artery: np.ndarray | None = None
    failures: dict[str, int] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    measured_in: str = "tumour"
    statistics: RegionStatistics = field(default_factory=RegionStatistics)


def iaugc_weights(time_s: np.ndarray, arrival_s: float) -> tuple[dict[str, np.ndarray], list[str]]:
    """Weights of the frames of IAUGC60, 90 and 120, and a warning about each that the frames do not cover."""
    weights, warnings = {}, []
    for duration in IAUGC_S:
        try:
            weights[f"IAUGC{duration}"] = integral_weights(time_s, arrival_s, arrival_s + duration)
        except InputError as error:
            warnings.append(f"No IAUGC{duration}: {error}")
    return weights, warnings


def volumes(flat: dict[str, np.ndarray], status: np.ndarray, computed: np.ndarray) -> dict[str, np.ndarray]:
    """Maps (k, j, i) from those of the computed voxels; NaN and OUTSIDE elsewhere."""
    maps = {}
    for name, values in flat.items():
        counted = name == MODEL
        maps[name] = np.full(computed.shape, 0 if counted else np.nan, np.uint8 if counted else np.float32)
        maps[name][computed] = np.nan_to_num(values) if counted else values
    maps["status"] = np.full(computed.shape, Status.OUTSIDE, np.uint8)
    maps["status"][computed] = status
    return maps


def provenance(
    dynamic: DynamicImages,
    vfa: VfaImages | None,
    settings: DceSettings,
    used: dict[str, object],
    aif: Aif | None,
    warnings: tuple[str, ...],
) -> Provenance:
    """Settings with the values found automatically, inputs and formulas."""
    inputs = {"dynamic": dynamic.uids, "vfa": vfa.uids if vfa else None, "aif": aif.source if aif else None}
    times = {"time_rule": dynamic.time_axis.rule, "time_s": dynamic.series.time_s, "field_t": dynamic.field_t}
    if dynamic.motion:
        times["motion"] = dynamic.motion
    return Provenance("QuantDCE", settings.to_dict() | used | times, inputs, tuple(_formulas(settings)), warnings)


def _formulas(settings: DceSettings) -> list[str]:
    formulas = []
    if settings.needs_aif:
        fitted = map(models.get, settings.fitted_models)
        formulas += [f"{model.label}: {model.formula}; {model.source}" for model in fitted]
        if settings.model == BEST_MODEL:
            formulas.append(
                "Model of a voxel: lowest AICc; Burnham & Anderson, Model Selection, 2nd ed., Springer (2002)"
            )
        if settings.aif in POPULATION_AIFS:
            formulas.append(f"Input: {POPULATION_AIFS[settings.aif].source}")
    elif settings.is_kinetic:
        formulas.append(REFERENCE_FORMULAS[settings.model])
    if settings.is_kinetic:
        formulas.append(vascular_formula(settings.vascular_ktrans_per_min))
        formulas.append("Necrotic fraction: fitted voxels whose IAUGC60 does not exceed its noise")
    if settings.semi_quantitative or not settings.is_kinetic:
        formulas.append("SER = (S_early - S_pre) / (S_late - S_pre); Hylton et al., Radiology 263:663 (2012)")
        formulas.append("Functional tumour volume: enhancing voxels with enhancing neighbours; Hylton et al. (2012)")
    return formulas


def vascular_formula(cut_per_min: float) -> str:
    """What the vascular fraction is, for the record."""
    return f"{VASCULAR_FRACTION}: fitted voxels with Ktrans of {cut_per_min:g} /min or more"
