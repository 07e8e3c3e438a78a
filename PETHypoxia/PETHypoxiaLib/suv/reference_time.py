"""The moment that pixels with DecayCorrection START are corrected to: every candidate, in the order of trust."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from .decay import frame_decay_factor, mean_time_s, remaining
from .header import SCAN_MOMENTS, PetHeader, SliceHeader
from .tags import SERIES_TAGS
from .verdict import Candidate

AGREEMENT_S = 1.0
"""Slices give one reference time if they agree within this."""
SPREAD_S = 60.0
"""Candidates further apart are pointed out: 60 s are 0.63 % of SUV for F-18."""
DECAY_FACTOR_TOLERANCE = 0.002
LONGEST_S = 1e8
"""Years: a frame is no further from its reference."""

EARLIEST = "earliest AcquisitionDate and AcquisitionTime (0008,0032)"
FRAMES = "AcquisitionTime (0008,0032) and FrameReferenceTime (0054,1300)"
SERIES = "SeriesDate and SeriesTime (0008,0031)"


def candidates(header: PetHeader, half_life_s: float) -> list[Candidate]:
    """Every moment that holds as reference time, the most trusted first.

    The scanner's own record comes first; the series time next, unless it is later than the first acquisition (a
    series made afterwards); then the frames' own reference, which comes after the series time because some
    scanners repeat one AcquisitionTime on all beds; last the earliest acquisition.
    """
    found = [
        Candidate(str(SERIES_TAGS[name]), time + timedelta(days=days_shifted(header, name)))
        for name in SCAN_MOMENTS
        if (time := header.datetime(name)) is not None
    ]
    earliest, series = header.earliest_acquisition, header.series_moment
    if earliest and series and series <= earliest + timedelta(seconds=AGREEMENT_S):
        found.append(Candidate(SERIES, series))
    if frames := from_frames(header.slices, half_life_s):
        found.append(Candidate(FRAMES, frames))
    if earliest:
        found.append(Candidate(EARLIEST, earliest))
    return found


def days_shifted(header: PetHeader, name: str) -> int:
    """Days to add to the scanner's own record to come to the day of the scan: not 0 after a shift of dates only."""
    public, own = header.earliest_acquisition or header.series_moment, header.datetime(name)
    return 0 if public is None or own is None else round((public - own) / timedelta(days=1))


def from_frames(slices: Sequence[SliceHeader], half_life_s: float) -> datetime | None:
    """Reference time that the frames agree on: mean-activity time of the frame less FrameReferenceTime."""
    if any(None in (entry.acquired, entry.duration_s, entry.frame_reference_s) for entry in slices):
        return None
    first = slices[0].acquired
    acquired_s = np.array([(entry.acquired - first).total_seconds() for entry in slices])
    duration_s = np.array([entry.duration_s for entry in slices])
    mean_s = 0.0 if counts_from_frame_start(slices, half_life_s) else mean_time_s(duration_s, half_life_s)
    reference_s = acquired_s + mean_s - np.array([entry.frame_reference_s for entry in slices])
    if np.ptp(reference_s) > AGREEMENT_S or np.abs(reference_s).max() > LONGEST_S:
        return None
    return first + timedelta(seconds=float(np.median(reference_s)))


def decay_factor_ratios(slices: Sequence[SliceHeader], half_life_s: float) -> tuple[np.ndarray, np.ndarray] | None:
    """DecayFactor of every slice over what FrameReferenceTime says, read in the two ways scanners write it.

    Returns
    -------
    (ndarray, ndarray) or None
        Ratio where FrameReferenceTime is the time of the frame's mean activity (DICOM, Siemens), and where it is
        the start of the frame (GE). None where a slice lacks a value.
    """
    if any(None in (entry.decay_factor, entry.frame_reference_s, entry.duration_s) for entry in slices):
        return None
    factor = np.array([entry.decay_factor for entry in slices])
    mean = factor * remaining(np.array([entry.frame_reference_s for entry in slices]), half_life_s)
    return mean, mean / frame_decay_factor(np.array([entry.duration_s for entry in slices]), half_life_s)


def counts_from_frame_start(slices: Sequence[SliceHeader], half_life_s: float) -> bool:
    """Whether DecayFactor shows that FrameReferenceTime is the start of the frame, as GE writes it."""
    ratios = decay_factor_ratios(slices, half_life_s)
    if ratios is None:
        return False
    mean_off, start_off = (float(np.max(np.abs(ratio - 1.0))) for ratio in ratios)
    return start_off < DECAY_FACTOR_TOLERANCE and start_off < mean_off
