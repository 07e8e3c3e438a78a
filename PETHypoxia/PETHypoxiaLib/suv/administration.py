"""The moment of injection, from tags that may have lost their date, crossed midnight or disagree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from HER2ImmunoCommonLib.dicom import date_of, datetime_of, moment, time_of_day_s

from .header import MIDNIGHT, PetHeader, believable
from .reference_time import days_shifted
from .tags import INJECTION_TAGS, SERIES_TAGS
from .uptake import LONGEST_GIVEN_HALF_LIVES, longest_uptake_s
from .verdict import USER, Findings, Input

CONFLICT_S = 60.0
DAY_S = 86400.0
KEY = "start"

START_DATETIME, START_TIME = INJECTION_TAGS["start_datetime"], INJECTION_TAGS["start_time"]
GE_TAG = SERIES_TAGS["ge_administered"]
WHEN = "when was the tracer injected (date and time)?"
MISSING = f"{START_TIME} and {START_DATETIME} are empty or no times: {WHEN}"


@dataclass(frozen=True)
class Starts:
    """What the header says of the injection; None where absent or unreadable.

    Attributes
    ----------
    date_time, ge : datetime or None
    day : date or None
        Of a start that names its day only.
    time_s : float or None
        Time of day.
    zone_assumed : bool
        The date with time names its zone, the series does not.
    zeroed : tuple of str
        The tags whose time is 000000.
    zone : tzinfo or None
        Of the series.
    """

    date_time: datetime | None = None
    time_s: float | None = None
    ge: datetime | None = None
    day: date | None = None
    zone_assumed: bool = False
    zeroed: tuple[str, ...] = ()
    zone: tzinfo | None = None

    @classmethod
    def of(cls, header: PetHeader, injection: Mapping[str, str]) -> Starts:
        text = injection.get("start_datetime", "")
        written = datetime_of(text)
        date_time, ge = believable(written, header.zone), header.datetime("ge_administered")
        time_s = time_of_day_s(injection.get("start_time", ""))
        clocks = {
            START_DATETIME: written and date_time and written.time() == MIDNIGHT,
            START_TIME: time_s == 0.0,
            GE_TAG: ge and ge.time() == MIDNIGHT,
        }
        return cls(
            date_time=date_time,
            time_s=_local_time_of_day_s(injection.get("start_time", ""), header.zone),
            ge=ge and ge + timedelta(days=days_shifted(header, "ge_scan")),
            day=date_of(text) if date_time is None else None,
            zone_assumed=bool(date_time and written.tzinfo and not header.texts["zone"]),
            zeroed=tuple(str(tag) for tag, is_zero in clocks.items() if is_zero),
            zone=header.zone,
        )

    @property
    def are_missing(self) -> bool:
        return self.date_time is None and self.time_s is None and self.ge is None


def administration(
    starts: Starts, scan: datetime, half_life_s: float, findings: Findings
) -> tuple[datetime, str] | None:
    """Moment of injection and the tag it is from.

    Parameters
    ----------
    starts : Starts
    scan : datetime
        A moment known to come after the injection: the acquisition, else the reference time of the decay correction.
    half_life_s : float
    findings : Findings
        Gets the warning, question or error.
    """
    limit_s = longest_uptake_s(half_life_s)
    if ask := doubt(starts):
        findings.ask(KEY, ask)
        return None
    if starts.date_time and 0 <= _elapsed_s(starts.date_time, scan) <= limit_s:
        if starts.zone_assumed and starts.time_s is None:
            findings.warn(
                f"{START_DATETIME} names its time zone but the series does not ({SERIES_TAGS['zone']}); the series is "
                "taken to be in that zone."
            )
        return starts.date_time, str(START_DATETIME)
    if starts.time_s is not None:
        return _by_time_of_day(starts, scan, limit_s, findings)
    if starts.ge and 0 <= _elapsed_s(starts.ge, scan) <= limit_s:
        findings.warn(f"The time of injection is taken from {GE_TAG}, since the standard tags have none.")
        return starts.ge, str(GE_TAG)
    for when, source in ((starts.date_time, str(START_DATETIME)), (starts.ge, str(GE_TAG))):
        if when and not _accept(when, source, scan, limit_s, findings):
            return None
    findings.ask(KEY, MISSING)
    return None


def answered(text: str, starts: Starts, scan: datetime, half_life_s: float, findings: Findings) -> datetime | None:
    """The user's moment of injection, given as DT, TM or DA text; a DA takes the time of day of the header."""
    limit_s = longest_uptake_s(half_life_s)
    when = _given_moment(text, starts, scan, limit_s, findings)
    if when is None:
        return None
    elapsed_s = _elapsed_s(when, scan)
    if elapsed_s < 0:
        findings.error(_negative(when, USER, scan))
        return None
    if elapsed_s > LONGEST_GIVEN_HALF_LIVES * half_life_s:
        findings.error(
            f"The injection given ({when}) is {elapsed_s / half_life_s:.0f} half-lives before the image "
            f"({scan:%Y-%m-%d %H:%M:%S}), when nothing is left to be seen; correct its date or the half-life."
        )
        return None
    if elapsed_s > limit_s:
        findings.warn(f"The injection given ({when}) is {elapsed_s / 60:.0f} min before the image; check its date.")
    findings.inputs[KEY] = Input(when, "", USER)
    return when


def _given_moment(text: str, starts: Starts, scan: datetime, limit_s: float, findings: Findings) -> datetime | None:
    if day := date_of(text):
        if starts.time_s is None or starts.zeroed:
            findings.ask(KEY, f"The day of the injection is given ({day}) but not its time of day: {WHEN}")
            return None
        return moment(day, starts.time_s)
    is_moment = date_of(text[:8]) and len(text.split(".")[0]) > 8
    seconds = None if is_moment else time_of_day_s(text)
    if seconds is None:
        when = believable(datetime_of(text), starts.zone)
        if when is None:
            findings.error(f"The injection given ({text}) is in a year that cannot be; correct its date.")
        return when
    days = possible_moments(scan, seconds, limit_s)
    if len(days) > 1:
        findings.ask(KEY, _which_day(f"The injection at {clock(seconds)}", days))
        return None
    return days[0] if days else moment(scan.date(), seconds)


def possible_moments(scan: datetime, seconds: float, limit_s: float) -> list[datetime]:
    """Every moment with a time of day from which on an uptake up to `limit_s` leads to the scan, the latest first."""
    latest = moment(scan.date(), seconds)
    if latest > scan:
        latest -= timedelta(days=1)
    n_days = int((limit_s - _elapsed_s(latest, scan)) // DAY_S) + 1
    return [latest - timedelta(days=n) for n in range(max(n_days, 0))]


def clock(seconds: float) -> str:
    """Time of day as HH:MM:SS."""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def doubt(starts: Starts) -> str:
    """Why the times of injection cannot be believed, as a question; empty where nothing speaks against them."""
    if starts.zeroed:
        verb = "is" if len(starts.zeroed) == 1 else "are"
        return f"{' and '.join(starts.zeroed)} {verb} at 000000, as de-identification leaves it: {WHEN}"
    said = [(str(START_TIME), starts.time_s)]
    said += [
        (str(tag), time_of_day_s(f"{when:%H%M%S.%f}"))
        for tag, when in ((START_DATETIME, starts.date_time), (GE_TAG, starts.ge))
        if when
    ]
    known = [(name, seconds) for name, seconds in said if seconds is not None]
    if any(_apart_s(known[0][1], seconds) > CONFLICT_S for _, seconds in known[1:]):
        return f"{' and '.join(f'{name} says {clock(seconds)}' for name, seconds in known)}: {WHEN}"
    return ""


def _by_time_of_day(starts: Starts, scan: datetime, limit_s: float, findings: Findings) -> tuple[datetime, str] | None:
    """The injection by its time of day, on the one day that it is possible on."""
    days = possible_moments(scan, starts.time_s, limit_s)
    known = starts.day or (starts.ge and starts.ge.date())
    named = [when for when in days if when.date() == known]
    if len(days) > 1 and not named:
        other = f"{START_DATETIME} says {starts.date_time:%Y-%m-%d}" if starts.date_time else "no tag says the day"
        findings.ask(KEY, _which_day(f"{START_TIME} says {clock(starts.time_s)} and {other}", days))
        return None
    when = (named or days or [moment(scan.date(), starts.time_s)])[0]
    if not _accept(when, str(START_TIME), scan, limit_s, findings):
        return None
    if starts.date_time:
        findings.warn(
            f"{START_DATETIME} has another date ({starts.date_time:%Y-%m-%d}) than the scan, as after a date "
            f"shift; the date of the scan is used with {START_TIME}, which agrees with its time of day."
        )
    return when, str(START_TIME)


def _which_day(said: str, days: list[datetime]) -> str:
    return (
        f"{said}; by the half-life it may be any of {len(days)} days, {days[-1]:%Y-%m-%d} to {days[0]:%Y-%m-%d}: "
        "on which day was the tracer injected (date, or date and time)?"
    )


def _local_time_of_day_s(text: str, zone: tzinfo | None) -> float | None:
    """Time of day in the zone of the series; a zone suffix, which TM should not have, is honoured if both are known."""
    seconds, suffix = time_of_day_s(text), re.search(r"([+-])(\d{2})(\d{2})\s*$", text)
    if seconds is None or suffix is None or zone is None:
        return seconds
    own_s = (int(suffix[2]) * 3600 + int(suffix[3]) * 60) * (-1 if suffix[1] == "-" else 1)
    return (seconds - own_s + zone.utcoffset(None).total_seconds()) % DAY_S


def _accept(when: datetime, source: str, scan: datetime, limit_s: float, findings: Findings) -> bool:
    elapsed_s = _elapsed_s(when, scan)
    if elapsed_s < 0:
        findings.error(_negative(when, source, scan))
        findings.ask(KEY, WHEN.capitalize())
    elif elapsed_s > limit_s:
        findings.ask(
            KEY,
            f"{source} puts the injection {elapsed_s / 3600:.1f} h before the image, longer than an uptake can be "
            f"({limit_s / 3600:.1f} h with this half-life): {WHEN}",
        )
    else:
        return True
    return False


def _negative(when: datetime, source: str, scan: datetime) -> str:
    return (
        f"The injection by {source} ({when:%Y-%m-%d %H:%M:%S}) is later than the image "
        f"({scan:%Y-%m-%d %H:%M:%S}), a negative uptake; correct the header, or give the time of injection ({KEY})."
    )


def _apart_s(one: float, other: float) -> float:
    apart_s = abs(one - other)
    return min(apart_s, DAY_S - apart_s)


def _elapsed_s(start: datetime, stop: datetime) -> float:
    return (stop - start).total_seconds()
