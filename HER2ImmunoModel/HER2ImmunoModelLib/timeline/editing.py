"""What a person does to doses on the time line: each gives the change of the table, and changes nothing itself."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from ..drugs.drug import Amount
from ..regimens.treatment_calendar import calendar
from ..treatments.clinical_doses import RELATIVE, ClinicalDose
from ..treatments.schedule import LARGEST_UNSAID
from .lanes import Lane, PlacedDose, TimeLine, next_day, snapped

ONE_DOSE_DAYS = 7
"""Days after a single dose of a drug of which no plan is known."""
STEP_SHARE = 10.0
SAME_DAY = 1e-6
DIGITS = 12


@dataclass(frozen=True)
class Edit:
    """A change of the rows of a treatment table; all of it at once.

    Attributes
    ----------
    days, sizes : tuple of (int, float)
        Row, and its new day or size.
    removed : tuple of int
        Rows.
    added : tuple of ClinicalDose
        Below the rows that are there.
    refused : str
        Why nothing is to be changed, as a sentence.
    """

    days: tuple[tuple[int, float], ...] = ()
    sizes: tuple[tuple[int, float], ...] = ()
    removed: tuple[int, ...] = ()
    added: tuple[ClinicalDose, ...] = ()
    refused: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.days or self.sizes or self.removed or self.added)


NOTHING = Edit()


def joined(first: Edit, then: Edit) -> Edit:
    """Two changes of days and sizes in one."""
    days, sizes = dict(first.days) | dict(then.days), dict(first.sizes) | dict(then.sizes)
    return Edit(tuple(days.items()), tuple(sizes.items()))


def add(line: TimeLine, lane: Lane, day: float) -> Edit:
    """A dose more at a day: the size that is due by the plan of the drug, or that of the dose before it."""
    day = snapped(day, line.allowed)
    if there := on_day(lane, day):
        return Edit(refused=_taken(lane, there))
    due = due_amount(lane, day)
    return Edit(added=(ClinicalDose(lane.drug, day, due.size, due.unit),))


def due_amount(lane: Lane, day: float) -> Amount:
    """Size of a dose at a day: the loading dose where the plan has one due, the usual one after a loading dose, else
    that of the dose before; in an empty lane the usual one."""
    if not lane.doses:
        return lane.usual
    before = [dose for dose in lane.doses if dose.day < day]
    last = before[-1] if before else lane.doses[0]
    plan = None if lane.known is None else lane.known.plans[0]
    if plan is None or plan.loading is None or last.unit != plan.dose.unit:
        return Amount(last.size, last.unit)
    if plan.is_loading_due(day - last.day if before else None):
        return plan.loading
    is_loading = (last.size, last.unit) == (plan.loading.size, plan.loading.unit)
    return plan.dose if is_loading else Amount(last.size, last.unit)


def add_after(line: TimeLine, row: int) -> Edit:
    """A dose more of the drug of a dose, as long after it as its plan says, or as the doses before are apart."""
    dose, lane = line.dose(row), line.lane_of(row)
    if lane.known is not None:
        return add(line, lane, dose.day + lane.known.plans[0].every_days)
    before = [other.day for other in lane.doses if other.day < dose.day]
    return add(line, lane, dose.day + (dose.day - before[-1] if before else ONE_DOSE_DAYS))


def move(line: TimeLine, row: int, day: float) -> Edit:
    """A dose on another day, the nearest that is allowed; refused where the drug has a dose."""
    dose, lane = line.dose(row), line.lane_of(row)
    day = snapped(day, line.allowed)
    if day == dose.day:
        return NOTHING
    if (there := on_day(lane, day)) and there.row != row:
        return Edit(refused=_taken(lane, there))
    return Edit(days=((row, day),))


def nudge(line: TimeLine, row: int, step: int) -> Edit:
    """A dose on the next allowed day before (-1) or after (1)."""
    return move(line, row, next_day(line.dose(row).day, step, line.allowed))


def resize(line: TimeLine, row: int, size: float) -> Edit:
    """A dose of another size, in its unit."""
    if not math.isfinite(size) or size < 0:
        return Edit(refused=f"A dose is a number of 0 or more, not {size:g}.")
    if line.dose(row).unit == "" and size > LARGEST_UNSAID:
        return Edit(refused=f"{size:g} are more than {LARGEST_UNSAID:g} full doses; choose a unit in the table first.")
    return NOTHING if size == line.dose(row).size else Edit(sizes=((row, size),))


def resize_to(line: TimeLine, row: int, text: str) -> Edit:
    """A dose of a size that was written; refused if that is no number."""
    try:
        size = float(text)
    except ValueError:
        return Edit(refused=f"{text.strip()!r} is no size of a dose; write a number such as 75 or 0.5.")
    return resize(line, row, size)


def step_size(line: TimeLine, row: int, steps: int) -> Edit:
    """A dose larger or smaller by steps of its drug; never less than nothing."""
    dose = line.dose(row)
    size = float(f"{dose.size + steps * usual_step(line.lane_of(row), dose):.{DIGITS}g}")
    return resize(line, row, max(0.0, size))


def usual_step(lane: Lane, dose: PlacedDose) -> float:
    """The largest step of 1, 2 or 5 times a power of ten within a tenth of the usual dose in that unit."""
    base = 1.0 if dose.unit in RELATIVE else dose.size or 1.0
    plans = () if lane.known is None else lane.known.plans
    base = next((plan.dose.size for plan in plans if plan.dose.unit == dose.unit), base)
    share = base / STEP_SHARE
    power = 10.0 ** math.floor(math.log10(share))
    factor = next(factor for factor in (5.0, 2.0, 1.0) if factor * power <= share * (1 + 1e-9))
    return float(f"{factor * power:.{DIGITS}g}")


def delete(rows: Iterable[int]) -> Edit:
    """Doses less."""
    return Edit(removed=tuple(sorted(rows)))


def copy_cycle(line: TimeLine, lane: Lane | None = None) -> Edit:
    """The doses of the last cycle once more after it.

    Where the last cycle is the first, a loading dose becomes the usual dose. Doses that would fall on a dose of their
    drug are left out.

    Parameters
    ----------
    line : TimeLine
    lane : Lane, optional
        Drug whose own last cycle is meant; all drugs if None.
    """
    lanes = line.lanes if lane is None else (lane,)
    doses = [(dose, each) for each in lanes for dose in each.doses]
    if not doses:
        return Edit(refused="There is no dose to copy.")
    cycle, length = _last_cycle(doses, line.species)
    added = []
    for dose, each in cycle:
        day = snapped(dose.day + length, line.allowed)
        if on_day(each, day) is None:
            size = _size_again(each, dose, day)
            added.append(ClinicalDose(dose.drug, day, size, dose.unit))
    return Edit(added=tuple(added))


Placed = tuple[PlacedDose, Lane]


def _last_cycle(doses: list[Placed], species: str) -> tuple[list[Placed], int]:
    """The doses of the last cycle by day, and days from it to the next one."""
    by_day = sorted(doses, key=lambda pair: pair[0].day)
    rows = calendar([dose.plain for dose, _lane in by_day], None, species)
    last = rows[-1].cycle
    began = {row.cycle: math.floor(row.day) for row in reversed(rows)}
    cycle = [pair for pair in by_day if pair[0].day >= began[last]]
    days = [pair[0].day for pair in cycle]
    length = began[last] - began[last - 1] if last > 1 else _plan_days(cycle, days)
    return cycle, max(length, math.floor(days[-1] - days[0]) + 1)


def _plan_days(cycle: list[Placed], days: list[float]) -> int:
    """Days of an only cycle: a cycle of the clinic if plans are known, else as far apart as the doses in it are."""
    plans = [lane.known.plans[0].every_days for _dose, lane in cycle if lane.known is not None]
    apart = [after - before for before, after in pairwise(days) if after - before > SAME_DAY]
    if apart:
        span, gap = days[-1] - days[0], min(apart)
        return math.ceil(span + gap) if not plans or span + gap > max(plans) else math.ceil(max(plans))
    return math.ceil(max(plans)) if plans else ONE_DOSE_DAYS


def _size_again(lane: Lane, dose: PlacedDose, day: float) -> float:
    """Size of a dose that is given again: no second loading dose unless one is due."""
    plan = None if lane.known is None else lane.known.plans[0]
    if plan is None or plan.loading is None or (dose.size, dose.unit) != (plan.loading.size, plan.loading.unit):
        return dose.size
    since = min((day - other.day for other in lane.doses if other.day < day), default=None)
    return dose.size if plan.is_loading_due(since) else plan.dose.size


def on_day(lane: Lane, day: float) -> PlacedDose | None:
    """The dose of a lane on that day."""
    return next((dose for dose in lane.doses if math.floor(dose.day) == math.floor(day)), None)


def applied(line: TimeLine, edit: Edit) -> TimeLine:
    """The time line after a change; limits and amounts of doses that change are not known any more."""
    days, sizes, gone = dict(edit.days), dict(edit.sizes), set(edit.removed)
    after, lanes = max((dose.row + 1 for dose in line.doses), default=0) - len(gone), []
    for lane in line.lanes:
        doses = [_changed(dose, days, sizes, gone) for dose in lane.doses if dose.row not in gone]
        doses += [
            PlacedDose(after + number, dose.drug, dose.day, dose.size, dose.unit)
            for number, dose in enumerate(edit.added)
            if dose.drug == lane.drug or any(other.drug == dose.drug for other in lane.doses)
        ]
        lanes.append(replace(lane, doses=tuple(sorted(doses, key=lambda dose: dose.day))))
    return replace(line, lanes=tuple(lanes))


def _changed(dose: PlacedDose, days: dict[int, float], sizes: dict[int, float], gone: set[int]) -> PlacedDose:
    row = dose.row - sum(other < dose.row for other in gone)
    if dose.row not in days and dose.row not in sizes:
        return replace(dose, row=row)
    return PlacedDose(row, dose.drug, days.get(dose.row, dose.day), sizes.get(dose.row, dose.size), dose.unit)


def _taken(lane: Lane, dose: PlacedDose) -> str:
    return f"{lane.label} has a dose on day {dose.day:g} already ({dose.said}); change that one."
