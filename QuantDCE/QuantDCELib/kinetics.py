"""From the signal of the computed voxels to the maps of a kinetic model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.progress import Report

from . import models
from .aif import Aif
from .concentration import concentration_from_signal
from .fit import FitResult, fit_model
from .inputs import Sequence
from .reference_region import RELATIVE_UNITS, ReferenceFit, fit_reference_region
from .regions import Regions, mean_curve
from .roi_curve import RoiCurve, fit_curve
from .settings import DceSettings
from .status import Status

ROUNDING_MM = 1e-9


@dataclass(frozen=True, eq=False)
class Curves:
    """Concentration of the computed voxels (n, t), which of them are measured, and the mean of those (t,)."""

    concentration_mM: np.ndarray
    status: np.ndarray
    measured: np.ndarray
    mean_mM: np.ndarray


@dataclass(frozen=True, eq=False)
class Kinetics:
    """Maps (n,) of a model, their units, the status of each voxel, and the fit of the mean curve."""

    maps: dict[str, np.ndarray]
    units: dict[str, str]
    status: np.ndarray
    roi: RoiCurve | None
    remarks: tuple[str, ...] = ()


def concentrations(
    series: TimeSeries,
    settings: DceSettings,
    sequence: Sequence,
    regions: Regions,
    baseline: np.ndarray,
    t10_s: np.ndarray,
    r1_per_mM_s: float,
    report: Report | None,
) -> Curves:
    """Concentration in the computed voxels."""
    found = concentration_from_signal(
        series.array[regions.computed],
        tr_s=sequence.tr_s,
        flip_deg=sequence.flip_deg,
        t10_s=t10_s[regions.computed],
        r1_per_mM_s=r1_per_mM_s,
        baseline=baseline,
        report=report,
    )
    # Rounding of a signal that is constant is no uptake; a fit would find a kep in it.
    quiet = (found.concentration_mM.max(axis=1) < ROUNDING_MM) & (found.concentration_mM.min(axis=1) > -ROUNDING_MM)
    found.concentration_mM[quiet] = 0.0
    measured = regions.measured[regions.computed]
    usable = measured & (found.status == Status.OK)
    mean_mM = np.full(series.time_s.size, np.nan)
    if usable.any():
        mean_mM = found.concentration_mM[usable].mean(axis=0, dtype=np.float64)
    return Curves(found.concentration_mM, found.status, measured, mean_mM)


def fit_voxels(series: TimeSeries, settings: DceSettings, curves: Curves, aif: Aif, report: Report | None) -> Kinetics:
    """A model with an arterial input, in every voxel and in the mean curve."""
    fit = fit_model(
        settings.model,
        series.time_s,
        curves.concentration_mM,
        aif.plasma_mM,
        aif_time_s=aif.time_s,
        fit_delay=settings.fit_delay,
        delay_bounds_s=settings.delay_bounds_s,
        report=report,
    )
    status = np.where(curves.status == Status.OK, fit.status, curves.status).astype(np.uint8)
    maps = dict(fit.parameters) | {"rmse": fit.rmse, "r_squared": fit.r_squared, "aicc": fit.aicc}
    units = {name: models.UNITS[name] for name in fit.parameters} | {"rmse": "mM", "r_squared": "1", "aicc": "1"}
    if settings.standard_errors:
        maps |= {f"{name}_se": values for name, values in fit.standard_errors.items()}
        units |= {f"{name}_se": models.UNITS[name] for name in fit.standard_errors}
    return Kinetics(maps, units, status, fit_curve(settings, series.time_s, curves.mean_mM, aif))


def fit_to_reference(
    series: TimeSeries,
    settings: DceSettings,
    sequence: Sequence,
    regions: Regions,
    curves: Curves,
    baseline: np.ndarray,
    t10_s: np.ndarray,
    r1_per_mM_s: float,
    report: Report | None,
) -> Kinetics:
    """A model whose input is the curve of a reference tissue.

    Raises
    ------
    InputError
        If no reference tissue was given, or its signal gives no concentration.
    """
    if regions.reference is None:
        raise InputError("The reference region model was chosen but no reference tissue was given; name its mask.")
    reference = concentration_from_signal(
        mean_curve(series.array, regions.reference, "reference tissue"),
        tr_s=sequence.tr_s,
        flip_deg=sequence.flip_deg,
        t10_s=float(np.nanmedian(t10_s[regions.reference])),
        r1_per_mM_s=r1_per_mM_s,
        baseline=baseline,
    ).concentration_mM
    with_plasma = settings.model == "extended_reference_region"
    good = curves.status == Status.OK
    usable = np.where(good[:, None], curves.concentration_mM, np.nan)
    fit = fit_reference_region(series.time_s, usable, reference, with_plasma=with_plasma, report=report)
    maps, units = dict(fit.parameters), {name: RELATIVE_UNITS[name] for name in fit.parameters}
    if settings.reference_ktrans_per_min is not None:
        maps |= _absolute(fit, settings.reference_ktrans_per_min)
        units |= {name: models.UNITS[name] for name in ("Ktrans", "ve", "vp") if name in maps}
    maps |= {"rmse": fit.rmse, "r_squared": fit.r_squared}
    units |= {"rmse": "mM", "r_squared": "1"}
    status = np.where(good, fit.status, curves.status).astype(np.uint8)
    remark = f"kep of the reference tissue was estimated as {fit.kep_reference_per_min:.3g} /min."
    roi = _reference_curve(series.time_s, curves.mean_mM, reference, fit, with_plasma)
    return Kinetics(maps, units, status, roi, (remark,))


def _absolute(fit: ReferenceFit, reference_ktrans_per_min: float) -> dict[str, np.ndarray]:
    ktrans, kep = fit.parameters["Ktrans_rel"] * reference_ktrans_per_min, fit.parameters["kep"]
    maps = {"Ktrans": ktrans, "ve": np.divide(ktrans, kep, out=np.full(kep.shape, np.nan), where=kep > 0)}
    if "vp_rel" in fit.parameters:
        maps["vp"] = fit.parameters["vp_rel"] * reference_ktrans_per_min
    return maps


def _reference_curve(
    time_s: np.ndarray, mean_mM: np.ndarray, reference_mM: np.ndarray, fit: ReferenceFit, with_plasma: bool
) -> RoiCurve | None:
    """The mean curve fitted with the kep of the reference that all voxels share."""
    if not np.isfinite(mean_mM).all():
        return None
    found = fit_reference_region(
        time_s,
        mean_mM[None],
        reference_mM,
        with_plasma=with_plasma,
        kep_reference_per_min=fit.kep_reference_per_min,
    )
    parameters = {name: values[0] for name, values in found.parameters.items()}
    result = FitResult(parameters, {}, found.rmse[0], found.r_squared[0], np.float64(np.nan), found.status[0])
    return RoiCurve(time_s, mean_mM, found.fitted_mM[0].astype(np.float64), result)
