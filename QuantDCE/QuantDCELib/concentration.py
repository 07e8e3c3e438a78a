"""Contrast agent concentration from the dynamic signal, and the frames before the agent arrives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report

from .chunks import in_chunks
from .signal import check_sequence, r1_from_relative_signal
from .status import Status

FOOT_FRACTION = 0.1
"""A frame above this fraction of the rise is certainly enhanced; the foot is then walked back to the noise."""
ENHANCED_FRACTION = 0.002
ENHANCED_SD = 3.0
UNSTEADY_SD = 5.0


@dataclass(frozen=True, eq=False)
class Concentration:
    """Concentration curves.

    Attributes
    ----------
    concentration_mM : ndarray, shape (..., t)
        NaN in every frame of a voxel with a status other than OK or ABOVE_CEILING; with ABOVE_CEILING, NaN in the
        frames at or above the ceiling.
    status : ndarray of uint8, shape (...)
    """

    concentration_mM: np.ndarray
    status: np.ndarray


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


def concentration_from_signal(
    signal: np.ndarray,
    *,
    tr_s: float,
    flip_deg: float,
    t10_s: np.ndarray | float,
    r1_per_mM_s: float,
    baseline: slice | Sequence[int],
    report: Report | None = None,
) -> Concentration:
    """Concentration from SPGR signal, with the equilibrium signal from the baseline frames and T10.

    Parameters
    ----------
    signal : ndarray, shape (..., t)
    tr_s, flip_deg : float
    t10_s : ndarray, shape (...), or float
        T1 before contrast agent.
    r1_per_mM_s : float
        Relaxivity of the agent.
    baseline : slice or sequence of int
        Frames before the agent arrives.

    Returns
    -------
    Concentration
        `(R1 - R10) / r1`; negative values are kept. float32 for float32 signal, else float64.

    Raises
    ------
    InputError
        For a sequence, relaxivity, baseline or T1 map that cannot be.

    References
    ----------
    Tofts et al., J Magn Reson Imaging 10:223 (1999); Schabel & Parker, Phys Med Biol 53:2345 (2008).
    """
    check_sequence(tr_s, flip_deg)
    if not (math.isfinite(r1_per_mM_s) and r1_per_mM_s > 0):
        raise InputError(f"The relaxivity is {r1_per_mM_s} /mM/s; give the agent's r1 at this field, above 0.")
    signal = np.asarray(signal)
    frames = baseline_frames(baseline, signal.shape[-1])
    t10 = np.asarray(t10_s, dtype=np.float64)
    if t10.ndim and t10.shape != signal.shape[:-1]:
        raise InputError(f"The T1 map has shape {t10.shape} but the images have {signal.shape[:-1]}; use one grid.")
    flat = signal.reshape(-1, signal.shape[-1])
    t10 = np.broadcast_to(t10, signal.shape[:-1]).reshape(-1)
    result = np.empty(flat.shape, np.float32 if signal.dtype == np.float32 else np.float64)
    status = np.empty(len(flat), np.uint8)

    def work(piece: slice) -> None:
        result[piece], status[piece] = _invert(flat[piece], frames, t10[piece], tr_s, flip_deg, r1_per_mM_s)

    in_chunks(work, len(flat), report, "Signal to concentration")
    return Concentration(result.reshape(signal.shape), status.reshape(signal.shape[:-1]))


def _invert(
    signal: np.ndarray, frames: np.ndarray, t10_s: np.ndarray, tr_s: float, flip_deg: float, r1_per_mM_s: float
) -> tuple[np.ndarray, np.ndarray]:
    signal = signal.astype(np.float64)
    status = np.full(len(signal), Status.OK, np.uint8)
    status[~(np.isfinite(t10_s) & (t10_s > 0))] = Status.NO_T1
    finite = np.isfinite(signal).all(axis=1)
    before = np.where(finite[:, None], signal[:, frames], 0.0).mean(axis=1)
    status[finite & ~(before > 0)] = Status.NO_SIGNAL
    status[~finite] = Status.NOT_FINITE
    good = status == Status.OK
    r10 = 1.0 / t10_s[good]
    e10 = np.exp(-tr_s * r10)
    ceiling_fraction = (1.0 - e10) / (1.0 - math.cos(math.radians(flip_deg)) * e10)
    relative = signal[good] * (ceiling_fraction / before[good])[:, None]
    r1 = r1_from_relative_signal(relative, tr_s=tr_s, flip_deg=flip_deg)
    concentration = np.full(signal.shape, np.nan)
    concentration[good] = (r1 - r10[:, None]) / r1_per_mM_s
    status[good] = np.where(np.isnan(r1).any(axis=1), Status.ABOVE_CEILING, Status.OK)
    return concentration, status


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
