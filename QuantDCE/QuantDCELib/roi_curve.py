"""The mean curve of a region with its own fit and how certain that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .aif import Aif
from .band import fit_band
from .fit import FitResult
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
    found = fit_band(
        settings.model,
        time_s,
        mean_mM,
        aif.plasma_mM,
        aif_time_s=aif.time_s,
        fit_delay=settings.fit_delay,
        delay_bounds_s=settings.delay_bounds_s,
    )
    return RoiCurve(time_s, mean_mM, found.fitted_mM, found.fit, 0.5 * (found.high_mM - found.low_mM))
