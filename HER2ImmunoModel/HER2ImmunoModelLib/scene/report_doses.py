"""What a report tells of the doses given: for the patient, in the calendar, and held to the limits."""

from __future__ import annotations

from collections.abc import Iterable

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.patients import Patient
from ..regimens.regimens import in_order
from ..report import DrugGiven, GivenDose, LimitsChecked
from ..treatments.clinical_doses import ClinicalDose, known_drug, resolve
from .exposure_choices import exposure_choice
from .given import given_doses
from .limits import OF_A_MOUSE, Checked, calendar_of, checked_given, limits_in_use
from .patients import patient_of


def doses_of(parameters) -> tuple[GivenDose, ...]:
    """Every dose of the treatment table in order, what it is for the patient, and where in the calendar it falls.

    Raises
    ------
    InputError
        As `given_doses`, and a wrong date of day 0.
    """
    doses = in_order(given_doses(parameters), parameters.species)
    patient = patient_of(parameters) if _has_units(doses) else None
    return tuple(
        GivenDose(dose.day, dose.drug, dose.said, _said(dose, patient), row.weekday, f"{row.cycle} d{row.cycle_day}")
        for dose, row in zip(doses, calendar_of(parameters), strict=True)
    )


def _has_units(doses: Iterable[ClinicalDose]) -> bool:
    return any(not dose.is_relative for dose in doses)


def _said(dose: ClinicalDose, patient: Patient | None) -> str:
    if patient is None or known_drug(dose.drug, patient.species) is None:
        return ""
    return resolve([dose], patient, patient.species)[0].said


def limits_of(parameters) -> LimitsChecked:
    """The doses given, held to the limits of the clinic."""
    if parameters.species != "human":
        return LimitsChecked(kept=OF_A_MOUSE)
    try:
        checked, limits = checked_given(parameters), limits_in_use(parameters)
    except InputError as error:
        return LimitsChecked(remarks=(f"The limits are not checked: {error}",))
    return LimitsChecked(
        _kept(checked),
        tuple(each.sentence for each in checked.broken),
        tuple(each.sentence for each in checked.excepted),
        tuple(_remarks(checked)),
        limits,
    )


def _kept(checked: Checked) -> str:
    if checked.broken or not checked.drugs:
        return ""
    but = ", but for what is said above" if checked.excepted else ""
    return f"{checked.kept[0].upper()}{checked.kept[1:]}{but}."


def _remarks(checked: Checked) -> Iterable[str]:
    if checked.drugs and checked.unmeasured:
        yield f"Not checked, as nothing was measured: {', '.join(checked.unmeasured)}."
    if checked.not_known:
        yield checked.not_known


def drugs_given(parameters) -> tuple[DrugGiven, ...]:
    """The drugs of the library, where doses are in units of the clinic; errors as `given_doses`."""
    doses = given_doses(parameters)
    if not _has_units(doses):
        return ()
    patient, species, sums = patient_of(parameters), parameters.species, {}
    for dose in resolve((dose for dose in doses if known_drug(dose.drug, species)), patient, species):
        if dose.mg > 0:
            sums.setdefault(dose.drug, []).append((dose.day, dose.mg))
    sets = exposure_choice(parameters).sets
    return tuple(DrugGiven(name, tuple(given), patient, sets.get(name, "")) for name, given in sums.items())
