"""What speaks for and against the times of a rule: other tags, the temporal resolution, the duration of the scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .time_tables import (
    ACQUISITION,
    CONTENT,
    LONGEST_FRAME_MS,
    POSITION,
    SERIES,
    Stacks,
    clock_tables,
    number_of,
    temporal_resolution_s,
    text_of,
)

STEP_TOLERANCE = 0.1
ROUNDING_S = 0.5
"""Clocks of whole seconds may put a frame this far away."""
LATE = 0.5
"""Content times that start later than the scan by this share of their span are those of a reconstruction."""
WEAK = (CONTENT, SERIES)
"""Tags that may say when images were made rather than acquired: they contradict none."""
RESOLUTION, DURATION = "TemporalResolution", "AcquisitionDuration"


@dataclass(frozen=True)
class _Witness:
    """What one tag says, in words, whether that agrees, and the seconds between frames if it gives them."""

    name: str
    says: str
    agrees: bool
    step_s: float | None = None


def doubts(
    name: str, time_s: np.ndarray, others: Sequence[tuple[str, np.ndarray]], stacks: Stacks
) -> tuple[str, tuple[str, ...]]:
    """Whether the times of a rule must be asked, and what is told if not.

    Parameters
    ----------
    name, time_s : str, ndarray
        The rule and its times.
    others : sequence of (str, ndarray)
        Other rules that give times.
    stacks : sequence of sequences of pydicom.Dataset

    Returns
    -------
    str
        The question; empty if there is none.
    tuple of str
        Warnings.
    """
    if time_s.size < 2:
        return "", ()
    step = float(np.median(np.diff(time_s)))
    found = [_compared(other, name, time_s, times) for other, times in others if other not in WEAK]
    found += [witness for witness in (_resolution(name, time_s, stacks), _duration(time_s, stacks)) if witness]
    against, in_favour = [w for w in found if not w.agrees], [w for w in found if w.agrees]
    if name == CONTENT:
        late_s = _seconds_after_acquisition(stacks)
        if late_s > LATE * time_s[-1]:
            against.append(_Witness(ACQUISITION, f"the scan {late_s:.0f} s before the first of them", False))
    if not against:
        return "", ()
    said = " and ".join(dict.fromkeys(f"{w.name} gives {w.says}" for w in against))
    if len(in_favour) > len(against) or (in_favour and _is_clock_with_pauses(name, time_s, against)):
        return "", (f"{name} puts the frames {step:.3g} s apart, but {said}; the former was taken.",)
    if _is_clock_with_pauses(name, time_s, against):
        return "", (f"{name} puts the frames up to {np.diff(time_s).max():.3g} s apart, but {said}; check the times.",)
    why = " ContentTime may be that of reconstruction." if name == CONTENT else ""
    return (
        f"The tags of the images disagree on time: {name} puts the frames {step:.3g} s apart, but {said}.{why} How "
        "many seconds is one frame after another (or give the time of every frame)?",
        (),
    )


def remarks_of(name: str, stacks: Stacks) -> tuple[str, ...]:
    """What the rule itself leaves in doubt."""
    remarks = []
    if name == CONTENT:
        there = any(
            text_of(header, "AcquisitionTime") or text_of(header, "AcquisitionDateTime") for header in stacks[0]
        )
        which = "one AcquisitionTime for all frames" if there else "no AcquisitionTime"
        remarks.append(
            f"The images have {which}; their ContentTime was taken, which may be that of reconstruction: "
            "check the times of the frames."
        )
    value = number_of(stacks[0][0], RESOLUTION)
    if name.endswith(POSITION) and value > LONGEST_FRAME_MS:
        remarks.append(f"TemporalResolution {value:g} was taken as microseconds.")
    announced, n = number_of(stacks[0][0], "NumberOfTemporalPositions"), len(stacks[0])
    if name.endswith(POSITION) and announced > n:
        remarks.append(f"The headers announce {announced:g} temporal positions, but {n} frames were found.")
    return tuple(remarks)


def _compared(other: str, name: str, time_s: np.ndarray, times: np.ndarray) -> _Witness:
    """Whether another rule gives the same times; a rule of even steps knows of no pauses."""
    own, step = np.diff(time_s), float(np.median(np.diff(times)))
    if other.endswith(POSITION):
        agrees = _same_step(own, step)
    elif name.endswith(POSITION):
        agrees = _same_step(np.diff(times), float(np.median(own)))
    else:
        tolerance = max(STEP_TOLERANCE * float(np.median(own)), ROUNDING_S)
        agrees = abs(step - float(np.median(own))) <= tolerance and (
            abs(times[-1] - time_s[-1]) <= max(0.05 * time_s[-1], 2 * tolerance)
        )
    return _Witness(other, f"{step:.3g} s", bool(agrees), step if other.endswith(POSITION) else None)


def _resolution(name: str, time_s: np.ndarray, stacks: Stacks) -> _Witness | None:
    if name.endswith(POSITION):
        return None
    found = {round(step, 6) for stack in stacks[:1] for step in map(temporal_resolution_s, stack) if np.isfinite(step)}
    if len(found) != 1:
        return None
    step = found.pop()
    return _Witness(RESOLUTION, f"{step:.3g} s", _same_step(np.diff(time_s), step), step)


def _same_step(steps: np.ndarray, step: float) -> bool:
    """Whether most frames are a step apart, the others later after a pause."""
    near = np.abs(steps - step) <= max(STEP_TOLERANCE * step, min(ROUNDING_S, 0.5 * step) if _whole(steps) else 0.0)
    return bool(near.mean() >= 0.5 and (steps >= 0.5 * step).all())


def _whole(steps: np.ndarray) -> bool:
    return bool((steps == np.round(steps)).all())


def _duration(time_s: np.ndarray, stacks: Stacks) -> _Witness | None:
    """AcquisitionDuration, of a frame or of the whole scan, where the times do not fit it or fit it well."""
    found = {number_of(header, DURATION) for header in stacks[0]}
    duration = found.pop() if len(found) == 1 else np.nan
    if not duration > 0:
        return None
    step, total = float(np.median(np.diff(time_s))), time_s[-1] + float(np.median(np.diff(time_s)))
    if abs(duration - total) <= STEP_TOLERANCE * total or abs(duration - step) <= STEP_TOLERANCE * step:
        return _Witness(DURATION, f"{duration:.3g} s", True)
    if duration > (1 + STEP_TOLERANCE) * step:
        return _Witness(DURATION, f"{duration:.3g} s for a frame or for all {time_s.size}", False)
    return None


def _is_clock_with_pauses(name: str, time_s: np.ndarray, against: Sequence[_Witness]) -> bool:
    """Frames at uneven times, none faster than the resolution says: a scan with pauses, of which only a clock knows."""
    steps = np.diff(time_s)
    uneven = float(np.ptp(steps)) > STEP_TOLERANCE * float(np.median(steps))
    slow = all(w.step_s is not None and steps.min() >= (1 - STEP_TOLERANCE) * w.step_s for w in against)
    return name != CONTENT and uneven and slow


def _seconds_after_acquisition(stacks: Stacks) -> float:
    """How long after the one acquisition time of all images the first content time is; 0 if that cannot be said."""
    for table, contents in zip(clock_tables(stacks, "Acquisition"), clock_tables(stacks, "Content"), strict=True):
        if np.isfinite(table).all() and np.ptp(table) == 0 and np.isfinite(contents).all():
            # A time of 0 is midnight or was scrubbed.
            late_s = float(contents.min() - table.min()) if table.min() % 86400.0 else 0.0
            return late_s if 0 < late_s < 86400.0 / 2 else 0.0
    return 0.0
