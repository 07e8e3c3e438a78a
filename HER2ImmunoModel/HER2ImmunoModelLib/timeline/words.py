"""What is said of a dose, a visit and a time line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from HER2ImmunoCommonLib.measurements import label_of

from ..regimens.treatment_calendar import WEEKDAYS
from .lanes import PlacedDose, TimeLine, Visit
from .places import Place, Places
from .scale import MONTHS, date_of_day

MOST_MEASURED = 6


def said_of_dose(line: TimeLine, dose: PlacedDose) -> list[str]:
    """Drug, day, date and size; what that is in mg; each limit that it breaks with its source."""
    state = "given" if line.is_given(dose.day) else "planned"
    lines = [f"{line.lane_of(dose.row).label}, {day_text(line, dose.day)}: {dose.said}, {state}"]
    if dose.amount:
        lines.append(dose.amount)
    lines += [broken.sentence for broken in dose.broken]
    return lines + [f"As its trial gave it: {broken.sentence}" for broken in dose.excepted]


def said_of_visit(line: TimeLine, visit: Visit) -> list[str]:
    """Name and day of a visit, and what was measured at it."""
    measured = [label_of(name) for name in visit.measured]
    more = f" and {len(measured) - MOST_MEASURED} more" if len(measured) > MOST_MEASURED else ""
    said = f"Measured: {', '.join(measured[:MOST_MEASURED])}{more}" if measured else "Nothing was measured."
    return [f"Visit {visit.name}, {day_text(line, visit.day)}", said]


def said_of_place(places: Places, place: Place) -> list[str]:
    """What a dose, a visit, the name of a lane or a curve says; nothing for an empty place."""
    line = places.line
    if place.kind == "dose":
        return said_of_dose(line, line.dose(place.row))
    if place.kind == "visit":
        return said_of_visit(line, line.visits[place.visit])
    if place.kind == "strip":
        strip, day = places.strips[place.strip], round(place.day)
        return [f"{strip.title}, {day_text(line, day)}", *strip.said(day)]
    return [line.lanes[place.lane].label] if place.kind == "label" else []


def day_text(line: TimeLine, day: float) -> str:
    """`day 21`, with the date if it is known."""
    when = date_of_day(day, line.day_zero)
    return f"day {day:g}" if when is None else f"day {day:g} ({date_text(when)})"


def date_text(when: date) -> str:
    """`Mon 20 Apr 2026`."""
    return f"{WEEKDAYS[when.weekday()][:3]} {when.day} {MONTHS[when.month - 1]} {when.year}"


def broken_doses(line: TimeLine) -> list[PlacedDose]:
    """Doses that break a limit, by day."""
    return sorted((dose for dose in line.doses if dose.broken), key=lambda dose: dose.day)


def said_of_broken(doses: Sequence[PlacedDose]) -> str:
    """How many doses break a limit, and how the first one does; empty if none does."""
    if not doses:
        return ""
    first = doses[0].broken[0].sentence
    return first if len(doses) == 1 else f"{len(doses)} doses break a limit. {first}"
