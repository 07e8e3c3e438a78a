"""Doses of the clinic beside what a tumour model is told of them: there, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..models.exposure_kinds import RELATIVE
from ..models.given_drug import takes_any, with_drugs
from ..models.model import Model
from .clinical_doses import ClinicalDose, ResolvedDose, known_drug, resolve
from .clinical_tables import ClinicalSchedule
from .doses import Dose, Schedule
from .effects import ExposureChoice, clinical_model, model_schedule, pulse_size

MOST_FULL_DOSES = 1000.0
"""Where the search for the dose of an area ends."""
Named = tuple[tuple[str, str], ...]
"""Drugs of schedules, and the drugs of the library that they are."""


@dataclass(frozen=True)
class PrescribedSchedule(Schedule):
    """Doses for a tumour model, with the doses of the clinic that they stand for.

    Attributes
    ----------
    prescribed : tuple of ResolvedDose
        Those that the library knows.
    others : tuple of Dose
        Those of drugs that only the model knows, in full doses.
    exception : str
        `trial` for a regimen whose trial broke a limit; as of `clinical_limits.check`.
    growth_factor : bool
        Whether growth factor belongs to it.
    """

    prescribed: tuple[ResolvedDose, ...] = ()
    others: tuple[Dose, ...] = ()
    exception: str = ""
    growth_factor: bool = False

    @property
    def remarks(self) -> tuple[str, ...]:
        """Nothing: the doses have units."""
        return ()

    def for_model(self, model: Model) -> PrescribedSchedule:
        """The same doses, one row a drug and day; errors as `Schedule.for_model`."""
        return replace(self, doses=super().for_model(model).doses)

    def before(self, day: float) -> PrescribedSchedule:
        """The doses given before a day."""
        kept = {
            name: tuple(dose for dose in getattr(self, name) if dose.day < day)
            for name in ("doses", "prescribed", "others")
        }
        return replace(self, **kept)


@dataclass(frozen=True)
class Prescription:
    """Clinical schedules for a tumour model.

    Attributes
    ----------
    model : Model
        With the exposures of all drugs of all schedules.
    schedules : tuple of PrescribedSchedule
    exposures : tuple of str
        A line for each drug: its kind, its numbers and their basis.
    """

    model: Model
    schedules: tuple[PrescribedSchedule, ...]
    exposures: tuple[str, ...]


def prescribe(
    wanted: Sequence[ClinicalSchedule],
    model: Model,
    patient: Patient | None = None,
    choice: ExposureChoice | None = None,
    drugs: Iterable[tuple[str, str]] = (),
) -> Prescription:
    """What clinical schedules are for a tumour model and a patient.

    Parameters
    ----------
    wanted : sequence of ClinicalSchedule
    model : Model
    patient : Patient, optional
        A typical one of the model's species if None.
    choice : ExposureChoice, optional
    drugs : iterable of (str, str)
        Drug of a schedule, and the drug of the library that it is. A drug of the model that is none of the library
        keeps its number of full doses.

    Raises
    ------
    InputError
        A drug that neither the library nor the model has, or one that the model has no place for.
    """
    patient, called = patient or Patient(species=model.species), tuple(drugs)
    known = [tuple(known_doses(each.doses, patient.species, called)) for each in wanted]
    names = dict.fromkeys(dose.drug for doses in known for dose in doses)
    if takes_any(model):
        model = with_drugs(model, names_in_models(wanted, patient.species, called))
    model = clinical_model(model, list(names), choice, patient)
    schedules, lines = [], {}
    for each, doses in zip(wanted, known, strict=True):
        resolved = resolve(doses, patient, patient.species)
        treatment = model_schedule(resolved, model, choice, patient)
        lines |= dict.fromkeys(treatment.said)
        others = tuple(
            Dose(model.dose_name(dose.drug), dose.day, dose.size)
            for dose in each.doses
            if library_name(dose.drug, patient.species, called) is None
        )
        told = (*treatment.schedule.doses, *others)
        schedules.append(PrescribedSchedule(told, each.name, resolved, others, each.exception, each.growth_factor))
    return Prescription(model, tuple(schedules), tuple(lines))


def names_in_models(wanted: Iterable[ClinicalSchedule], species: str, called: Named = ()) -> Iterator[str]:
    """What models call each drug of schedules: what it first acts as, or its own name if the library has it not."""
    for dose in (dose for each in wanted for dose in each.doses):
        name = library_name(dose.drug, species, called)
        yield dose.drug if name is None else next(iter(find_drug(name, species).model_drugs))


def library_name(drug: str, species: str, drugs: Named = (), model: Model | None = None) -> str | None:
    """What a drug of a schedule is in the library: as it is said, by its own name, or by that in the model.

    None for one that the library does not have.
    """
    called = dict(drugs)
    if name := known_drug(called.get(drug, drug), species):
        return name
    try:
        own = drug if model is None else model.dose_name(drug)
    except InputError:
        return None
    return known_drug(called.get(own, own), species)


def known_doses(doses: Iterable[ClinicalDose], species: str, drugs: Named = ()) -> Iterator[ClinicalDose]:
    """The doses whose drug the library has, by its name there; a dose with a unit must be among them."""
    for dose in doses:
        name = library_name(dose.drug, species, drugs)
        if name is not None:
            yield replace(dose, drug=name)
        elif not dose.is_relative:
            find_drug(dose.drug, species)


def clinical_doses(
    schedule: Schedule, patient: Patient, drugs: Named = (), model: Model | None = None
) -> Iterator[ClinicalDose]:
    """What the doses of a tumour model are in the clinic: in mg of drugs whose concentration it follows, else in full
    doses of the patient; drugs that the library does not have are left out.

    Parameters
    ----------
    schedule : Schedule
    patient : Patient
    drugs : tuple of (str, str)
        Drug of the schedule, and the drug of the library that it is.
    model : Model, optional
        Whose doses they are; plain numbers of full doses if None.
    """
    for dose in schedule.doses:
        name = library_name(dose.drug, patient.species, drugs, model)
        if name is None:
            continue
        agent = None if model is None else model.agents.get(name)
        if agent is not None and model.dose_name(dose.drug) == name:
            yield ClinicalDose(name, dose.day, dose.dose * agent.full_dose_mg, "mg")
        else:
            size = full_doses_of(dose.dose, name, patient) if _counts_areas(dose.drug, model) else dose.dose
            yield ClinicalDose(name, dose.day, size, "rel")


def written_doses(
    schedule: Schedule, model: Model, patient: Patient | None = None, drugs: Named = ()
) -> tuple[ClinicalDose, ...]:
    """The doses of a tumour model as a table of doses holds them for the same course: in full doses of its drugs; for
    a patient, as `clinical_doses`, drugs that the library does not have in full doses.
    """
    if patient is None:
        return tuple(ClinicalDose(dose.drug, dose.day, dose.dose) for dose in schedule.doses)
    unknown = (d for d in schedule.doses if library_name(d.drug, patient.species, drugs, model) is None)
    others = (ClinicalDose(dose.drug, dose.day, dose.dose, "rel") for dose in unknown)
    return (*clinical_doses(schedule, patient, drugs, model), *others)


def resolved_doses(
    schedule: Schedule, patient: Patient, drugs: Named = (), model: Model | None = None
) -> tuple[ResolvedDose, ...]:
    """The doses of a tumour model for a patient: as they were prescribed, else those of `clinical_doses`, resolved."""
    if isinstance(schedule, PrescribedSchedule):
        return schedule.prescribed
    return resolve(clinical_doses(schedule, patient, drugs, model), patient, patient.species)


def model_size(full_doses: float, drug: str, patient: Patient, name: str, model: Model | None = None) -> float:
    """What full doses of a patient are in a tumour model.

    Parameters
    ----------
    full_doses : float
    drug : str
        As schedules of the model name it.
    patient : Patient
    name : str
        Of the drug in the library.
    model : Model, optional
    """
    agent = None if model is None else model.agents.get(name)
    if agent is not None and model.dose_name(drug) == name:
        (dose,) = resolve([ClinicalDose(name, 0.0, full_doses, "rel")], patient, patient.species)
        return dose.mg / agent.full_dose_mg
    return area_of(full_doses, name, patient) if _counts_areas(drug, model) else full_doses


def area_of(full_doses: float, name: str, patient: Patient) -> float:
    """Area under the curve of full doses of a patient, over that of a full dose of the typical one."""
    (dose,) = resolve([ClinicalDose(name, 0.0, full_doses, "rel")], patient, patient.species)
    return pulse_size(find_drug(name, patient.species), dose, ExposureChoice(), patient)


@lru_cache(maxsize=4096)
def full_doses_of(area: float, name: str, patient: Patient) -> float:
    """Full doses of a patient with an area under the curve: the inverse of `area_of`."""
    drug, one = find_drug(name, patient.species), area_of(1.0, name, patient)
    if area <= 0:
        return 0.0
    if drug.auc_power is not None:
        return (area / one) ** (1.0 / drug.auc_power)
    if "AUC" in drug.units or not drug.sets or drug.set_named().kinetics.is_linear:
        return area / one
    from scipy.optimize import brentq  # slow to load

    most = 1.0
    while area_of(most, name, patient) < area and most < MOST_FULL_DOSES:
        most *= 2.0
    return brentq(lambda size: area_of(size, name, patient) - area, 0.0, most, xtol=1e-9)


def _counts_areas(drug: str, model: Model | None) -> bool:
    return model is not None and model.drug(drug).exposure.own != RELATIVE
