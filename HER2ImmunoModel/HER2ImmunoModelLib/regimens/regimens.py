"""Regimens fill schedules from a start day: who may have them, in which order on a day, and what went before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.reading import did_you_mean

from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..limits.clinical_history import History
from ..limits.dose_limits import interval_after
from ..limits.limit_cases import ROUND_OFF, case_of
from ..treatments.clinical_doses import ClinicalDose, ResolvedDose, known_drug, resolve
from ..treatments.clinical_tables import ClinicalSchedule
from .regimen import Part, Regimen
from .regimen_library import REGIMENS

ORDER_OF_KINDS = ("antibody", "conjugate", "checkpoint_inhibitor", "taxane", "platinum", "anthracycline", "alkylator")
FIRST_OF_A_DAY = ("pertuzumab", "trastuzumab")
ADD_ON_DAYS = 21.0


def regimen_keys(species: str | None = None) -> tuple[str, ...]:
    """Keys of the regimens, in the order of lists; of one species if it is named."""
    return tuple(regimen.key for regimen in REGIMENS if species in (None, regimen.species))


def find_regimen(key: str) -> Regimen:
    """The regimen of a key or an alias, in any case, with hyphens for underscores as one likes.

    Raises
    ------
    InputError
        No such regimen; says the nearest.
    """
    known = {word: regimen for regimen in reversed(REGIMENS) for word in (*regimen.aliases, regimen.key)}
    plain = "_".join(key.lower().replace("-", "_").split())
    if plain not in known:
        raise InputError(f"There is no regimen {key.strip()!r}; {did_you_mean(plain, regimen_keys())}")
    return known[plain]


def fill(
    regimen: Regimen | str,
    start_day: float = 0.0,
    *,
    species: str = "human",
    given: Iterable[ClinicalDose] = (),
    patient: Patient | None = None,
    early: bool = False,
) -> tuple[ClinicalDose, ...]:
    """The doses of a regimen from a start day, in order of day and of giving.

    Parameters
    ----------
    regimen : Regimen or str
    start_day : float
        Day of its first dose.
    species : str
        Whom it is for.
    given : iterable of ClinicalDose
        Doses so far. A drug that is still at work among them gets no loading dose.
    patient : Patient, optional
        To know how large doses in mg were.
    early : bool
        Whether it may start before the interval of a dose so far is over (`starts_early` says if it does).

    Raises
    ------
    InputError
        An unknown regimen, one for another species, or one that starts too early.
    """
    if isinstance(regimen, str):
        regimen = find_regimen(regimen)
    if regimen.species != species:
        raise InputError(
            f"The regimen {regimen.key} is for a {regimen.species}, not a {species}; choose one of "
            f"{', '.join(regimen_keys(species))}."
        )
    patient = patient or Patient(species=species)
    past = resolve((dose for dose in given if known_drug(dose.drug, species)), patient, species)
    if not early and (reason := _starts_early(regimen, start_day, past, patient)):
        raise InputError(reason)
    doses = [dose for part in regimen.parts for dose in _doses(part, regimen, start_day, past)]
    return in_order(doses, species)


def regimen_schedule(
    regimen: Regimen | str,
    start_day: float = 0.0,
    *,
    add: Iterable[str] = (),
    name: str = "",
    species: str = "human",
    given: Iterable[ClinicalDose] = (),
    patient: Patient | None = None,
    early: bool = False,
) -> ClinicalSchedule:
    """A regimen as a schedule that brings its exception and its growth factor; arguments and errors as `fill`.

    Parameters
    ----------
    add : iterable of str
        Keys of add-ons.
    name : str
        Of the schedule; the key of the regimen if empty.
    """
    if isinstance(regimen, str):
        regimen = find_regimen(regimen)
    doses = fill(regimen, start_day, species=species, given=given, patient=patient, early=early)
    for key in add:
        doses = add_on(doses, key)
    return ClinicalSchedule(doses, name or regimen.key, regimen.exception, regimen.growth_factor)


def starts_early(
    regimen: Regimen, start_day: float, given: Iterable[ClinicalDose], patient: Patient | None = None
) -> str:
    """A sentence on a regimen that starts before the interval of a dose so far is over; empty if it does not."""
    patient = patient or Patient(species=regimen.species)
    past = resolve((dose for dose in given if known_drug(dose.drug, regimen.species)), patient, regimen.species)
    return _starts_early(regimen, start_day, past, patient)


def in_order(doses: Iterable[ClinicalDose], species: str = "human") -> tuple[ClinicalDose, ...]:
    """Doses by day, and on a day as they are given: pertuzumab, trastuzumab, then the taxane and the others."""
    return tuple(sorted(doses, key=lambda dose: (dose.day, _place(dose.drug, species))))


def add_on(doses: Iterable[ClinicalDose], key: str) -> tuple[ClinicalDose, ...]:
    """Doses with an add-on every three weeks from the first of them to the last.

    Raises
    ------
    InputError
        A regimen that is no add-on, or no doses to add to.
    """
    doses, regimen = tuple(doses), find_regimen(key)
    if not regimen.is_add_on:
        add_ons = ", ".join(other.key for other in REGIMENS if other.is_add_on)
        raise InputError(f"The regimen {regimen.key} stands alone; add one of {add_ons}.")
    if not doses:
        raise InputError(f"There are no doses to add {regimen.key} to; choose a regimen first.")
    (part,) = regimen.parts
    first, last = min(dose.day for dose in doses), max(dose.day for dose in doses)
    number = int((last - first) // ADD_ON_DAYS) + 1
    added = (
        ClinicalDose(part.drug, first + ADD_ON_DAYS * index, part.dose.size, part.dose.unit) for index in range(number)
    )
    return in_order((*doses, *added))


def day_of(when: date, day_zero: date) -> float:
    """The day of a date, counted from the date of day 0."""
    return float((when - day_zero).days)


def _place(drug: str, species: str) -> int:
    name = known_drug(drug, species)
    if name in FIRST_OF_A_DAY:
        return FIRST_OF_A_DAY.index(name) - len(FIRST_OF_A_DAY)
    kind = find_drug(name, species).kind if name else ""
    return ORDER_OF_KINDS.index(kind) if kind in ORDER_OF_KINDS else len(ORDER_OF_KINDS)


def _doses(part: Part, regimen: Regimen, start: float, past: tuple[ResolvedDose, ...]) -> Iterable[ClinicalDose]:
    for number, day in enumerate(part.days):
        amount = part.amount(number)
        if number == 0 and part.loading and not _is_loading_due(part, regimen, start + day, past):
            amount = part.dose
        yield ClinicalDose(part.drug, start + day, amount.size, amount.unit)


def _is_loading_due(part: Part, regimen: Regimen, day: float, past: tuple[ResolvedDose, ...]) -> bool:
    last = max((dose.day for dose in past if dose.drug == part.drug), default=None)
    plans = [plan for plan in find_drug(part.drug, regimen.species).plans if plan.dose == part.dose]
    return last is None or not plans or plans[0].is_loading_due(day - last)


def _starts_early(regimen: Regimen, start: float, past: tuple[ResolvedDose, ...], patient: Patient) -> str:
    """That a start is before every dose so far has had its interval; an add-on minds its own drug only."""
    case = case_of((), patient, History(given=past, growth_factor=regimen.growth_factor))
    own = {part.drug for part in regimen.parts}
    minded = [taken for taken in case.taken if not regimen.is_add_on or taken.drug.name in own]
    if not minded:
        return ""
    plans = [interval_after(taken, case) for taken in minded]
    due, at = max((taken.day + plan.least_days, at) for at, (taken, plan) in enumerate(zip(minded, plans, strict=True)))
    if start >= due - ROUND_OFF:
        return ""
    return (
        f"The regimen {regimen.key} starts on day {start:g}, but {minded[at].drug.name} of day "
        f"{minded[at].day:g} needs {plans[at].least_days:g} days ({plans[at].basis.said}); start on day {due:g} or "
        "later."
    )
