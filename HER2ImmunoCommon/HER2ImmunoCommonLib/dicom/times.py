"""Dates and times of DICOM headers as numbers."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

LARGEST_ZONE_H = 14
"""Clocks differ from UTC by this much at most, in hours."""


def time_of_day_s(text: str) -> float | None:
    """Seconds after midnight of a DICOM TM (HH, HHMM, HHMMSS, fraction; colons and zone suffix accepted).

    None where the value is empty or not a time.
    """
    match = re.fullmatch(
        r"(\d{2})(?::?(\d{2})(?::?(\d{2})(\.\d+)?)?)?(?:[+-]\d{4})?", str(text or "").strip().strip("\0")
    )
    if match is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
    if hour > 23 or minute > 59 or second > 60:
        return None
    return hour * 3600 + minute * 60 + second + float(match.group(4) or 0)


def date_of(text: str) -> date | None:
    """Day of a DICOM DA; None where the value is empty or not a date."""
    match = re.fullmatch(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})", str(text or "").strip().strip("\0"))
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def datetime_of(text: str) -> datetime | None:
    """Moment of a DICOM DT, aware only where it has a zone; None where the value is empty, has no hour or is no DT."""
    text = str(text or "").strip().strip("\0")
    zone_match = re.search(r"([+-])(\d{2})(\d{2})$", text[8:])
    day, seconds = date_of(text[:8]), time_of_day_s(text[8:])
    if day is None or seconds is None:
        return None
    zone = None
    if zone_match:
        sign, hours, minutes = zone_match.groups()
        if int(hours) > LARGEST_ZONE_H or int(minutes) > 59:
            return None
        zone = timezone((1 if sign == "+" else -1) * timedelta(hours=int(hours), minutes=int(minutes)))
    return moment(day, seconds).replace(tzinfo=zone)


def moment(day: date, seconds: float) -> datetime:
    """Date and time of day as one moment, to the microsecond."""
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)
