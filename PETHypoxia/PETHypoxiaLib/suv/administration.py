"""The moment of injection, from tags that may have lost their date, crossed midnight or disagree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from HER2ImmunoCommonLib.dicom import date_of, datetime_of, moment, time_of_day_s

from .header import PetHeader, local_time
from .tags import INJECTION_TAGS, SERIES_TAGS
from .verdict import USER, Findings, Input

LONGEST_HALF_LIVES = 5.0
"""An uptake longer than this many half-lives is not believed."""
CONFLICT_S = 60.0
DAY_S = 86400.0

START_DATETIME, START_TIME = INJECTION_TAGS["start_datetime"], INJECTION_TAGS["start_time"]
GE_TAG = SERIES_TAGS["ge_administered"]
MISSING = f"{START_TIME} and {START_DATETIME} are empty: when was the tracer injected (date and time)?"


@dataclass(frozen=True)
class Starts:
    """What the header says of the injection; None where absent or unreadable.

    `zone_assumed`: the date with time names its zone, the series does not.
    """

    date_time: datetime | None
    time_s: float | None
    ge: datetime | None
    zone_assumed: bool = False

    @classmethod
    def of(cls, header: PetHeader, injection: Mapping[str, str]) -> Starts:
        date_time = datetime_of(injection.get("start_datetime", ""))
        return cls(
            local_time(date_time, header.zone),
            _local_time_of_day_s(injection.get("start_time", ""), header.zone),
            header.datetime("ge_administered"),
            bool(date_time and date_time.tzinfo and not header.texts["zone"]),
        )


def administration(
    starts: Starts, reference: datetime, half_life_s: float, findings: Findings
) -> tuple[datetime, str] | None:
    """Moment of injection and the tag it is from.

    Parameters
    ----------
    starts : Starts
    reference : datetime
        A moment known to come after the injection: the reference time of the decay correction, or the scan.
    half_life_s : float
    findings : Findings
        Gets the warning, question or error.
    """
    limit_s = LONGEST_HALF_LIVES * half_life_s
    if _in_conflict(starts):
        findings.ask(
            "start",
            f"{START_DATETIME} says {starts.date_time:%H:%M:%S} and {START_TIME} says {clock(starts.time_s)}: "
            "when was the tracer injected (date and time)?",
        )
        return None
    if starts.date_time and 0 <= _elapsed_s(starts.date_time, reference) <= limit_s:
        if starts.zone_assumed and starts.time_s is None:
            findings.warn(
                f"{START_DATETIME} names its time zone but the series does not ({SERIES_TAGS['zone']}); the series is "
                "taken to be in that zone."
            )
        return starts.date_time, str(START_DATETIME)
    if starts.time_s is not None:
        when = on_day_of(reference, starts.time_s, limit_s)
        if _accept(when, str(START_TIME), reference, limit_s, findings):
            if starts.date_time:
                findings.warn(
                    f"{START_DATETIME} has another date ({starts.date_time:%Y-%m-%d}) than the scan, as after a date "
                    f"shift; the date of the scan is used with {START_TIME}, which agrees with its time of day."
                )
            return when, str(START_TIME)
        return None
    if starts.ge and 0 <= _elapsed_s(starts.ge, reference) <= limit_s:
        findings.warn(f"The time of injection is taken from {GE_TAG}, since the standard tags have none.")
        return starts.ge, str(GE_TAG)
    late = [(starts.date_time, str(START_DATETIME)), (starts.ge, str(GE_TAG))]
    for when, source in late:
        if when and not _accept(when, source, reference, limit_s, findings):
            return None
    findings.ask("start", MISSING)
    return None


def answered(
    text: str, reference: datetime, half_life_s: float, zone: tzinfo | None, findings: Findings
) -> datetime | None:
    """The user's moment of injection, given as DT or TM text."""
    limit_s = LONGEST_HALF_LIVES * half_life_s
    seconds = None if date_of(text[:8]) and len(text.split(".")[0]) > 8 else time_of_day_s(text)
    when = local_time(datetime_of(text), zone) if seconds is None else on_day_of(reference, seconds, limit_s)
    elapsed_s = _elapsed_s(when, reference)
    if elapsed_s < 0:
        findings.error(_negative(when, USER, reference))
        return None
    if elapsed_s > limit_s:
        findings.warn(f"The injection given ({when}) is {elapsed_s / 60:.0f} min before the image; check its date.")
    findings.inputs["start"] = Input(when, "", USER)
    return when


def on_day_of(reference: datetime, seconds: float, limit_s: float) -> datetime:
    """A time of day on the day of `reference`, or a day earlier where that alone is a possible uptake."""
    when = moment(reference.date(), seconds)
    earlier = when - timedelta(days=1)
    return earlier if when > reference and _elapsed_s(earlier, reference) <= limit_s else when


def clock(seconds: float) -> str:
    """Time of day as HH:MM:SS."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _local_time_of_day_s(text: str, zone: tzinfo | None) -> float | None:
    """Time of day in the zone of the series; a zone suffix, which TM should not have, is honoured if both are known."""
    seconds, suffix = time_of_day_s(text), re.search(r"([+-])(\d{2})(\d{2})\s*$", text)
    if seconds is None or suffix is None or zone is None:
        return seconds
    own_s = (int(suffix[2]) * 3600 + int(suffix[3]) * 60) * (-1 if suffix[1] == "-" else 1)
    return (seconds - own_s + zone.utcoffset(None).total_seconds()) % DAY_S


def _accept(when: datetime, source: str, reference: datetime, limit_s: float, findings: Findings) -> bool:
    elapsed_s = _elapsed_s(when, reference)
    if elapsed_s < 0:
        findings.error(_negative(when, source, reference))
    elif elapsed_s > limit_s:
        findings.ask(
            "start",
            f"{source} puts the injection {elapsed_s / 3600:.1f} h before the image, more than "
            f"{LONGEST_HALF_LIVES:g} half-lives: when was the tracer injected (date and time)?",
        )
    else:
        return True
    return False


def _negative(when: datetime, source: str, reference: datetime) -> str:
    return (
        f"The injection by {source} ({when:%Y-%m-%d %H:%M:%S}) is later than the image "
        f"({reference:%Y-%m-%d %H:%M:%S}), a negative uptake; correct the time of injection or of the image."
    )


def _in_conflict(starts: Starts) -> bool:
    if starts.date_time is None or starts.time_s is None:
        return False
    at = starts.date_time
    apart_s = abs(at.hour * 3600 + at.minute * 60 + at.second + at.microsecond * 1e-6 - starts.time_s)
    return min(apart_s, DAY_S - apart_s) > CONFLICT_S


def _elapsed_s(start: datetime, stop: datetime) -> float:
    return (stop - start).total_seconds()
