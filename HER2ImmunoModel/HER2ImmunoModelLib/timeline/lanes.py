"""The doses of a treatment table in lanes, one a drug, with the visits: what the time line shows and changes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ..drugs.drug import Amount, ClinicalDrug
from ..drugs.library import find_drug
from ..limits.limit_cases import Broken
from ..models.model import Drug, Model, targeted_and_cytotoxic
from ..treatments.clinical_doses import RELATIVE, ClinicalDose, dose_text, known_drug
from ..treatments.constraints import AllowedDays
from .scale import Span

SHORTEST_SPAN_DAYS = 14.0
EARLIER, LATER = 0.02, 0.03
"""Room before the first and after the last that happens, as shares of the span."""
NEXT_DOSE, NEXT_DAYS = 0.22, (7.0, 28.0)
"""Room after the last dose for another one, as a share of the span, and its limits in days."""
FULL_DOSE = Amount(1.0, "")


@dataclass(frozen=True)
class PlacedDose:
    """A dose of a row of the treatment table.

    Attributes
    ----------
    row : int
        In the table, from 0.
    drug : str
        As the table writes it.
    day, size : float
    unit : str
    amount : str
        What it is for the patient, in mg; empty for full doses.
    broken, excepted : tuple of Broken
        Limits that it breaks, and those that it breaks and may, as its trial gave it.
    """

    row: int
    drug: str
    day: float
    size: float
    unit: str = ""
    amount: str = ""
    broken: tuple[Broken, ...] = ()
    excepted: tuple[Broken, ...] = ()

    @property
    def said(self) -> str:
        """The size with its unit."""
        return dose_text(self.size, self.unit)

    @property
    def plain(self) -> ClinicalDose:
        """As it is prescribed."""
        return ClinicalDose(self.drug, self.day, self.size, self.unit)


@dataclass(frozen=True)
class Visit:
    """A visit: name, day, and what was measured at it."""

    name: str
    day: float
    measured: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lane:
    """The doses of a drug.

    Attributes
    ----------
    drug : str
        As rows that are added name it.
    label : str
    doses : tuple of PlacedDose
        By day.
    known : ClinicalDrug or None
        Of the library.
    usual : Amount
        Of a first dose where the lane is empty.
    is_cytotoxic : bool
    """

    drug: str
    label: str
    doses: tuple[PlacedDose, ...] = ()
    known: ClinicalDrug | None = None
    usual: Amount = FULL_DOSE
    is_cytotoxic: bool = False


@dataclass(frozen=True)
class TimeLine:
    """Lanes and visits.

    Attributes
    ----------
    lanes : tuple of Lane
    visits : tuple of Visit
        By day.
    day_zero : date or None
        Where it is known.
    today : float or None
        Day of today, where the date of day 0 is known.
    allowed : AllowedDays or None
        Days of the week that doses may fall on; None for every day.
    until : float
        Day that is shown at least: the horizon, or the end of a forecast.
    species : str
    problem : str
        Why the table cannot be shown; nothing can be changed then.
    """

    lanes: tuple[Lane, ...] = ()
    visits: tuple[Visit, ...] = ()
    day_zero: date | None = None
    today: float | None = None
    allowed: AllowedDays | None = None
    until: float = 0.0
    species: str = "human"
    problem: str = ""

    @property
    def doses(self) -> tuple[PlacedDose, ...]:
        """Those of all lanes."""
        return tuple(dose for lane in self.lanes for dose in lane.doses)

    @property
    def last_visit(self) -> float | None:
        """Day of the last visit."""
        return self.visits[-1].day if self.visits else None

    def is_given(self, day: float) -> bool:
        """Whether a dose of that day was given: at the last visit or before it; else it is planned."""
        return self.last_visit is not None and day <= self.last_visit

    def dose(self, row: int | None) -> PlacedDose | None:
        """The dose of a row of the table."""
        return next((dose for dose in self.doses if dose.row == row), None)

    def lane_of(self, row: int) -> Lane:
        """The lane with the dose of a row."""
        return next(lane for lane in self.lanes if any(dose.row == row for dose in lane.doses))

    @property
    def span(self) -> Span:
        """Days from before the first that happens to after the last, with room to add a dose."""
        doses = [dose.day for dose in self.doses]
        days = [0.0, self.until, *doses, *(visit.day for visit in self.visits)]
        first = min(days)
        length = max(max(days) - first, SHORTEST_SPAN_DAYS)
        least, most = NEXT_DAYS
        next_dose = max(doses, default=first) + min(max(least, NEXT_DOSE * length), most)
        last = max(first + length + max(1.0, LATER * length), next_dose)
        return first - max(1.0, EARLIER * length), last


def lanes_of(doses: Iterable[PlacedDose], model: Model, more: Sequence[str] = ()) -> tuple[Lane, ...]:
    """The lanes of a table: its drugs in the order in which it names them, then drugs to add doses of.

    Parameters
    ----------
    doses : iterable of PlacedDose
    model : Model
        Whose targeted and cytotoxic drug have a lane as long as doses count full doses.
    more : sequence of str
        Drugs that get a lane without having a dose.
    """
    doses, kept, names = tuple(doses), {}, {}
    for dose in doses:
        key = lane_key(dose.drug, model)
        names.setdefault(key, dose.drug)
        kept.setdefault(key, []).append(dose)
    in_full_doses = all(dose.unit in RELATIVE for dose in doses)
    pair = [name for name in targeted_and_cytotoxic(model.drugs) if name is not None] if in_full_doses else []
    for name in (*pair, *more):
        names.setdefault(lane_key(name, model), name)
    units = not in_full_doses
    return tuple(_lane(key, name, kept.get(key, ()), model, units) for key, name in names.items())


def lane_key(drug: str, model: Model) -> str:
    """What all names of a drug have in common: its name in the library, else in the model."""
    known = known_drug(drug, model.species)
    if known is not None:
        return known
    own = own_drug(drug, model)
    return drug.strip().lower() if own is None else own.name


def own_drug(drug: str, model: Model) -> Drug | None:
    """The drug of a model that a name stands for; None for another drug."""
    plain = drug.strip().lower()
    return next((own for own in model.drugs if plain == own.name or plain in own.aliases), None)


def _lane(key: str, name: str, doses: Sequence[PlacedDose], model: Model, in_units: bool) -> Lane:
    known = find_drug(key, model.species) if known_drug(key, model.species) else None
    own = own_drug(name, model)
    label = known.label if known is not None else own.label if own is not None else name
    cytotoxic = known.is_cytotoxic if known is not None else own is not None and own.kind == "cytotoxic"
    by_units = known is not None and (in_units or own is None or own.name != key)
    usual = known.plans[0].loading or known.plans[0].dose if by_units else FULL_DOSE
    return Lane(name, label, tuple(sorted(doses, key=lambda dose: dose.day)), known, usual, cytotoxic)


def beside(line: TimeLine, row: int | None, days: int, lanes: int) -> int | None:
    """Row of the dose before or after one in its lane (`days` -1 or 1), or of the nearest in the lane above or below
    (`lanes` -1 or 1); the first dose of all without a row, and the same one where there is no other."""
    filled = [lane for lane in line.lanes if lane.doses]
    if not filled:
        return None
    dose = line.dose(row)
    if dose is None:
        return filled[0].doses[0].row
    at = filled.index(line.lane_of(row))
    if days:
        doses = filled[at].doses
        return doses[min(max(doses.index(dose) + days, 0), len(doses) - 1)].row
    other = filled[min(max(at + lanes, 0), len(filled) - 1)].doses
    return min(other, key=lambda each: abs(each.day - dose.day)).row


def snapped(day: float, allowed: AllowedDays | None) -> float:
    """The nearest whole day that is allowed, the later one of two."""
    whole = math.floor(day + 0.5)
    if allowed is None:
        return float(whole)
    near = sorted(range(whole - 7, whole + 8), key=lambda other: (abs(other - day), -other))
    return float(next((other for other in near if is_allowed(other, allowed)), whole))


def next_day(day: float, step: int, allowed: AllowedDays | None) -> float:
    """The next whole day in a direction (1 or -1) that is allowed."""
    at = math.floor(day) + 1 if step > 0 else math.ceil(day) - 1
    while allowed is not None and allowed.weekdays and not is_allowed(at, allowed):
        at += step
    return float(at)


def is_allowed(day: float, allowed: AllowedDays | None) -> bool:
    """Whether doses may fall on a day."""
    return allowed is None or (math.floor(day) + allowed.day_zero) % 7 in allowed.weekdays
