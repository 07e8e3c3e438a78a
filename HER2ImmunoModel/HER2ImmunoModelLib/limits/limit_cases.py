"""What a rule of treatment is asked about, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..drugs.drug import ClinicalDrug
from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..treatments.clinical_doses import ResolvedDose
from .clinical_history import History

ROUND_OFF = 1e-9
WITHIN = 1 + ROUND_OFF
"""Factor within which two sizes are the same."""


@dataclass(frozen=True)
class Broken:
    """A rule that doses break.

    Attributes
    ----------
    rule : str
        Name of the rule, such as "least interval".
    said : str
        What breaks it, with rule, value, day and source; half a sentence, without a full stop.
    source : str
        "label: Taxotere".
    day : float
        Day of the dose that breaks it.
    drug : str
    """

    rule: str
    said: str
    source: str
    day: float
    drug: str

    @property
    def sentence(self) -> str:
        """The same as a sentence of its own."""
        return f"{self.said[0].upper()}{self.said[1:]}."


@dataclass(frozen=True)
class Taken:
    """What is given of a drug on a day.

    Attributes
    ----------
    drug : ClinicalDrug
    dose : ResolvedDose
        Of that day in all.
    is_planned : bool
        False for a dose of the past, which no rule can forbid any more.
    """

    drug: ClinicalDrug
    dose: ResolvedDose
    is_planned: bool

    @property
    def day(self) -> float:
        return self.dose.day

    def size(self, unit: str, patient: Patient) -> float:
        """The dose in another unit."""
        if unit == "mg/kg":
            return self.dose.mg / patient.value("weight_kg")
        if unit == "mg/m2":
            return self.dose.mg / patient.value("bsa_m2")
        return self.dose.mg if unit == "mg" else self.dose.amount


@dataclass(frozen=True)
class Case:
    """Everything that the rules look at.

    Attributes
    ----------
    taken : tuple of Taken
        Doses of the past and planned ones in order of day, one a drug and day; none of size 0.
    patient : Patient
    history : History
    """

    taken: tuple[Taken, ...]
    patient: Patient
    history: History

    @property
    def planned(self) -> tuple[Taken, ...]:
        return tuple(each for each in self.taken if each.is_planned)

    def of(self, drug: str) -> tuple[Taken, ...]:
        """What is taken of one drug."""
        return tuple(each for each in self.taken if each.drug.name == drug)


def case_of(doses: Iterable[ResolvedDose], patient: Patient, history: History) -> Case:
    """Planned doses beside those of the history."""
    sums: dict[tuple[float, str], Taken] = {}
    for dose, is_planned in [*((dose, False) for dose in history.given), *((dose, True) for dose in doses)]:
        if dose.amount <= 0:
            continue
        key = (dose.day, dose.drug)
        if before := sums.get(key):
            total = replace(dose, amount=before.dose.amount + dose.amount, milligrams=before.dose.mg + dose.mg)
            sums[key] = Taken(before.drug, total, before.is_planned or is_planned)
        else:
            sums[key] = Taken(find_drug(dose.drug, patient.species), dose, is_planned)
    return Case(tuple(sums[key] for key in sorted(sums)), patient, history)
