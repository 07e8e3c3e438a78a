"""The fit of one curve with its confidence band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

from . import models
from .fit import FitResult, fit_model

RELATIVE_STEP = 1e-5
SMALLEST_STEP = 1e-8


@dataclass(frozen=True, eq=False)
class FitBand:
    """A fitted curve.

    Attributes
    ----------
    fitted_mM, standard_error_mM, low_mM, high_mM : ndarray, shape (t,)
        The curve, its standard error and the ends of the confidence interval at each frame.
    fit : FitResult
        Shape ().
    """

    fitted_mM: np.ndarray
    standard_error_mM: np.ndarray
    low_mM: np.ndarray
    high_mM: np.ndarray
    fit: FitResult


def fit_band(
    name: str,
    time_s: np.ndarray,
    concentration_mM: np.ndarray,
    aif_plasma_mM: np.ndarray,
    *,
    aif_time_s: np.ndarray | None = None,
    fit_delay: bool = False,
    delay_bounds_s: tuple[float, float] = (-10.0, 10.0),
    level: float = 0.95,
) -> FitBand:
    """Fit one curve, such as the mean of a region, with the pointwise confidence band of the fitted curve.

    The band is `J s^2 (J'J)^-1 J'` of the parameters that are not at a bound, with Student's t. It tells where the
    curve of the model lies, not where single measurements scatter.

    Parameters
    ----------
    name, time_s, aif_plasma_mM, aif_time_s, fit_delay, delay_bounds_s
        As `fit_model`.
    concentration_mM : ndarray, shape (t,)
    level : float
        Confidence, between 0 and 1.

    Returns
    -------
    FitBand
        NaN where the curve could not be fitted.

    Raises
    ------
    InputError

    References
    ----------
    Bates & Watts, Nonlinear Regression Analysis and Its Applications, Wiley (1988).
    """
    if not 0 < level < 1:
        raise InputError(f"The confidence level is {level}; give a number between 0 and 1, such as 0.95.")
    if np.ndim(concentration_mM) != 1:
        raise InputError("A confidence band is of one curve; give the mean curve of the region.")
    options = {"aif_time_s": aif_time_s}
    fit = fit_model(
        name,
        time_s,
        concentration_mM,
        aif_plasma_mM,
        **options,
        fit_delay=fit_delay,
        delay_bounds_s=delay_bounds_s,
        threads=1,
    )
    values = {key: float(value) for key, value in fit.parameters.items() if key != "kep"}
    if not np.isfinite(values["Ktrans"]):
        return FitBand(*np.full((4, np.size(time_s)), np.nan), fit)

    def curve(parameters: dict[str, float]) -> np.ndarray:
        return models.curve(name, parameters, time_s, aif_plasma_mM, **options)

    free = [key for key in _independent(name, fit) if np.isfinite(fit.standard_errors[key])]
    fitted = curve(values)
    columns = [_slope(curve, values, key) for key in free]
    degrees = np.size(time_s) - len(_independent(name, fit))
    error = _propagated(np.array(columns).reshape(-1, fitted.size)) * float(fit.rmse) * np.sqrt(fitted.size / degrees)
    from scipy import stats  # slow to load

    half = stats.t.ppf(0.5 + 0.5 * level, degrees) * error
    return FitBand(fitted, error, fitted - half, fitted + half, fit)


def _independent(name: str, fit: FitResult) -> list[str]:
    """Reported parameters that determine the curve."""
    derived = ("Ktrans", "kep") if name in models.TWO_COMPARTMENTS else ("kep", "PS")
    return [key for key in fit.parameters if key not in derived]


def _slope(curve: Callable[[dict[str, float]], np.ndarray], values: dict[str, float], key: str) -> np.ndarray:
    step = max(RELATIVE_STEP * abs(values[key]), SMALLEST_STEP)
    up, down = (curve(values | {key: values[key] + sign * step}) for sign in (1, -1))
    return (up - down) / (2 * step)


def _propagated(columns: np.ndarray) -> np.ndarray:
    """Standard error of the curve for residuals of 1: length of each frame's row in the space the columns span."""
    if not len(columns):
        return np.zeros(columns.shape[1])
    scale = np.linalg.norm(columns, axis=1, keepdims=True)
    _, singular, rows = np.linalg.svd(columns / np.where(scale > 0, scale, 1.0), full_matrices=False)
    return np.sqrt((rows[singular > 1e-9 * singular[0]] ** 2).sum(axis=0))
