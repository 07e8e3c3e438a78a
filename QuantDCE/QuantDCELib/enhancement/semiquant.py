"""Measures of enhancement that need no model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

SECONDS_PER_MINUTE = 60.0


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


def baseline_mean(signal: np.ndarray, baseline: Sequence[int]) -> np.ndarray:
    """Mean of the signal (..., t) over its baseline frames, in float64."""
    frames = list(baseline)
    # Added frame by frame: a sum over an axis is rounded otherwise for one voxel than for many.
    return np.cumsum(np.asarray(signal)[..., frames], axis=-1, dtype=np.float64)[..., -1] / len(frames)


def percent_enhancement(signal: np.ndarray, baseline: Sequence[int], frame: int) -> np.ndarray:
    """Rise of the signal (..., t) from its baseline to `frame`, in percent of the baseline; NaN without baseline."""
    before = baseline_mean(signal, baseline)
    rise = np.asarray(signal)[..., frame].astype(np.float64) - before
    # Multiplied first, so that a whole percentage is exactly whole.
    return np.divide(100.0 * rise, before, out=np.full(before.shape, np.nan), where=before > 0)


def signal_enhancement_ratio(signal: np.ndarray, baseline: Sequence[int], early: int, late: int) -> np.ndarray:
    """SER = (S_early - S_pre) / (S_late - S_pre) of the signal (..., t); NaN where there is no late enhancement.

    References
    ----------
    Hylton et al., Radiology 263:663 (2012).
    """
    before, signal = baseline_mean(signal, baseline), np.asarray(signal)
    rise = signal[..., late].astype(np.float64) - before
    early_rise = signal[..., early].astype(np.float64) - before
    return np.divide(early_rise, rise, out=np.full(before.shape, np.nan), where=rise != 0)


def time_to_peak_s(curves: np.ndarray, time_s: np.ndarray, arrival_s: float) -> np.ndarray:
    """Time from arrival to the highest frame of signal or concentration; NaN where a frame is NaN."""
    curves = np.asarray(curves)
    finite = np.isfinite(curves).all(axis=-1)
    peak = np.argmax(np.where(finite[..., None], curves, 0.0), axis=-1)
    return np.where(finite, np.asarray(time_s)[peak] - arrival_s, np.nan)


def wash_slopes_percent_per_min(
    signal: np.ndarray, time_s: np.ndarray, baseline: Sequence[int], arrival_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean slopes of enhancement from arrival to the highest frame, and from there to the last.

    Parameters
    ----------
    signal : ndarray, shape (..., t)
    time_s : ndarray, shape (t,)
    baseline : sequence of int
    arrival_s : float

    Returns
    -------
    wash_in, wash_out : ndarray, shape (...)
        Percent of the baseline signal per minute; wash-out is negative where the signal falls and NaN where the last
        frame is the highest. NaN where there is no baseline signal or no enhancement.
    """
    signal, time_s = np.asarray(signal), np.asarray(time_s, dtype=np.float64)
    first = int(max(baseline)) + 1
    before = baseline_mean(signal, baseline)
    valid = np.isfinite(signal).all(axis=-1) & (before > 0)
    after = np.where(valid[..., None], signal[..., first:], 0.0)
    peak = np.argmax(after, axis=-1)
    top = np.take_along_axis(after, peak[..., None], axis=-1)[..., 0].astype(np.float64)
    peak_s = time_s[first + peak]
    valid &= top > before
    unknown = np.full(before.shape, np.nan)
    scale = 100.0 * SECONDS_PER_MINUTE
    rising, falling = before * (peak_s - arrival_s), before * (time_s[-1] - peak_s)
    wash_in = np.divide(scale * (top - before), rising, out=unknown.copy(), where=valid & (rising > 0))
    fall = scale * (after[..., -1].astype(np.float64) - top)
    return wash_in, np.divide(fall, falling, out=unknown, where=valid & (falling > 0))


def early_and_late_frame(
    time_s: np.ndarray, baseline: Sequence[int], arrival_s: float, early_s: float, late_s: float
) -> tuple[int, int]:
    """The frames nearest `early_s` and `late_s` after arrival, the late one after the early one.

    Raises
    ------
    InputError
        If there are fewer than two frames after the baseline.
    """
    time_s = np.asarray(time_s, dtype=np.float64)
    after = np.arange(int(max(baseline)) + 1, time_s.size)
    if after.size < 2:
        raise InputError(
            f"There is {after.size} frame after the baseline, but SER compares two; choose fewer baseline frames."
        )
    early = int(after[:-1][np.argmin(np.abs(time_s[after[:-1]] - arrival_s - early_s))])
    later = np.arange(early + 1, time_s.size)
    return early, int(later[np.argmin(np.abs(time_s[later] - arrival_s - late_s))])
