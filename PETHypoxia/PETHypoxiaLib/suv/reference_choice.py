"""Which of the candidates the image is corrected to: the first that holds, asked where others speak against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from HER2ImmunoCommonLib.dicom import date_of, datetime_of, moment, time_of_day_s

from .decay import frame_decay_factor, mean_time_s, remaining
from .header import SCAN_MOMENTS, PetHeader, believable
from .reference_time import EARLIEST, FRAMES, SPREAD_S, candidates, days_shifted
from .tags import SERIES_TAGS, SLICE_TAGS
from .verdict import USER, Candidate, Findings

LARGEST_RATIO = 1.1
"""Candidates whose SUV differs by more are not chosen between without a person."""
DECAY_FACTOR_TOLERANCE = 0.01
SERIES_TIME, ACQUISITION_TIME = SERIES_TAGS["series_time"], SLICE_TAGS["acquisition_time"]
LATER = timedelta(hours=12)
KEY = "reference"
_WHEN = "to which moment is the image decay-corrected, usually the start of the scan (date and time)?"


def reference(
    header: PetHeader, half_life_s: float, answers: Mapping[str, object], findings: Findings
) -> tuple[Candidate | None, tuple[Candidate, ...]]:
    """The moment used, None where it must be asked, and every candidate.

    Parameters
    ----------
    header : PetHeader
    half_life_s : float
    answers : mapping
    findings : Findings
        Gets the warning or question.
    """
    found = tuple(candidates(header, half_life_s))
    if (given := _given(header, answers, found)) is not None:
        return given, found
    zeroed = _zeroed(header)
    if not found or (zeroed and found[0].source == EARLIEST):
        why = f"{zeroed} at 000000" if zeroed else f"{SERIES_TIME} and {ACQUISITION_TIME} are empty or no times"
        findings.ask(KEY, f"{why}: {_WHEN}")
        return None, found
    if zeroed:
        findings.warn(f"{zeroed} at 000000, as de-identification leaves it; {found[0].source} is used.")
    earliest, series = header.earliest_acquisition, header.series_moment
    if earliest and series and series - earliest > LATER:
        days = (series - earliest) / timedelta(days=1)
        findings.warn(
            f"{SERIES_TAGS['series_date']} is {days:.1f} days after the acquisition: a later reconstruction, or dates "
            "that were shifted apart; check the days."
        )
    if shifted := {days for name in SCAN_MOMENTS if (days := days_shifted(header, name))}:
        findings.warn(
            f"The dates of the scan and of the scanner's own record are {abs(min(shifted))} days apart, as after a "
            "date shift; only their times of day are compared."
        )
    return (found[0] if _agree(header, found, half_life_s, findings) else None), found


def check_decay_factor_of_moment(header: PetHeader, used: datetime, half_life_s: float, findings: Findings) -> None:
    """Warn where DecayFactor says that the image is corrected to another moment than the one used."""
    slices = header.slices
    if any(None in (one.decay_factor, one.acquired, one.duration_s) or one.decay_factor <= 0 for one in slices):
        return
    late = min(slices, key=lambda one: one.decay_factor)
    in_frame = frame_decay_factor(late.duration_s, half_life_s)
    elapsed_s = (header.earliest_acquisition - used).total_seconds()
    ratio = late.decay_factor / in_frame * remaining(elapsed_s, half_life_s)
    if min(abs(ratio - 1.0), abs(ratio * in_frame - 1.0)) > DECAY_FACTOR_TOLERANCE:
        by_s = float(np.log2(late.decay_factor / in_frame)) * half_life_s
        said = header.earliest_acquisition - timedelta(seconds=by_s)
        findings.warn(
            f"{SLICE_TAGS['decay_factor']} says that the image is corrected to {said:%Y-%m-%d %H:%M:%S}, not to "
            f"{used:%Y-%m-%d %H:%M:%S}; check the half-life and the times."
        )


def _given(header: PetHeader, answers: Mapping[str, object], found: Sequence[Candidate]) -> Candidate | None:
    text = answers.get(KEY)
    if text is None:
        return None
    when = believable(datetime_of(text), header.zone)
    if when is None:
        day = found[0].time.date() if found else date_of(header.texts["series_date"])
        when = None if day is None else moment(day, time_of_day_s(text))
    return None if when is None else Candidate(USER, when)


def _zeroed(header: PetHeader) -> str:
    """The times of the scan that are 000000, as the subject of a sentence; empty where there are none."""
    tags = {"series_time": SERIES_TIME, "acquisition_time": ACQUISITION_TIME}
    tags |= {name: SERIES_TAGS[name] for name in SCAN_MOMENTS}
    names = [str(tag) for name, tag in tags.items() if name in header.zeroed]
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}" if names else ""


def spread_s(found: Sequence[Candidate]) -> float:
    """Largest distance of a candidate from the first; the earliest acquisition counts where the frames say nothing."""
    by_frames = any(one.source == FRAMES for one in found)
    rivals = [one for one in found[1:] if not (by_frames and one.source == EARLIEST)]
    return max((abs((one.time - found[0].time).total_seconds()) for one in rivals), default=0.0)


def _agree(header: PetHeader, found: Sequence[Candidate], half_life_s: float, findings: Findings) -> bool:
    """Ask where the candidates would change SUV by a tenth or more and the frames do not confirm the first.

    DICOM counts the frames' own reference from the moment that is looked for.
    """
    apart_s = spread_s(found)
    if apart_s <= SPREAD_S or apart_s <= np.log2(LARGEST_RATIO) * half_life_s:
        return True
    if _frames_confirm(header, found, half_life_s):
        return True
    listed = "; ".join(f"{one.source}: {one.time:%Y-%m-%d %H:%M:%S}" for one in found)
    findings.ask(
        KEY,
        f"The times the image may be decay-corrected to are {_span(apart_s)} apart ({listed}), as after "
        f"de-identification or between clocks of summer and winter time: {_WHEN}",
    )
    return False


def _frames_confirm(header: PetHeader, found: Sequence[Candidate], half_life_s: float) -> bool:
    """Whether the frames give the first candidate, by either reading of FrameReferenceTime."""
    frames = next((one for one in found[1:] if one.source == FRAMES), None)
    if frames is None:
        return False
    apart_s = (frames.time - found[0].time).total_seconds()
    longest_s = max(one.duration_s for one in header.slices)
    return -SPREAD_S <= apart_s <= SPREAD_S + mean_time_s(longest_s, half_life_s)


def _span(seconds: float) -> str:
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
