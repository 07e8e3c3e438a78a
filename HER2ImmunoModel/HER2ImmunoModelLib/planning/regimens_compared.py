"""Regimens of the library against each other: what is compared for a patient, up to which day, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from HER2ImmunoCommonLib.errors import InputError

from ..calibration.result import Calibration
from ..drugs.patients import Patient
from ..limits.clinical_limits import ClinicalLimits, excepted
from ..models.model import Model
from ..regimens.regimen import Regimen
from ..regimens.regimens import regimen_schedule, starts_early
from ..treatments.clinical_doses import ClinicalDose, known_drug, resolve
from ..treatments.clinical_doses import remarks as dose_remarks
from ..treatments.clinical_tables import ClinicalSchedule
from ..treatments.constraints import first_violation
from ..treatments.effects import ExposureChoice, clinical_model
from ..treatments.prescriptions import Named, known_doses, library_name
from .clinical_candidates import ClinicalCandidates, clinical_candidates
from .courses import HORIZON_DAYS
from .penalties import SURGERY_DAYS
from .plan_settings import PlanSettings

NO_TREATMENT = "No treatment"


@dataclass(frozen=True, eq=False)
class Comparison:
    """Schedules of the clinic that are compared for a patient.

    Attributes
    ----------
    schedules : tuple of ClinicalSchedule
        The first is the one that the others are held against.
    patient : Patient
    choice : ExposureChoice
    drugs : tuple of (str, str)
        Drug of the tumour model, and the drug of the library that it is.
    left_out : tuple of (str, str)
        Names of those that cannot be compared, and why.
    remarks : tuple of (str, str)
        Names of those of which something must be known, and what.
    """

    schedules: tuple[ClinicalSchedule, ...]
    patient: Patient = field(default_factory=Patient)
    choice: ExposureChoice = field(default_factory=ExposureChoice)
    drugs: Named = ()
    left_out: tuple[tuple[str, str], ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()

    def brought(self, calibration: Calibration, seed: int = 0) -> ClinicalCandidates:
        """The schedules as a calibration takes them; errors as `clinical_candidates`."""
        return clinical_candidates(
            calibration, self.schedules, self.patient, drugs=self.drugs, choice=self.choice, seed=seed
        )

    def with_horizon(self, settings: PlanSettings, last_day: float) -> PlanSettings:
        """The settings, with the day of `day_judged` where they leave it open; `last_day` is that of the last visit."""
        if settings.horizon_day is not None:
            return settings
        start = last_day if settings.start_day is None else settings.start_day
        return replace(settings, horizon_day=day_judged(self.schedules, start))

    def told(self) -> dict[str, object]:
        """What the comparison depends on: for a record, and to tell requests apart."""
        return {name: getattr(self, name) for name in ("schedules", "patient", "choice", "drugs", "left_out")}


def compare(
    regimens: Iterable[Regimen],
    others: Sequence[ClinicalSchedule] = (),
    *,
    model: Model,
    start_day: float,
    patient: Patient | None = None,
    given: Sequence[ClinicalDose] = (),
    choice: ExposureChoice | None = None,
    drugs: Named = (),
    limits: Sequence[ClinicalLimits] = (),
) -> Comparison:
    """Regimens from a day on, and other schedules after them; those that the model cannot take, or that break a limit,
    are left out.

    Parameters
    ----------
    regimens : iterable of Regimen
    others : sequence of ClinicalSchedule
        Such as no treatment.
    model : Model
    start_day : float
        Day of the first dose of each regimen.
    patient : Patient, optional
        A typical one of the model's species if None.
    given : sequence of ClinicalDose
        Doses before: they decide about loading doses. A regimen that starts sooner after them than it should has a
        remark; limits leave it out.
    choice, drugs
        As `clinical_candidates`.
    limits : sequence of ClinicalLimits
        None by default.

    Raises
    ------
    InputError
        Nothing to compare, or nothing that the model can take.
    """
    patient, choice = patient or Patient(species=model.species), choice or ExposureChoice()
    kept, left_out, remarks = [], [], []
    for regimen in regimens:
        try:
            schedule = regimen_schedule(
                regimen,
                start_day,
                name=regimen.label,
                species=model.species,
                given=given,
                patient=patient,
                early=True,
            )
            _check(schedule, model, choice, patient, drugs, limits)
        except InputError as error:
            left_out.append((regimen.label, str(error).removesuffix(".")))
            continue
        kept.append(schedule)
        said = (starts_early(regimen, start_day, given, patient), *dose_remarks(schedule.doses, patient))
        remarks += [(regimen.label, sentence) for sentence in (*said, *_excepted(schedule, limits)) if sentence]
    if left_out and not kept:
        raise InputError(f"None of the regimens can be compared; {left_out[0][0]}: {left_out[0][1]}.")
    for schedule in others:
        try:
            _check(schedule, model, choice, patient, drugs, limits)
        except InputError as error:
            left_out.append((schedule.name, str(error).removesuffix(".")))
        else:
            kept.append(schedule)
    if not kept:
        raise InputError("There is nothing to compare; tick a regimen, or more.")
    return Comparison(tuple(kept), patient, choice, drugs, tuple(left_out), tuple(remarks))


def _check(
    schedule: ClinicalSchedule,
    model: Model,
    choice: ExposureChoice,
    patient: Patient,
    drugs: Named,
    limits: Sequence[ClinicalLimits],
) -> None:
    """Refuse a schedule that breaks a limit, or with a drug that the model has no place for, with a sentence on it."""
    known = [dose.drug for dose in known_doses(schedule.doses, model.species, drugs)]
    clinical_model(model, list(dict.fromkeys(known)), choice, patient)
    for dose in schedule.doses:
        if library_name(dose.drug, model.species, drugs) is None:
            model.dose_name(dose.drug)
    if reason := first_violation(schedule, limits, model):
        raise InputError(reason)


def _excepted(schedule: ClinicalSchedule, limits: Sequence[ClinicalLimits]) -> Iterator[str]:
    """That a regimen may break a limit, as its trial did."""
    for rule in limits:
        doses = resolve(schedule.doses, rule.patient, rule.patient.species)
        for broken in excepted(doses, rule.patient, rule.history, schedule.exception)[:1]:
            yield f"{schedule.name} is excepted from a limit, as its trial was: {broken.said}."


def last_dose_day(schedules: Iterable[ClinicalSchedule]) -> float:
    """Day of the last dose of all; minus infinity without one."""
    return max((dose.day for schedule in schedules for dose in schedule.doses), default=float("-inf"))


def day_judged(schedules: Iterable[ClinicalSchedule], start_day: float) -> float:
    """Day on which schedules of the clinic are judged where none is named: 28 days after the last dose of the longest,
    the day of surgery, but not before 42 days after the start.
    """
    return max(start_day + HORIZON_DAYS, last_dose_day(schedules) + SURGERY_DAYS)


def doses_before(
    start_day: float, doses: Iterable[ClinicalDose], species: str, drugs: Named = ()
) -> tuple[ClinicalDose, ...]:
    """The doses before a day whose drugs the library has, by their names there."""
    called = dict(drugs)
    named = [(dose, known_drug(called.get(dose.drug, dose.drug), species)) for dose in doses if dose.day < start_day]
    return tuple(replace(dose, drug=name) for dose, name in named if name)
