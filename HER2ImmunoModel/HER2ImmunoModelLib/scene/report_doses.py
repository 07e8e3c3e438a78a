"""What a report tells of the doses given: for the patient, held to the limits, and the exposures they make."""

from __future__ import annotations

from collections.abc import Iterable

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.exposures import Curve, curve_of
from ..drugs.library import find_drug
from ..drugs.patients import Patient
from ..report import GivenDose, LimitsChecked
from ..treatments.clinical_doses import ClinicalDose, ResolvedDose, known_drug, resolve
from .exposure_choices import exposure_choice
from .given import given_doses
from .limits import Checked, checked_given, limits_in_use
from .patients import patient_of

OF_A_MOUSE = "Limits are those of patients; none are known for a mouse."


def doses_of(parameters) -> tuple[GivenDose, ...]:
    """Every dose of the treatment table with what it is for the patient; errors as `given_doses`."""
    doses = given_doses(parameters)
    patient = patient_of(parameters) if _has_units(doses) else None
    return tuple(GivenDose(dose.day, dose.drug, dose.said, _said(dose, patient)) for dose in doses)


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
    drugs, rules = ", ".join(checked.drugs), ", ".join(checked.rules)
    return f"The doses of {drugs} keep every limit that was checked ({rules}){but}."


def _remarks(checked: Checked) -> Iterable[str]:
    if checked.drugs and checked.unmeasured:
        yield f"Not checked, as nothing was measured: {', '.join(checked.unmeasured)}."
    if checked.without:
        yield f"No limits are known for {', '.join(checked.without)}: the library has no such drug."


def exposures_of(parameters) -> tuple[tuple[Curve, ...], tuple[str, ...]]:
    """The concentration of each drug that is given in units of the clinic, and why there is none of another.

    Returns
    -------
    tuple of Curve
    tuple of str
        A sentence for each drug without one.

    Raises
    ------
    InputError
        As `given_doses`.
    """
    doses = given_doses(parameters)
    if not _has_units(doses):
        return (), ()
    patient, species, curves, missing = patient_of(parameters), parameters.species, [], []
    resolved = resolve((dose for dose in doses if known_drug(dose.drug, species)), patient, species)
    sets = exposure_choice(parameters).sets
    for name in dict.fromkeys(dose.drug for dose in resolved if dose.mg > 0):
        try:
            curves.append(_curve(name, resolved, patient, sets.get(name, "")))
        except InputError as error:
            missing.append(f"The exposure to {name} is left out: {error}")
    return tuple(curves), tuple(missing)


def _curve(name: str, doses: Iterable[ResolvedDose], patient: Patient, set_name: str) -> Curve:
    drug = find_drug(name, patient.species)
    if not drug.sets:
        raise InputError(f"the kinetics of {drug.label} are not known.")
    given = [(dose.day, dose.mg) for dose in doses if dose.drug == name and dose.mg > 0]
    return curve_of(drug, given, patient, set_name)
