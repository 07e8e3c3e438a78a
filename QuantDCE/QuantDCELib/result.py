"""What an analysis gives: maps, curves, the numbers of a visit, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.provenance import Provenance

from . import models
from .aif import Aif
from .fit import FitResult, fit_model
from .population import POPULATION_AIFS
from .reading import DynamicImages, VfaImages
from .semiquant import iaugc_mM_s
from .settings import DceSettings
from .status import Status, is_fitted
from .t1 import T1Result

IAUGC_S = (60, 90, 120)
UNITS = models.UNITS | {"rmse": "mM", "r_squared": "1", "aicc": "1", "T10": "s", "status": ""}
UNITS |= {f"IAUGC{duration}": "mM s" for duration in IAUGC_S}


@dataclass(frozen=True, eq=False)
class RoiCurve:
    """Mean concentration of the region with its fit.

    Attributes
    ----------
    time_s, concentration_mM, fitted_mM : ndarray, shape (t,)
    fit : FitResult
        Of the mean curve; shape ().
    """

    time_s: np.ndarray
    concentration_mM: np.ndarray
    fitted_mM: np.ndarray
    fit: FitResult


@dataclass(frozen=True, eq=False)
class DceResult:
    """Result of `analyse`.

    Attributes
    ----------
    maps : dict of str to ndarray, shape (k, j, i)
        Parameters, IAUGC60/90/120, T10, rmse, r_squared, aicc (float32), and `status` (uint8).
    units : dict of str to str
    ijk_to_ras : ndarray, shape (4, 4)
    t1 : T1Result or None
        Of the flip angle images, shape (k, j, i).
    aif : Aif
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
    provenance : Provenance
    """

    maps: dict[str, np.ndarray]
    units: dict[str, str]
    ijk_to_ras: np.ndarray
    t1: T1Result | None
    aif: Aif
    roi: RoiCurve | None
    measurements: dict[str, float]
    counts: dict[str, int]
    baseline: np.ndarray
    arrival_s: float
    necrotic_floor_mM_s: float
    warnings: tuple[str, ...]
    provenance: Provenance


def flat_maps(
    fit: FitResult, concentration_mM: np.ndarray, time_s: np.ndarray, arrival_s: float, status: np.ndarray
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Maps of the computed voxels (n,), NaN where not fitted, and warnings about those that are left out."""
    maps = dict(fit.parameters)
    warnings = []
    for duration in IAUGC_S:
        try:
            maps[f"IAUGC{duration}"] = iaugc_mM_s(concentration_mM, time_s, arrival_s, duration)
        except InputError as error:
            warnings.append(f"No IAUGC{duration}: {error}")
    maps |= {"rmse": fit.rmse, "r_squared": fit.r_squared, "aicc": fit.aicc}
    fitted = is_fitted(status)
    return {name: np.where(fitted, values, np.nan).astype(np.float32) for name, values in maps.items()}, warnings


def volumes(flat: dict[str, np.ndarray], status: np.ndarray, computed: np.ndarray) -> dict[str, np.ndarray]:
    """Maps (k, j, i) from those of the computed voxels; NaN and OUTSIDE elsewhere."""
    maps = {}
    for name, values in flat.items():
        maps[name] = np.full(computed.shape, np.nan, np.float32)
        maps[name][computed] = values
    maps["status"] = np.full(computed.shape, Status.OUTSIDE, np.uint8)
    maps["status"][computed] = status
    return maps


def roi_curve(model: str, time_s: np.ndarray, mean_mM: np.ndarray, aif: Aif) -> RoiCurve | None:
    """The mean curve of a region with its own fit; None where there is no curve."""
    if not np.isfinite(mean_mM).all():
        return None
    fit = fit_model(model, time_s, mean_mM, aif.plasma_mM, aif_time_s=aif.time_s)
    parameters = {name: float(value) for name, value in fit.parameters.items()}
    if not np.isfinite(parameters.get("kep", 0.0)):
        parameters["kep"] = 0.0
    fitted = models.curve(model, parameters, time_s, aif.plasma_mM, aif_time_s=aif.time_s)
    return RoiCurve(time_s, mean_mM, fitted, fit)


def provenance(
    dynamic: DynamicImages,
    vfa: VfaImages | None,
    settings: DceSettings,
    used: dict[str, object],
    aif: Aif,
    warnings: tuple[str, ...],
) -> Provenance:
    """Settings with the values found automatically, inputs and formulas."""
    model = models.get(settings.model)
    formulas = [f"{model.label}: {model.formula}; {model.source}"]
    if settings.aif in POPULATION_AIFS:
        formulas.append(f"Input: {POPULATION_AIFS[settings.aif].source}")
    formulas.append("vascular_fraction: voxels with Ktrans >= vascular_ktrans_per_min, of those fitted")
    formulas.append("necrotic_fraction: voxels with IAUGC60 <= necrotic_floor_mM_s, of those fitted")
    inputs = {"dynamic": dynamic.uids, "vfa": vfa.uids if vfa else None, "aif": aif.source}
    times = {"time_rule": dynamic.time_axis.rule, "time_s": dynamic.series.time_s, "field_t": dynamic.field_t}
    return Provenance("QuantDCE", settings.to_dict() | used | times, inputs, tuple(formulas), warnings)
