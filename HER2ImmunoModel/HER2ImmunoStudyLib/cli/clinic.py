"""Schedules in clinical units and the limits that they keep, for one model or calibration and one patient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.calibration import Calibration
from HER2ImmunoModelLib.drugs import Patient
from HER2ImmunoModelLib.limits import ClinicalLimits, History, excepted, search_bounds, without_limits
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.planning import ClinicalCandidates, clinical_candidates
from HER2ImmunoModelLib.treatments import (
    ClinicalDose,
    ClinicalSchedule,
    Constraint,
    ExposureChoice,
    PrescribedSchedule,
    ResolvedDose,
    Schedule,
    clinical_doses,
    dose_remarks,
    library_name,
    read_clinical_schedules,
    resolve,
    resolved_doses,
)

from .clinical_options import ClinicalSettings
from .clinical_words import exposure_choice, named_drugs, regimen_of


@dataclass(frozen=True)
class Clinic:
    """Who is treated, with what, and whether limits hold.

    Attributes
    ----------
    patient : Patient
    history : History
        With the doses given before the start.
    drugs : tuple of (str, str)
        Drug of the model, and what it is in the library.
    so_far : tuple of ClinicalDose
        Doses given before the start.
    choice : ExposureChoice
    limits : bool
    uncounted : tuple of str
        Drugs given before the start that no limit knows.
    """

    patient: Patient
    history: History
    drugs: tuple[tuple[str, str], ...]
    so_far: tuple[ClinicalDose, ...]
    choice: ExposureChoice
    limits: bool = False
    uncounted: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[ClinicalLimits, ...]:
        """The hard limits; none where they do not hold."""
        return (ClinicalLimits(self.patient, self.history, drugs=self.drugs),) if self.limits else ()

    def bounds(self, names: Sequence[str], model: Model) -> tuple[Constraint, ...]:
        """Intervals and largest doses by which a search places those drugs that the library has."""
        if not self.limits:
            return ()
        called = [(name, self.library_name(name, model)) for name in names]
        known = [(name, found) for name, found in called if found is not None]
        return search_bounds(known, self.history, self.patient, model)

    def library_name(self, drug: str, model: Model) -> str | None:
        """What a drug of the model is in the library; None for one that it does not have."""
        return library_name(drug, model.species, self.drugs, model)

    def doses(self, schedule: Schedule, model: Model) -> tuple[ResolvedDose, ...]:
        """The doses of a schedule of the model, for the patient."""
        return resolved_doses(schedule, self.patient, self.drugs, model)

    def lines(self, schedule: Schedule, model: Model) -> list[str]:
        """Where each dose of a schedule comes from; of drugs that the library does not have, how large it is."""
        known = [f"{dose.drug} on day {dose.day:g}: {dose.said}" for dose in self.doses(schedule, model)]
        return known + [f"{dose.drug} on day {dose.day:g}: {dose.said}" for dose in self._unknown(schedule, model)]

    def _unknown(self, schedule: Schedule, model: Model) -> list[ClinicalDose]:
        others = schedule.others if isinstance(schedule, PrescribedSchedule) else schedule.doses
        return [
            ClinicalDose(dose.drug, dose.day, dose.dose, "rel")
            for dose in others
            if self.library_name(dose.drug, model) is None
        ]

    def prescribed(self, schedule: Schedule, model: Model) -> ClinicalSchedule:
        """The schedule in mg or AUC; drugs that the library does not have in full doses."""
        known = [ClinicalDose(dose.drug, dose.day, dose.amount, dose.unit) for dose in self.doses(schedule, model)]
        return ClinicalSchedule((*known, *self._unknown(schedule, model)), schedule.name)


def clinic_of(asked: ClinicalSettings, model: Model, past: Schedule, start: float) -> Clinic:
    """The patient and her past, without a decision about limits.

    Parameters
    ----------
    asked : ClinicalSettings
    model : Model
    past : Schedule
        Doses of the model before the start; those that were asked for take their place.
    start : float
        Day from which doses are planned.

    Raises
    ------
    InputError
        Options of a patient for a mouse, or names that are none.
    """
    drugs, choice = named_drugs(asked.drug_is, model), exposure_choice(asked.exposure, model)
    if model.species != "human":
        if asked.patient != Patient() or asked.history != History() or asked.so_far or asked.limits:
            raise InputError(
                f"The model is of a {model.species}; leave out the options of a patient, her history and limits."
            )
        return Clinic(Patient(species=model.species), History(), drugs, (), choice)
    so_far = tuple(dose for dose in asked.so_far if dose.day < start)
    so_far = so_far or tuple(clinical_doses(past.before(start), asked.patient, drugs, model))
    history = replace(asked.history, given=resolve(so_far, asked.patient))
    unknown = {
        dose.drug: None
        for dose in past.before(start).doses
        if not asked.so_far and library_name(dose.drug, model.species, drugs, model) is None
    }
    return Clinic(asked.patient, history, drugs, so_far, choice, uncounted=tuple(unknown))


def wanted_schedules(
    asked: ClinicalSettings, paths: Sequence[Path], clinic: Clinic, model: Model, start: float
) -> list[ClinicalSchedule]:
    """The schedules of files, then the regimens; errors as `read_clinical_schedules` and `fill`."""
    found = [each for path in paths for each in read_clinical_schedules(path, model, clinic.patient.species)]
    return found + [regimen_of(text, start, clinic.patient, clinic.so_far) for text in asked.regimen]


def decided(clinic: Clinic, asked: ClinicalSettings, wanted: Sequence[ClinicalSchedule]) -> Clinic:
    """The clinic with its decision about limits: as asked, else by whether doses are those of the clinic."""
    if clinic.patient.species != "human":
        return clinic
    is_clinical = bool(asked.drug_is) or any(not each.is_relative for each in wanted)
    return replace(clinic, limits=is_clinical if asked.limits is None else asked.limits)


def brought(calibration: Calibration, wanted: Sequence[ClinicalSchedule], clinic: Clinic) -> ClinicalCandidates:
    """The schedules as the calibration takes them: in full doses as they are, where nothing has another kind."""
    follows = any(drug.exposure.agents or drug.exposure.own != "relative" for drug in calibration.model.drugs)
    if not follows and all(each.is_relative for each in wanted):
        return ClinicalCandidates(calibration, tuple(each.as_schedule() for each in wanted), (), ())
    return clinical_candidates(calibration, wanted, clinic.patient, drugs=clinic.drugs, choice=clinic.choice)


def remarks(clinic: Clinic, wanted: Sequence[ClinicalSchedule]) -> Iterator[str]:
    """What a person must know of the candidates: caps, drugs without limits, exceptions of trials."""
    yield from dict.fromkeys(text for each in wanted for text in dose_remarks(each.doses, clinic.patient))
    if not clinic.limits:
        return
    for name in clinic.uncounted:
        yield f"Limits do not count the {name} given before; say what it was with --drug-is, or give all with --given."
    named = [name for each in wanted for name in without_limits(each, drugs=clinic.drugs)]
    for name in dict.fromkeys(named):
        yield f"No limit knows {name}; say what it is with --drug-is {name}=docetaxel or another drug of the library."
    for each in wanted:
        if each.exception:
            doses = resolve(each.doses, clinic.patient)
            broken = excepted(doses, clinic.patient, clinic.history, each.exception)
            if broken:
                yield f"{each.name} is excepted from a limit, as its trial was: {broken[0].said}."


def broken_limits(clinic: Clinic, plan: Schedule, model: Model) -> tuple[str, ...]:
    """A sentence for each hard limit that a schedule breaks, of the first dose that does; none without limits."""
    first: dict[str, str] = {}
    for limits in clinic.rules:
        for broken in limits.broken(plan, model):
            first.setdefault(broken.rule, broken.sentence)
    return tuple(first.values())
