"""Doses in a calendar: day, date, day of the week, cycle."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..limits.clinical_history import History
from ..limits.dose_limits import interval_after
from ..limits.limit_cases import case_of
from ..treatments.clinical_doses import ClinicalDose, checked_drug, known_drug, resolve
from .regimens import in_order

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORTEST_CYCLE_DAYS, CYCLE_DAYS = 14, 21
"""A cycle ends with the next dose of a drug of the cycle after two weeks, with any dose after three."""


@dataclass(frozen=True)
class CalendarRow:
    """A dose in a calendar.

    Attributes
    ----------
    day : float
    date : date or None
        None where the date of day 0 is not known.
    weekday : str
        Empty without a date.
    cycle, cycle_day : int
        From 1.
    drug, dose : str
    """

    day: float
    date: date | None
    weekday: str
    cycle: int
    cycle_day: int
    drug: str
    dose: str


def calendar(
    doses: Iterable[ClinicalDose], start: date | None = None, species: str = "human"
) -> tuple[CalendarRow, ...]:
    """Doses in order with their dates and cycles.

    A cycle begins with the first dose, then with a dose that comes every two weeks or more (two weeks after the cycle
    began or later), or with any dose three weeks after it: so doses of a weekly drug are days 1, 8 and 15.

    Parameters
    ----------
    doses : iterable of ClinicalDose
    start : date, optional
        Date of day 0.
    species : str

    Raises
    ------
    InputError
        A date that no calendar has.
    """
    doses = in_order(doses, species)
    anchors = {math.floor(dose.day) for dose in doses if _begins_cycles(dose, doses, species)}
    rows: list[CalendarRow] = []
    cycle, began = 0, -math.inf
    for dose in doses:
        day = math.floor(dose.day)
        since = day - began
        if since >= CYCLE_DAYS or (since >= SHORTEST_CYCLE_DAYS and day in anchors):
            cycle, began = cycle + 1, day
        when = _date(start, day)
        weekday = WEEKDAYS[when.weekday()] if when else ""
        rows.append(CalendarRow(dose.day, when, weekday, cycle, int(day - began) + 1, dose.drug, dose.said))
    return tuple(rows)


def _date(start: date | None, day: int) -> date | None:
    if start is None:
        return None
    try:
        return start + timedelta(days=day)
    except OverflowError:
        raise InputError(f"Day {day} from {start} is no date of the calendar; choose an earlier start.") from None


def _begins_cycles(dose: ClinicalDose, doses: Iterable[ClinicalDose], species: str) -> bool:
    """Whether a dose comes every two weeks or more; a checkpoint inhibitor counts only where nothing else does."""
    if known_drug(dose.drug, species) is None or dose.size == 0:
        return False
    others = {other.drug for other in doses if known_drug(other.drug, species)}
    kinds = {find_drug(name, species).kind for name in others}
    drug = checked_drug(dose, species)
    if drug.kind == "checkpoint_inhibitor" and kinds != {"checkpoint_inhibitor"}:
        return False
    patient = Patient(species=species)
    (taken,) = (case := case_of(resolve([dose], patient, species), patient, History())).taken
    return interval_after(taken, case).least_days >= SHORTEST_CYCLE_DAYS
