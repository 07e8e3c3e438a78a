"""The frames before the contrast agent arrives, and when it does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from HER2ImmunoCommonLib.errors import InputError

FOOT_FRACTION = 0.1
"""A frame above this fraction of the rise is certainly enhanced; the foot is then walked back to the noise."""
ENHANCED_FRACTION = 0.002
ENHANCED_SD = 3.0
UNSTEADY_SD = 5.0


def baseline_frames(baseline: slice | Sequence[int] | np.ndarray, n_frames: int) -> np.ndarray:
    """The baseline as sorted frame indices.

    Raises
    ------
    InputError
        If it is empty or goes beyond the last frame.
    """
    if isinstance(baseline, slice):
        if baseline.stop is not None and baseline.stop > n_frames:
            raise InputError(f"The baseline ends at frame {baseline.stop} of {n_frames}; choose frames of the series.")
        frames = np.arange(n_frames)[baseline]
    else:
        frames = np.unique(np.asarray(baseline, dtype=int))
    if frames.size == 0:
        raise InputError("The baseline has no frame; choose at least one frame before the contrast agent arrives.")
    if frames[0] < 0 or frames[-1] >= n_frames:
        raise InputError(f"The baseline has frame {frames[-1]} of {n_frames} frames; choose frames of the series.")
    return frames


def detect_baseline(curve: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    """Frames before the contrast agent arrives.

    The foot of the rise is found by walking back from the first frame above a tenth of the rise to the last frame
    within the noise. Frame 0 is left out when it stands off the others, as it does before the steady state.

    Parameters
    ----------
    curve : ndarray, shape (t,)
        Signal or concentration of a region or the input.
    time_s : ndarray, shape (t,)

    Returns
    -------
    ndarray of int
        Frame indices.

    Raises
    ------
    InputError
        If the curve does not rise, or rises from the first frame on.
    """
    curve = np.asarray(curve, dtype=np.float64)
    if curve.shape != np.shape(time_s):
        raise InputError(f"The curve has {curve.size} frames but there are {np.size(time_s)} times; give one a frame.")
    if not np.isfinite(curve).all():
        raise InputError("The enhancement curve is not finite in every frame; choose another region.")
    start = _first_steady_frame(curve)
    peak = start + int(np.argmax(curve[start:]))
    bottom = curve[start : peak + 1].min()
    rise = curve[peak] - bottom
    if not rise > 1e-9 * abs(curve[peak]):
        raise InputError("The signal does not rise, so no arrival was found; choose the baseline frames yourself.")
    foot = start + int(np.argmax(curve[start : peak + 1] > bottom + FOOT_FRACTION * rise))
    if foot <= start:
        raise InputError("The signal rises from the first frame on; choose the baseline frames yourself.")
    level = np.median(curve[start:foot])
    noise_sd = 1.4826 * float(np.median(np.abs(curve[start:foot] - level)))
    threshold = level + max(ENHANCED_SD * noise_sd, ENHANCED_FRACTION * rise)
    while foot > start + 1 and curve[foot - 1] > threshold:
        foot -= 1
    return np.arange(start, foot)


def _first_steady_frame(curve: np.ndarray) -> int:
    """1 where frame 0 stands off the next frames by more than their noise, else 0."""
    if curve.size < 6:
        return 0
    following = curve[1:4]
    spread = float(following.max() - following.min())
    rise = float(curve.max() - np.median(following))
    return int(abs(curve[0] - np.median(following)) > max(UNSTEADY_SD * spread, 0.05 * rise) and spread < 0.05 * rise)


def arrival_time_s(curve: np.ndarray, time_s: np.ndarray, baseline: np.ndarray) -> float:
    """When the curve leaves its baseline: the line through the first two enhanced frames, back to the baseline level.

    Parameters
    ----------
    curve, time_s : ndarray, shape (t,)
    baseline : ndarray of int
        Frames before arrival.

    Returns
    -------
    float
        Between the last baseline frame and the next.
    """
    last = int(np.max(baseline))
    if last + 2 >= len(curve):
        return float(time_s[last])
    level = float(np.mean(np.asarray(curve)[baseline]))
    slope = (curve[last + 2] - curve[last + 1]) / (time_s[last + 2] - time_s[last + 1])
    if not slope > 0:
        return float(time_s[last])
    return float(np.clip(time_s[last + 1] - (curve[last + 1] - level) / slope, time_s[last], time_s[last + 1]))
