"""The mean curve of a region with its own fit and how certain that is."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..arterial_input.aif import Aif
from ..kinetics.band import fit_band
from ..kinetics.choice import akaike_weights
from ..kinetics.fit import FitResult
from ..kinetics.reference_region import RELATIVE_UNITS, ReferenceFitter
from .settings import DceSettings


@dataclass(frozen=True, eq=False)
class RoiCurve:
    """Mean concentration of the region with its fit.

    Attributes
    ----------
    time_s, concentration_mM, fitted_mM : ndarray, shape (t,)
    fit : FitResult
        Of the mean curve; shape ().
    band_mM : ndarray, shape (t,), optional
        Half width of the 95 % confidence band of the fitted curve.
    model : str
    weights : dict of str to float
        Akaike weight of each model that was compared; empty where there was one.
    """

    time_s: np.ndarray
    concentration_mM: np.ndarray
    fitted_mM: np.ndarray
    fit: FitResult
    band_mM: np.ndarray | None = None
    model: str = ""
    weights: dict[str, float] = field(default_factory=dict)


def fit_curve(settings: DceSettings, time_s: np.ndarray, mean_mM: np.ndarray, aif: Aif) -> RoiCurve | None:
    """The mean curve of a region with its own fit, by the best of the models; None where there is no curve."""
    if not np.isfinite(mean_mM).all():
        return None
    bands = {
        name: fit_band(
            name,
            time_s,
            mean_mM,
            aif.plasma_mM,
            aif_time_s=aif.time_s,
            fit_delay=settings.fit_delay,
            delay_bounds_s=settings.delay_bounds_s,
        )
        for name in settings.fitted_models
    }
    weights = dict(zip(bands, akaike_weights(np.array([float(band.fit.aicc) for band in bands.values()])), strict=True))
    best = max(weights, key=weights.get)
    found, compared = bands[best], {name: float(weight) for name, weight in weights.items()} if len(bands) > 1 else {}
    return RoiCurve(time_s, mean_mM, found.fitted_mM, found.fit, 0.5 * (found.high_mM - found.low_mM), best, compared)


def reference_curve(
    settings: DceSettings, time_s: np.ndarray, mean_mM: np.ndarray, fitter: ReferenceFitter
) -> RoiCurve | None:
    """The mean curve fitted with the kep of the reference that all voxels share; None where there is no curve."""
    if not np.isfinite(mean_mM).all():
        return None
    maps, status = fitter(mean_mM[None])
    parameters = {name: values[0] for name, values in maps.items() if name in RELATIVE_UNITS}
    fit = FitResult(parameters, {}, maps["rmse"][0], maps["r_squared"][0], np.float64(np.nan), status[0])
    return RoiCurve(time_s, mean_mM, fitter.curve(maps)[0], fit, model=settings.model)
