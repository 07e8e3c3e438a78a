"""Hard limits of treatment with their sources: one code for tables, ranking, search and entry by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..models.model import Model
from ..treatments.clinical_doses import ResolvedDose, known_drug, resolve
from ..treatments.clinical_tables import ClinicalSchedule
from ..treatments.constraints import Constraint, LargestDose, LoadingDose, ShortestInterval
from ..treatments.doses import Schedule
from ..treatments.prescriptions import PrescribedSchedule, known_doses, library_name, model_size, resolved_doses
from . import dose_limits, measured_limits
from .clinical_history import History
from .limit_cases import Broken, Case, case_of

RULES: dict[str, Callable[[Case], Iterator[Broken]]] = {
    dose_limits.INTERVAL: dose_limits.intervals,
    dose_limits.LARGEST: dose_limits.largest_doses,
    dose_limits.CUMULATIVE: dose_limits.anthracyclines,
    dose_limits.COMBINATION: dose_limits.combinations,
    measured_limits.ENTRY: measured_limits.heart_at_entry,
    measured_limits.HEART: measured_limits.heart_under_treatment,
    measured_limits.BLOOD: measured_limits.blood,
    dose_limits.COURSE: dose_limits.courses,
}
EXCEPTIONS: dict[str, tuple[str, ...]] = {"": (), "trial": (dose_limits.COMBINATION,)}
"""Rules that a regimen of a trial may break."""


def check(
    doses: Iterable[ResolvedDose], patient: Patient, history: History | None = None, exception: str = ""
) -> tuple[Broken, ...]:
    """The hard limits that planned doses break.

    Parameters
    ----------
    doses : iterable of ResolvedDose
        Planned ones; those of the past belong into the history.
    patient : Patient
        Without limits if it is a mouse.
    history : History, optional
    exception : str
        `trial` for a regimen whose trial gave anthracycline with anti-HER2 drugs; `excepted` says what that allows.

    Returns
    -------
    tuple of Broken
        In the order of `RULES`, then of days.
    """
    left_out = _excepted_rules(exception)
    case = case_of(doses, patient, history or History())
    return tuple(_broken(case, [name for name in RULES if name not in left_out]))


def excepted(
    doses: Iterable[ResolvedDose], patient: Patient, history: History | None = None, exception: str = ""
) -> tuple[Broken, ...]:
    """What doses break, and may, as the regimen of a trial; arguments as `check`."""
    return tuple(_broken(case_of(doses, patient, history or History()), _excepted_rules(exception)))


def _broken(case: Case, rules: Iterable[str]) -> Iterator[Broken]:
    if case.patient.species == "human":
        for name in rules:
            yield from RULES[name](case)


def _excepted_rules(exception: str) -> tuple[str, ...]:
    if exception not in EXCEPTIONS:
        raise InputError(f"There is no exception {exception!r}; use 'trial' or none.")
    return EXCEPTIONS[exception]


@dataclass(frozen=True)
class ClinicalLimits:
    """Every hard limit as a `Constraint` of schedules.

    A dose in full doses counts as so many full doses of its drug in the library. Drugs that the library does not have,
    such as `cytotoxic`, have no limits unless `drugs` says what they are; `without_limits` names them.

    Attributes
    ----------
    patient : Patient
    history : History
    exception : str
        As of `check`.
    drugs : tuple of (str, str)
        Drug of the schedule, and the drug of the library that it is.
    """

    patient: Patient = field(default_factory=Patient)
    history: History = field(default_factory=History)
    exception: str = ""
    drugs: tuple[tuple[str, str], ...] = ()

    def violation(self, schedule: Schedule | ClinicalSchedule, model: Model | None = None) -> str | None:
        """How the schedule breaks a limit, or None if it keeps them all."""
        broken = next(self.broken(schedule, model), None)
        return broken.said if broken else None

    def broken(self, schedule: Schedule | ClinicalSchedule, model: Model | None = None) -> Iterator[Broken]:
        """The limits that the schedule breaks, in the order of `RULES`, then of days."""
        prescribed = isinstance(schedule, ClinicalSchedule | PrescribedSchedule)
        left_out = _excepted_rules(self.exception or (schedule.exception if prescribed else ""))
        history = self.history
        if prescribed and schedule.growth_factor:
            history = replace(history, growth_factor=True)
        case = case_of(self._doses(schedule, model), self.patient, history)
        return _broken(case, [name for name in RULES if name not in left_out])

    def without(self, schedule: Schedule, broken: Broken, model: Model | None = None) -> Schedule:
        """The schedule without the doses that break a limit."""
        species = self.patient.species
        kept = tuple(
            dose
            for dose in schedule.doses
            if dose.day != broken.day or library_name(dose.drug, species, self.drugs, model) != broken.drug
        )
        return replace(schedule, doses=kept)

    def _doses(self, schedule: Schedule | ClinicalSchedule, model: Model | None) -> tuple[ResolvedDose, ...]:
        if isinstance(schedule, ClinicalSchedule):
            species = self.patient.species
            return resolve(known_doses(schedule.doses, species, self.drugs), self.patient, species)
        return resolved_doses(schedule, self.patient, self.drugs, model)


def search_bounds(
    drugs: Iterable[tuple[str, str]],
    history: History | None = None,
    patient: Patient | None = None,
    model: Model | None = None,
) -> tuple[Constraint, ...]:
    """Least interval, largest and loading dose of drugs as the constraints by which a search places doses.

    A search that knows only `ClinicalLimits` has to guess days. These bounds are for doses up to the largest that needs
    no longer interval than a full dose; they take the place of no limit, so give the limits as well.

    Parameters
    ----------
    drugs : iterable of (str, str)
        Drug of the schedules, and the drug of the library that it is.
    history : History, optional
    patient, model : Patient, Model, optional
        Whose full doses, and what they are told of them; plain numbers of full doses without a model.
    """
    history, patient = history or History(), patient or Patient()
    found: list[Constraint] = []
    for name, called in drugs:
        drug, full = find_drug(called), partial(model_size, drug=name, patient=patient, name=called, model=model)
        plan, most = dose_limits.plan_of_full_doses(drug, history.growth_factor)
        found += [ShortestInterval(name, plan.least_days), LargestDose(name, full(most / drug.full_dose.size))]
        if plan.loading is not None:
            last = max((dose.day for dose in history.given if dose.drug == drug.name), default=None)
            later = dose_limits.largest_later(drug, plan.dose.unit) / drug.full_dose.size
            found.append(LoadingDose(name, full(later), plan, last))
    return tuple(found)


def without_limits(
    schedule: Schedule | ClinicalSchedule, species: str = "human", drugs: Iterable[tuple[str, str]] = ()
) -> tuple[str, ...]:
    """Drugs of a schedule that no limit knows."""
    names = dict.fromkeys(dose.drug for dose in schedule.doses)
    called = dict(drugs)
    return tuple(name for name in names if known_drug(called.get(name, name), species) is None)
