"""Doses as they are prescribed (mg, mg/kg, mg/m2, AUC or full doses), and what they are for one patient in mg."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.drug import UNITS, ClinicalDrug
from ..drugs.library import find_drug
from ..drugs.patients import LARGEST_GFR, Patient, calvert_mg

RELATIVE = ("", "rel")
"""Units of a dose in full doses."""
DOSE_UNITS = (*RELATIVE, *UNITS)


@dataclass(frozen=True)
class ClinicalDose:
    """A dose as it is prescribed.

    Attributes
    ----------
    drug : str
    day : float
        Days from time zero.
    size : float
    unit : str
        One of `DOSE_UNITS`; "" and "rel" count full doses, AUC is in mg min/mL.
    """

    drug: str
    day: float
    size: float = 1.0
    unit: str = ""

    def __post_init__(self):
        if not math.isfinite(self.day):
            raise InputError(f"The day of a dose of {self.drug} is {self.day}; give a finite number of days.")
        if not math.isfinite(self.size) or self.size < 0:
            raise InputError(f"The dose of {self.drug} on day {self.day:g} is {self.size}; give a number of 0 or more.")
        if self.unit not in DOSE_UNITS:
            raise InputError(
                f"The dose of {self.drug} on day {self.day:g} has the unit {self.unit!r}; give "
                f"{', '.join(UNITS)} or rel."
            )

    @property
    def is_relative(self) -> bool:
        """Whether the size counts full doses."""
        return self.unit in RELATIVE

    @property
    def said(self) -> str:
        """The size with its unit, as people write it."""
        return dose_text(self.size, self.unit)


@dataclass(frozen=True)
class ResolvedDose:
    """A dose for one patient.

    Attributes
    ----------
    drug : str
        Name in the library.
    day : float
    amount : float
        mg, or the AUC (mg min/mL) of a drug whose AUC is the dose.
    unit : str
        "mg" or "AUC".
    said : str
        Where the amount comes from: "6 mg/kg x 68 kg (assumed) = 408 mg".
    milligrams : float or None
        Of a dose in AUC.
    """

    drug: str
    day: float
    amount: float
    unit: str
    said: str
    milligrams: float | None = None

    @property
    def mg(self) -> float:
        """What is infused, in mg."""
        return self.amount if self.milligrams is None else self.milligrams


def dose_text(size: float, unit: str) -> str:
    """A size with its unit: `6 mg/kg`, `AUC 6`, `1 full dose`."""
    if unit in RELATIVE:
        return f"{size:.6g} full dose{'' if size == 1 else 's'}"
    return f"AUC {size:.6g}" if unit == "AUC" else f"{size:.6g} {unit}"


def resolve(
    doses: Iterable[ClinicalDose], patient: Patient | None = None, species: str = "human"
) -> tuple[ResolvedDose, ...]:
    """What doses are for a patient, each with a line that says how it was found.

    mg/m2 takes the body surface by Mosteller, AUC the formula of Calvert with a GFR of at most 125 mL/min; a number
    of the patient that is not known is assumed, and said to be.

    Parameters
    ----------
    doses : iterable of ClinicalDose
    patient : Patient, optional
        A typical one of the species if None.
    species : str

    Returns
    -------
    tuple of ResolvedDose
        In the order of `doses`.

    Raises
    ------
    InputError
        A drug that the library does not have for the species, a unit that the drug does not have, or a patient of
        another species.
    """
    patient = patient or Patient(species=species)
    if patient.species != species:
        raise InputError(f"The doses are for a {species}, but the subject is a {patient.species}; choose one species.")
    return tuple(_resolved(dose, checked_drug(dose, species), patient) for dose in doses)


@lru_cache(maxsize=256)
def known_drug(name: str, species: str = "human") -> str | None:
    """Name of a drug in the library; None for a drug that it does not have."""
    try:
        return find_drug(name, species).name
    except InputError:
        return None


def checked_drug(dose: ClinicalDose, species: str = "human") -> ClinicalDrug:
    """The drug of a dose.

    Raises
    ------
    InputError
        No such drug, or a unit that it does not have.
    """
    drug = find_drug(dose.drug, species)
    if not dose.is_relative and dose.unit not in drug.units:
        raise InputError(
            f"The dose of {dose.drug} on day {dose.day:g} is in {dose.unit}, but {drug.name} is given in "
            f"{' or '.join(drug.units)}; correct the unit."
        )
    return drug


def remarks(doses: Iterable[ClinicalDose], patient: Patient) -> tuple[str, ...]:
    """What a person must know of doses for a patient: a GFR over the cap of Calvert's formula."""
    gfr = patient.value("gfr_ml_per_min") if patient.species == "human" else 0.0
    if gfr <= LARGEST_GFR or not any(known_drug(dose.drug) == "carboplatin" for dose in doses):
        return ()
    return (f"The GFR of {gfr:.4g} mL/min counts as {LARGEST_GFR:g}, the cap of the label of carboplatin.",)


def _resolved(dose: ClinicalDose, drug: ClinicalDrug, patient: Patient) -> ResolvedDose:
    size, unit, before = dose.size, dose.unit, ""
    if dose.is_relative:
        size, unit = dose.size * drug.full_dose.size, drug.full_dose.unit
        before = f"{dose.said} = "
    if "AUC" in drug.units:
        return _by_auc(ClinicalDose(drug.name, dose.day, size, unit), before, patient)
    if unit == "mg":
        return ResolvedDose(drug.name, dose.day, size, "mg", f"{before}{size:.5g} mg")
    value, factor = _factor(unit, patient)
    said = f"{before}{dose_text(size, unit)} x {factor} = {size * value:.5g} mg"
    return ResolvedDose(drug.name, dose.day, size * value, "mg", said)


def _by_auc(dose: ClinicalDose, before: str, patient: Patient) -> ResolvedDose:
    gfr, name = patient.value("gfr_ml_per_min"), "gfr_ml_per_min"
    clearance = f"(GFR {gfr:.4g} mL/min{_origin(patient, name, 'Cockcroft-Gault')} + 25)"
    if gfr > LARGEST_GFR:
        clearance = f"({LARGEST_GFR:g} mL/min, the cap of the label for a GFR of {gfr:.4g}, + 25)"
    if dose.unit == "AUC":
        mg = calvert_mg(dose.size, gfr)
        said = f"{before}{dose.said} x {clearance} = {mg:.5g} mg"
        return ResolvedDose(dose.drug, dose.day, dose.size, "AUC", said, mg)
    auc = dose.size / calvert_mg(1.0, gfr)
    said = f"{before}{dose.said} / {clearance} = AUC {auc:.3g}"
    return ResolvedDose(dose.drug, dose.day, auc, "AUC", said, dose.size)


def _factor(unit: str, patient: Patient) -> tuple[float, str]:
    """What a dose per kg or m2 is multiplied by, and how it is said."""
    name, of, rule = {"mg/kg": ("weight_kg", "kg", ""), "mg/m2": ("bsa_m2", "m2", "Mosteller")}[unit]
    value = patient.value(name)
    return value, f"{value:.4g} {of}{_origin(patient, name, rule)}"


def _origin(patient: Patient, name: str, rule: str) -> str:
    """Where a number of the patient comes from, in brackets; empty for one that was given."""
    if patient.known(name) is None:
        return " (assumed)"
    return f" ({rule})" if getattr(patient, name) is None else ""
