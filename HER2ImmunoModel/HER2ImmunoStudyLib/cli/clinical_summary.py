"""What commands say of doses of the clinic: where each comes from, what was assumed, which limits hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from HER2ImmunoModelLib.drugs import covariates_of, find_drug
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.treatments import Schedule

from .clinic import Clinic
from .patient_options import COVARIATES, assumed_rows, assumed_summary, assumed_text


@dataclass(frozen=True)
class SaidDoses:
    """What is said of schedules for a patient; nothing where doses are full doses only.

    Attributes
    ----------
    clinic : Clinic
    plans : tuple of Schedule
        Of the model.
    model : Model
    exposures : tuple of str
        A line for each drug in units.
    """

    clinic: Clinic
    plans: tuple[Schedule, ...]
    model: Model
    exposures: tuple[str, ...]

    @property
    def in_units(self) -> bool:
        """Whether doses are those of the clinic, for one patient."""
        return self.clinic.limits or bool(self.exposures)

    @property
    def record(self) -> dict[str, object]:
        """For sidecars: where the doses of each schedule come from."""
        return {"doses": self._lines()} if self.in_units else {}

    @property
    def summary(self) -> dict[str, object]:
        """For JSON."""
        if not self.in_units:
            return {}
        return {
            "limits": self.clinic.limits,
            "exposures": self.exposures,
            "assumed": assumed_summary(self._assumed()),
            "provenance": self._lines(),
        }

    def text(self) -> Iterator[str]:
        """What was assumed, and the exposure of each drug, on screen."""
        if not self.in_units:
            return
        yield from assumed_text(self._assumed())
        yield from (f"Exposure: {line}" for line in self.exposures)
        if not self.clinic.limits and self.clinic.patient.species == "human":
            yield "Hard limits were not looked at; ask for them with --limits."

    def _lines(self) -> dict[str, list[str]]:
        return {plan.name: self.clinic.lines(plan, self.model) for plan in self.plans}

    def _assumed(self) -> list[dict[str, object]]:
        """Numbers of the patient that the doses or the kinetics take, and that are not known."""
        names = dict.fromkeys(dose.drug for plan in self.plans for dose in self.clinic.doses(plan, self.model))
        found = {name: covariates_of(find_drug(name, self.model.species)) for name in names}
        needed = {
            each
            for name, all_ in found.items()
            for each in all_
            if each in COVARIATES.values() or name in self.model.agents
        }
        return assumed_rows(self.clinic.patient, needed)
