"""The mean curve of a region with its own fit and how certain that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from . import models
from .aif import Aif
from .fit import FitResult, fit_model
from .settings import DceSettings

CONFIDENCE = 0.95
STEP = 1e-4


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
    """

    time_s: np.ndarray
    concentration_mM: np.ndarray
    fitted_mM: np.ndarray
    fit: FitResult
    band_mM: np.ndarray | None = None


def fit_curve(settings: DceSettings, time_s: np.ndarray, mean_mM: np.ndarray, aif: Aif) -> RoiCurve | None:
    """The mean curve of a region with its own fit; None where there is no curve."""
    if not np.isfinite(mean_mM).all():
        return None
    fit = fit_model(
        settings.model,
        time_s,
        mean_mM,
        aif.plasma_mM,
        aif_time_s=aif.time_s,
        fit_delay=settings.fit_delay,
        delay_bounds_s=settings.delay_bounds_s,
    )
    parameters = {name: float(value) for name, value in fit.parameters.items()}
    if not np.isfinite(parameters.get("kep", 0.0)):
        parameters["kep"] = 0.0
    fitted = models.curve(settings.model, parameters, time_s, aif.plasma_mM, aif_time_s=aif.time_s)
    band = _band_mM(settings.model, fit, time_s, mean_mM - fitted, aif)
    return RoiCurve(time_s, mean_mM, fitted, fit, band)


def _band_mM(name: str, fit: FitResult, time_s: np.ndarray, rest: np.ndarray, aif: Aif) -> np.ndarray | None:
    """Half width of the confidence band: t-quantile x sqrt(s^2 j' (J'J)^-1 j), over the parameters off their bounds."""
    free = [key for key, error in fit.standard_errors.items() if np.isfinite(error) and key in _free(name)]
    values = {key: float(value) for key, value in fit.parameters.items() if key in _free(name)}
    degrees = time_s.size - len(free)
    if not free or degrees < 1 or not all(np.isfinite(value) for value in values.values()):
        return None
    slopes = []
    for key in free:
        step = STEP * max(abs(values[key]), STEP)
        sides = [
            models.curve(name, values | {key: values[key] + sign * step}, time_s, aif.plasma_mM, aif_time_s=aif.time_s)
            for sign in (1, -1)
        ]
        slopes.append((sides[0] - sides[1]) / (2 * step))
    jacobian = np.array(slopes).T
    covariance = np.linalg.pinv(jacobian.T @ jacobian) * float(rest @ rest) / degrees
    variance = np.einsum("tp,pq,tq->t", jacobian, covariance, jacobian)
    return float(student.ppf(0.5 + CONFIDENCE / 2, degrees)) * np.sqrt(np.maximum(variance, 0.0))


def _free(name: str) -> tuple[str, ...]:
    model = models.get(name)
    return (*model.parameters[: model.n_free], "delay_s")
