"""Dates and times of DICOM headers as numbers."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

FIRST_YEAR, LAST_YEAR = 1, 9999
"""Years outside of which days cannot be counted on and back."""
LARGEST_OFFSET_H = 14
"""Hours that a time zone is at most away from UTC."""


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
        found = date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
    return found if FIRST_YEAR < found.year < LAST_YEAR else None


def datetime_of(text: str) -> datetime | None:
    """Moment of a DICOM DT, aware only where it has a zone; None where the value is empty, has no hour or is no DT."""
    text = str(text or "").strip().strip("\0")
    zone_match = re.search(r"([+-])(\d{2})(\d{2})$", text[8:])
    day, seconds = date_of(text[:8]), time_of_day_s(text[8:])
    if day is None or seconds is None:
        return None
    zone = zone_of(zone_match.group()) if zone_match else None
    if zone_match and zone is None:
        return None
    return moment(day, seconds).replace(tzinfo=zone)


def zone_of(text: str) -> timezone | None:
    """Offset from UTC as DICOM writes it (+0100); None where the value is empty or no offset."""
    match = re.fullmatch(r"([+-])([0-9]{2})([0-9]{2})", str(text or "").strip().strip("\0"))
    if match is None or int(match.group(2)) > LARGEST_OFFSET_H or int(match.group(3)) > 59:
        return None
    span = timedelta(hours=int(match.group(2)), minutes=int(match.group(3)))
    return timezone(-span if match.group(1) == "-" else span)


def moment(day: date, seconds: float) -> datetime:
    """Date and time of day as one moment, to the microsecond."""
    return datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)
