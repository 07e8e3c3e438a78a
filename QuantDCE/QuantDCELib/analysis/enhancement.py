"""Semi-quantitative maps of a dynamic series: they need the signal only, neither T1 nor an input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import TimeSeries
from HER2ImmunoCommonLib.progress import Report, part

from ..enhancement.ftv import Ftv, functional_tumour_volume
from ..enhancement.semiquant import (
    baseline_mean,
    early_and_late_frame,
    percent_enhancement,
    signal_enhancement_ratio,
    time_to_peak_s,
    wash_slopes_percent_per_min,
)
from ..voxels.chunks import in_chunks
from ..voxels.regions import Regions
from ..voxels.status import Status
from .settings import DceSettings

SLOPES = ("wash_in", "wash_out", "TTP")
UNITS = {"PE": "%", "SER": "1", "wash_in": "%/min", "wash_out": "%/min", "TTP": "s", "FTV": ""}
OFF_TIME = 1.0 / 3.0
"""A frame whose time is off by more than this fraction of the one wanted is told."""


@dataclass(frozen=True)
class SerFrames:
    """The frames that PE and SER compare with the baseline; None where there are too few, with the reason told."""

    early: int | None
    late: int | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Enhancement:
    """Semi-quantitative maps.

    Attributes
    ----------
    maps : dict of str to ndarray, shape (n,)
        Of the computed voxels: `PE` (%) at the early frame, `SER`, `wash_in` and `wash_out` (%/min), `TTP` (s).
    status : ndarray of uint8, shape (n,)
    early, late : int or None
        Frames that PE and SER compare with the baseline; None where there are too few.
    ftv : Ftv or None
    warnings : tuple of str
    """

    maps: dict[str, np.ndarray]
    status: np.ndarray
    early: int | None
    late: int | None
    ftv: Ftv | None
    warnings: tuple[str, ...]


def find_enhancement(
    series: TimeSeries,
    settings: DceSettings,
    regions: Regions,
    baseline: np.ndarray,
    arrival_s: float,
    frames: SerFrames,
    report: Report | None = None,
) -> Enhancement:
    """Semi-quantitative maps of the computed voxels and the functional tumour volume of the measured ones."""
    flat = series.array.reshape(-1, series.time_s.size)
    chosen = np.flatnonzero(regions.computed)
    maps, status = _slopes(flat, chosen, series.time_s, baseline, arrival_s, part(report, 0.0, 0.6))
    if frames.early is None or frames.late is None:
        return Enhancement(maps, status, None, None, None, frames.warnings)
    before, pe, ser = _early_and_late(flat, baseline, frames, part(report, 0.6, 1.0))
    maps = {"PE": pe[chosen], "SER": ser[chosen], **maps}
    shape, warnings = series.array.shape[:3], frames.warnings
    ftv = None
    try:
        ftv = functional_tumour_volume(
            before.reshape(shape),
            pe.reshape(shape),
            ser.reshape(shape),
            regions.measured,
            voxel_volume_cm3=series.frame(0).voxel_volume_cm3,
            rule=settings.ftv_rule,
        )
    except InputError as error:
        warnings = (*warnings, f"No functional tumour volume: {error}")
    return Enhancement(maps, status, frames.early, frames.late, ftv, warnings)


def enhancement_maps(
    curves: np.ndarray, time_s: np.ndarray, baseline: np.ndarray, arrival_s: float, frames: SerFrames
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Maps (n,) and status (n,) of the signal (n, t) of some voxels: those of `Enhancement`, to the last bit."""
    maps, status = _slopes_of(curves, time_s, baseline, arrival_s)
    if frames.early is None or frames.late is None:
        return maps, status
    _, pe, ser = _early_and_late_of(curves[:, [*baseline, frames.early, frames.late]])
    return {"PE": pe, "SER": ser, **maps}, status


def _slopes(
    flat: np.ndarray,
    chosen: np.ndarray,
    time_s: np.ndarray,
    baseline: np.ndarray,
    arrival_s: float,
    report: Report | None,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    maps = {name: np.full(chosen.size, np.nan, np.float32) for name in SLOPES}
    status = np.full(chosen.size, Status.OK, np.uint8)

    def work(piece: slice) -> None:
        found, status[piece] = _slopes_of(flat[chosen[piece]], time_s, baseline, arrival_s)
        for name, values in found.items():
            maps[name][piece] = values

    in_chunks(work, chosen.size, report, "Slopes of enhancement")
    return maps, status


def _slopes_of(
    curves: np.ndarray, time_s: np.ndarray, baseline: np.ndarray, arrival_s: float
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    first = int(baseline.max()) + 1
    finite = np.isfinite(curves).all(axis=1)
    curves = np.where(finite[:, None], curves, 0.0)
    bright = baseline_mean(curves, baseline) > 0
    status = np.where(finite, np.where(bright, Status.OK, Status.NO_SIGNAL), Status.NOT_FINITE).astype(np.uint8)
    peak_s = time_to_peak_s(curves[:, first:], time_s[first:], arrival_s)
    wash_in, wash_out = (
        values.astype(np.float32) for values in wash_slopes_percent_per_min(curves, time_s, baseline, arrival_s)
    )
    peak_s = np.where(bright & np.isfinite(wash_in), peak_s, np.nan)
    return {"wash_in": wash_in, "wash_out": wash_out, "TTP": peak_s}, status


def _early_and_late(
    flat: np.ndarray, baseline: np.ndarray, frames: SerFrames, report: Report | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signal before contrast agent, PE and SER of every voxel of the volume; NaN where the signal is not finite."""
    before, pe, ser = (np.full(len(flat), np.nan) for _ in range(3))
    used = [*baseline, frames.early, frames.late]

    def work(piece: slice) -> None:
        before[piece], pe[piece], ser[piece] = _early_and_late_of(flat[piece][:, used])

    in_chunks(work, len(flat), report, "Early and late enhancement")
    return before, pe, ser


def _early_and_late_of(curves: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As `_early_and_late`, of curves of the baseline frames and then the early and the late one."""
    n = curves.shape[1] - 2
    known = list(range(n))
    finite = np.isfinite(curves).all(axis=1)
    curves = np.where(finite[:, None], curves, 0.0)
    before = baseline_mean(curves, known)
    ser = np.where(before > 0, signal_enhancement_ratio(curves, known, n, n + 1), np.nan)
    return np.where(finite, before, np.nan), percent_enhancement(curves, known, n), ser


def find_frames(time_s: np.ndarray, settings: DceSettings, baseline: np.ndarray, arrival_s: float) -> SerFrames:
    """The frames that PE and SER compare.

    Raises
    ------
    InputError
        If the frames that were given are not after the baseline.
    """
    return SerFrames(*_frames(time_s, settings, baseline, arrival_s))


def _frames(
    time_s: np.ndarray, settings: DceSettings, baseline: np.ndarray, arrival_s: float
) -> tuple[int | None, int | None, tuple[str, ...]]:
    if settings.ser_frames is not None:
        early, late = settings.ser_frames
        if late >= time_s.size or early <= int(baseline.max()):
            raise InputError(
                f"SER is to compare frames {early + 1} and {late + 1} of {time_s.size} with a baseline up to frame "
                f"{int(baseline.max()) + 1}; choose frames after the baseline."
            )
        return early, late, ()
    try:
        early, late = early_and_late_frame(time_s, baseline, arrival_s, settings.early_s, settings.late_s)
    except InputError as error:
        return None, None, (f"No SER and no functional tumour volume: {error}",)
    last = int(baseline.max())
    gap_s = float(time_s[last + 1] - time_s[last])
    if settings.arrival_s is None and gap_s > OFF_TIME * settings.early_s:
        return (
            early,
            late,
            (
                f"The agent arrives somewhere between frames {last + 1} and {last + 2}, {gap_s:.0f} s apart; "
                f"PE is that of frame {early + 1} and SER compares it with frame {late + 1}.",
            ),
        )
    told = [
        f"the {name} frame is {time_s[frame] - arrival_s:.0f} s after arrival instead of {wanted:.0f} s"
        for name, frame, wanted in (("early", early, settings.early_s), ("late", late, settings.late_s))
        if abs(time_s[frame] - arrival_s - wanted) > OFF_TIME * wanted
    ]
    return early, late, (f"PE, SER and FTV are not at their usual times: {', '.join(told)}.",) if told else ()
