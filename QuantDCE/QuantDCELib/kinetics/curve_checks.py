"""Refusal of curves, times and inputs that cannot be fitted."""

from __future__ import annotations

import numpy as np
from HER2ImmunoCommonLib.errors import InputError


def checked_times(time_s: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Times of the frames of curves of a shape, as float64.

    Raises
    ------
    InputError
    """
    time = _increasing(time_s, "frames")
    if not shape or shape[-1] != time.size:
        raise InputError(f"The curves have shape {shape} but there are {time.size} times; time must be the last axis.")
    return time


def check_input(
    time_s: np.ndarray, aif_mM: np.ndarray, aif_time_s: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times of the frames, times of the input and the input, as float64.

    Raises
    ------
    InputError
    """
    time = _increasing(time_s, "frames")
    aif_time = time if aif_time_s is None else _increasing(aif_time_s, "input function")
    aif = np.asarray(aif_mM, dtype=np.float64)
    if aif.shape != aif_time.shape:
        raise InputError(f"The input function has {aif.size} values at {aif_time.size} times; give one a time.")
    if not np.isfinite(aif).all():
        raise InputError("The input function is not finite at every time; repair or choose another input.")
    if aif_time[-1] < time[-1] - 0.5 * float(np.median(np.diff(time))):
        raise InputError(
            f"The input function ends at {aif_time[-1]:g} s but the last frame is at {time[-1]:g} s; extend the input."
        )
    before = aif[aif_time < time[-1]]
    if not (before > 0).any():
        raise InputError("The input function is zero up to the last frame; check its arrival time and its unit, mM.")
    return time, aif_time, aif


def _increasing(time_s: np.ndarray, what: str) -> np.ndarray:
    time = np.asarray(time_s, dtype=np.float64)
    if time.ndim != 1 or time.size < 2 or not np.isfinite(time).all() or not (np.diff(time) > 0).all():
        raise InputError(f"The times of the {what} must be two or more finite numbers that increase strictly.")
    return time


def delay_bounds(bounds_s: tuple[float, float]) -> tuple[float, float]:
    """Bounds of the delay in minutes, from seconds.

    Raises
    ------
    InputError
    """
    low, high = bounds_s
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise InputError(f"The bounds of the delay are {low} and {high} s; give two finite numbers, the lower first.")
    return low / 60.0, high / 60.0
