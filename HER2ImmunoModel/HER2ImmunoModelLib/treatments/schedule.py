"""Treatment schedules: doses on days, their table and the standard candidates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from HER2ImmunoCommonLib.errors import InputError

from ..models.model import Model

COLUMNS = ("drug", "day", "dose")


@dataclass(frozen=True, order=True)
class Dose:
    """One dose: drug, day (days from the first visit's time zero) and size (1 is the drug's full dose)."""

    drug: str
    day: float
    dose: float = 1.0

    def __post_init__(self):
        if not math.isfinite(self.day):
            raise InputError(f"The day of a dose of {self.drug} is {self.day}; give a finite number of days.")
        if not math.isfinite(self.dose) or self.dose < 0:
            raise InputError(f"The dose of {self.drug} on day {self.day:g} is {self.dose}; give a number of 0 or more.")


@dataclass(frozen=True)
class Schedule:
    """Doses in any order, and a name for people."""

    doses: tuple[Dose, ...] = ()
    name: str = ""

    def __post_init__(self):
        object.__setattr__(self, "doses", tuple(self.doses))

    def __add__(self, other: Schedule) -> Schedule:
        """Doses of both, under the name of the second."""
        return Schedule(self.doses + other.doses, other.name or self.name)

    def before(self, day: float) -> Schedule:
        """The doses given before a day."""
        return replace(self, doses=tuple(dose for dose in self.doses if dose.day < day))

    def for_model(self, model: Model) -> Schedule:
        """The same doses under the model's own drug names, one row a drug and day, in order of day.

        Raises
        ------
        InputError
            A drug the model does not have.
        """
        sums: dict[tuple[float, str], list[float]] = {}
        for dose in self.doses:
            sums.setdefault((dose.day, model.drug(dose.drug).name), []).append(dose.dose)
        rows = (Dose(drug, day, math.fsum(sizes)) for (day, drug), sizes in sorted(sums.items()))
        return Schedule(tuple(row for row in rows if row.dose > 0), self.name)


def repeated(drug: str, days: Iterable[float], dose: float = 1.0) -> tuple[Dose, ...]:
    """The same dose of a drug on several days."""
    return tuple(Dose(drug, day, dose) for day in days)


def standard_candidates(
    drugs: Sequence[str] = ("trastuzumab", "cytotoxic"),
    *,
    start_day: float = 0.0,
    interval_day: float = 4.0,
    doses: int = 2,
    dose: float = 1.0,
) -> list[Schedule]:
    """The schedules everyone asks about: one drug then the other, the reverse, together, each alone, none.

    Every schedule that gives a drug gives the same doses of it.

    Parameters
    ----------
    drugs : two names
        The targeted drug and the chemotherapy.
    start_day, interval_day : float
        Day of the first dose and days between doses.
    doses : int
        Doses of each drug.
    dose : float
        Size of each dose (1 is the full dose).

    Returns
    -------
    list of Schedule
        Six schedules with readable names.
    """
    if len(drugs) != 2:
        raise InputError(f"Standard schedules compare two drugs, not {len(drugs)}; name the two.")
    first, second = drugs
    early = [start_day + interval_day * i for i in range(doses)]
    late = [day + interval_day * doses for day in early]
    a, b = readable(first), readable(second)
    return [
        Schedule(repeated(first, early, dose) + repeated(second, late, dose), f"{a} then {b.lower()}"),
        Schedule(repeated(second, early, dose) + repeated(first, late, dose), f"{b} then {a.lower()}"),
        Schedule(repeated(first, early, dose) + repeated(second, early, dose), f"{a} and {b.lower()} together"),
        Schedule(repeated(first, early, dose), f"{a} alone"),
        Schedule(repeated(second, early, dose), f"{b} alone"),
        Schedule((), "No treatment"),
    ]


def readable(drug: str) -> str:
    """Name of a drug for people."""
    return "Chemotherapy" if drug == "cytotoxic" else drug.replace("_", " ").capitalize()
