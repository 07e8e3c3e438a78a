"""Measures of enhancement that need no model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.errors import InputError


def integral_weights(time_s: np.ndarray, start_s: float, stop_s: float) -> np.ndarray:
    """Weights w of the frames so that `curve @ w` is the integral of the curve, linear between frames.

    Parameters
    ----------
    time_s : ndarray, shape (t,)
    start_s, stop_s : float
        Limits, within the frames.

    Raises
    ------
    InputError
        If the frames do not cover the limits.
    """
    time_s = np.asarray(time_s, dtype=np.float64)
    if start_s < time_s[0] or stop_s > time_s[-1]:
        raise InputError(
            f"The frames from {time_s[0]:g} to {time_s[-1]:g} s do not cover {start_s:g} to {stop_s:g} s; "
            "choose a shorter interval or a later arrival."
        )
    inside = time_s[(time_s > start_s) & (time_s < stop_s)]
    nodes = np.concatenate([[start_s], inside, [stop_s]])
    node_weights = np.zeros(nodes.size)
    node_weights[:-1] += 0.5 * np.diff(nodes)
    node_weights[1:] += 0.5 * np.diff(nodes)
    left = np.clip(np.searchsorted(time_s, nodes, side="right") - 1, 0, time_s.size - 2)
    part = (nodes - time_s[left]) / (time_s[left + 1] - time_s[left])
    weights = np.zeros(time_s.size)
    np.add.at(weights, left, node_weights * (1 - part))
    np.add.at(weights, left + 1, node_weights * part)
    return weights


def iaugc_mM_s(concentration_mM: np.ndarray, time_s: np.ndarray, arrival_s: float, duration_s: float) -> np.ndarray:
    """Initial area under the concentration curve, from arrival on, in mM s.

    Parameters
    ----------
    concentration_mM : ndarray, shape (..., t)
    time_s : ndarray, shape (t,)
    arrival_s, duration_s : float

    References
    ----------
    Evelhoch, J Magn Reson Imaging 10:254 (1999).
    """
    weights = integral_weights(time_s, arrival_s, arrival_s + duration_s)
    used = np.flatnonzero(weights)
    return np.asarray(concentration_mM)[..., used] @ weights[used].astype(np.asarray(concentration_mM).dtype)


def percent_enhancement(signal: np.ndarray, baseline: Sequence[int], frame: int) -> np.ndarray:
    """Rise of the signal (..., t) from its baseline to `frame`, in percent of the baseline; NaN without baseline."""
    signal = np.asarray(signal, dtype=np.float64)
    before = signal[..., list(baseline)].mean(axis=-1)
    valid = before > 0
    return 100.0 * np.divide(signal[..., frame] - before, before, out=np.full(before.shape, np.nan), where=valid)


def signal_enhancement_ratio(signal: np.ndarray, baseline: Sequence[int], early: int, late: int) -> np.ndarray:
    """SER = (S_early - S_pre) / (S_late - S_pre) of the signal (..., t); NaN where there is no late enhancement.

    References
    ----------
    Hylton et al., Radiology 263:663 (2012).
    """
    signal = np.asarray(signal, dtype=np.float64)
    before = signal[..., list(baseline)].mean(axis=-1)
    rise = signal[..., late] - before
    return np.divide(signal[..., early] - before, rise, out=np.full(before.shape, np.nan), where=rise != 0)


def time_to_peak_s(concentration_mM: np.ndarray, time_s: np.ndarray, arrival_s: float) -> np.ndarray:
    """Time from arrival to the highest frame; NaN where a frame is NaN."""
    concentration_mM = np.asarray(concentration_mM)
    finite = np.isfinite(concentration_mM).all(axis=-1)
    peak = np.argmax(np.where(finite[..., None], concentration_mM, 0.0), axis=-1)
    return np.where(finite, np.asarray(time_s)[peak] - arrival_s, np.nan)
