"""The steady-state signal of a spoiled gradient echo (SPGR, FLASH) and its inversion."""

from __future__ import annotations

import math

import numpy as np
from HER2ImmunoCommonLib.errors import InputError


def spgr_signal(r1_per_s: np.ndarray, *, tr_s: float, flip_deg: float, m0: np.ndarray | float = 1.0) -> np.ndarray:
    """Signal of a spoiled gradient echo in its steady state.

    Parameters
    ----------
    r1_per_s : ndarray
        Longitudinal relaxation rate.
    tr_s, flip_deg : float or ndarray
        Repetition time and flip angle.
    m0 : ndarray or float
        Equilibrium signal.

    Returns
    -------
    ndarray
        `m0 sin(a) (1 - E1) / (1 - cos(a) E1)` with `E1 = exp(-TR R1)`.

    References
    ----------
    Haase et al., J Magn Reson 67:258 (1986).
    """
    return m0 * np.sin(np.deg2rad(flip_deg)) * steady_state(r1_per_s, tr_s=tr_s, flip_deg=flip_deg)


def steady_state(r1_per_s: np.ndarray, *, tr_s: float, flip_deg: float | np.ndarray) -> np.ndarray:
    """Signal as a fraction of its ceiling `m0 sin(a)`; parameters as `spgr_signal`."""
    e1 = np.exp(-tr_s * np.asarray(r1_per_s))
    return (1.0 - e1) / (1.0 - np.cos(np.deg2rad(flip_deg)) * e1)


def r1_from_relative_signal(relative: np.ndarray, *, tr_s: float, flip_deg: float | np.ndarray) -> np.ndarray:
    """Relaxation rate from the signal as a fraction of its ceiling `m0 sin(a)`.

    Parameters
    ----------
    relative : ndarray
        Signal / (m0 sin(a)); below 1. Negative values give negative rates.
    tr_s : float
    flip_deg : float or ndarray

    Returns
    -------
    ndarray
        1/s; NaN at or above the ceiling.
    """
    cosine = np.cos(np.deg2rad(flip_deg))
    numerator, denominator = 1.0 - relative, 1.0 - cosine * relative
    possible = (numerator > 0) & (denominator > 0)
    ratio = np.divide(denominator, numerator, out=np.full(np.shape(relative), np.nan), where=possible)
    return np.log(ratio) / tr_s


def check_sequence(tr_s: float, flip_deg: float) -> None:
    """Refuse a repetition time or flip angle that no SPGR sequence has.

    Raises
    ------
    InputError
    """
    if not (math.isfinite(tr_s) and tr_s > 0):
        raise InputError(f"The repetition time is {tr_s} s; give the TR of the sequence in seconds, above 0.")
    if not (math.isfinite(flip_deg) and 0 < flip_deg < 180):
        raise InputError(f"The flip angle is {flip_deg} degrees; give the angle of the sequence, between 0 and 180.")
