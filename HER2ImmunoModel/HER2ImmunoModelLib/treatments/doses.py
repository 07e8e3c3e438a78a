"""Doses on days, and schedules of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from HER2ImmunoCommonLib.errors import InputError

from ..models.given_drug import TREATMENT, takes_any, with_drugs
from ..models.model import Model

COLUMNS = ("drug", "day", "dose")
ROUND_OFF_DOSE = 1 + 1e-9
"""A full dose, however it was summed."""


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

    @property
    def remarks(self) -> tuple[str, ...]:
        """A sentence if a day's doses of a drug are more than a full dose, as numbers in mg or mg/kg would be."""
        sums: dict[tuple[str, float], float] = {}
        for dose in self.doses:
            sums[dose.drug, dose.day] = sums.get((dose.drug, dose.day), 0.0) + dose.dose
        large = {key: size for key, size in sums.items() if size > ROUND_OFF_DOSE}
        if not large:
            return ()
        drug, day = max(large, key=large.get)
        return (
            f"{large[drug, day]:g} full doses of {drug} are given on day {day:g}, more than one"
            f"{f' (so on {len(large) - 1} more days)' if len(large) > 1 else ''}; check that doses are not in mg or "
            "mg/kg.",
        )

    def before(self, day: float) -> Schedule:
        """The doses given before a day."""
        return replace(self, doses=tuple(dose for dose in self.doses if dose.day < day))

    def for_model(self, model: Model) -> Schedule:
        """The same doses under the names that the model keeps them by, one row a drug and day, in order of day.

        Raises
        ------
        InputError
            A drug the model does not have.
        """
        asked, found = vars(self).get("_settled", (None, None))
        if asked is not model:
            found = self._settle(model)
            object.__setattr__(self, "_settled", (model, found))  # every rule of a search asks anew
        return found

    def _settle(self, model: Model) -> Schedule:
        names = {name: model.dose_name(name) for name in {dose.drug for dose in self.doses}}
        if takes_any(model) and any(name != TREATMENT for name in names):
            raise InputError(
                f"{model.name} does not know yet which drug it is given, but doses name {min(names)}; name it with "
                "models.with_drug, or in the doses that a calibration is made with."
            )
        sums: dict[tuple[float, str], list[float]] = {}
        for dose in self.doses:
            sums.setdefault((dose.day, names[dose.drug]), []).append(dose.dose)
        rows = (Dose(drug, day, math.fsum(sizes)) for (day, drug), sizes in sorted(sums.items()))
        return Schedule(tuple(row for row in rows if row.dose > 0), self.name)


def model_given(model: Model, schedules: Iterable[Schedule]) -> Model:
    """The model with the one drug that schedules give, where it takes any; errors as `with_drugs`."""
    return with_drugs(model, (dose.drug for schedule in schedules for dose in schedule.doses))
