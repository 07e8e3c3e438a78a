"""Who the patient is and what went before, taken out of the parameter node; an empty field is not known."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date

from HER2ImmunoCommonLib.errors import InputError

from ..drugs.patients import ASSUMED, ASSUMED_OF_MOUSE, WORDS, Patient
from ..limits.clinical_history import WORDS as WORDS_OF_HISTORY
from ..limits.clinical_history import History, Measured

NUMBERS = {
    "weightKg": "weight_kg",
    "heightCm": "height_cm",
    "ageYears": "age_years",
    "creatinineMgPerDl": "creatinine_mg_per_dl",
    "gfrMlPerMin": "gfr_ml_per_min",
    "albuminGPerDl": "albumin_g_per_dl",
    "astUPerL": "ast_u_per_l",
}
"""Field of the parameter node: field of `Patient`."""
WEIGHT_OF_MOUSE = "mouseWeightG"
IS_MALE = {"": None, "female": False, "male": True}
MEASURED = {"lvef": "lvef", "neutrophils": "neutrophils", "platelets": "platelets"}
EARLIER = {
    "priorDoxorubicin": "prior_doxorubicin_mg_per_m2",
    "priorEpirubicin": "prior_epirubicin_mg_per_m2",
}
GRAMS_PER_KG = 1000.0


@dataclass(frozen=True)
class Taken:
    """What a number of the patient is taken as where its field is empty.

    Attributes
    ----------
    value : float or None
        None where nothing takes its place.
    rule : str
        How it follows from other numbers; empty if it is assumed.
    """

    value: float | None
    rule: str = ""


def patient_of(parameters) -> Patient:
    """The patient, or the mouse.

    Raises
    ------
    InputError
        Words in place of a number, or a number that nobody has.
    """
    if parameters.species == "mouse":
        grams = number_of(getattr(parameters, WEIGHT_OF_MOUSE), "weight of the mouse")
        return Patient(weight_kg=None if grams is None else grams / GRAMS_PER_KG, species="mouse")
    numbers = {name: number_of(getattr(parameters, field), WORDS[name]) for field, name in NUMBERS.items()}
    return Patient(**numbers, is_male=IS_MALE.get(parameters.sex), liver_metastases=parameters.liverMetastases)


def taken_as(parameters) -> dict[str, Taken]:
    """What stands for each number that is not given, by field of the parameter node."""
    try:
        patient = patient_of(parameters)
    except InputError:  # which is said beside; a typical one's numbers are assumed all the same
        patient = Patient()
    return {
        WEIGHT_OF_MOUSE: Taken(ASSUMED_OF_MOUSE["weight_kg"] * GRAMS_PER_KG),
        **{field: _taken(patient, name) for field, name in NUMBERS.items()},
    }


def _taken(patient: Patient, name: str) -> Taken:
    if name == "gfr_ml_per_min" and (follows := replace(patient, gfr_ml_per_min=None).known(name)) is not None:
        return Taken(follows, "Cockcroft-Gault")
    return Taken(ASSUMED.get(name))


def said_of_patient(patient: Patient) -> str:
    """What doses are computed with, in one line: body surface and GFR, with where they come from."""
    if patient.species == "mouse":
        return f"Doses are for {GRAMS_PER_KG * patient.value('weight_kg'):.4g} g{_assumed(patient, 'weight_kg')}."
    surface = "Mosteller" if patient.known("bsa_m2") is not None else "assumed, as weight or height is not known"
    rule = "given"
    if patient.gfr_ml_per_min is None:
        rule = "assumed, as age, weight or creatinine is not known"
        if patient.known("gfr_ml_per_min") is not None:
            rule = "Cockcroft-Gault" + ("" if patient.is_male is not None else " for a woman, as the sex is not known")
    return (
        f"Body surface {patient.value('bsa_m2'):.3g} m² ({surface}); GFR {patient.value('gfr_ml_per_min'):.4g} mL/min "
        f"({rule})."
    )


def _assumed(patient: Patient, name: str) -> str:
    return " (assumed)" if patient.known(name) is None else ""


def history_of(parameters) -> History:
    """What the limits count besides doses: heart, blood and earlier treatment.

    Raises
    ------
    InputError
        Words in place of a number or of "day: value", or a number that nobody has.
    """
    earlier = {name: number_of(getattr(parameters, field), WORDS_OF_HISTORY[name]) for field, name in EARLIER.items()}
    return History(
        **{name: value or 0.0 for name, value in earlier.items()},
        **{name: measured_of(getattr(parameters, field), WORDS_OF_HISTORY[name]) for field, name in MEASURED.items()},
        lvef_at_entry=number_of(parameters.lvefAtEntry, WORDS_OF_HISTORY["lvef_at_entry"]),
        lvef_rule=parameters.lvefRule,
        chest_radiotherapy=parameters.chestRadiotherapy,
        other_cardiotoxic=parameters.otherCardiotoxic,
        is_adjuvant=not parameters.metastatic,
        growth_factor=parameters.growthFactor,
    )


def number_of(text: str, what: str) -> float | None:
    """The number in a field; None for an empty one.

    Raises
    ------
    InputError
        What is no number; a comma is refused, as it may stand for a point or between thousands.
    """
    text = text.strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"The {what} is {text!r}, which is no number; write it as 68.5, or nothing.")
    return value


def measured_of(text: str, what: str) -> Measured:
    """Day and value of each measurement, from "0: 62, 84: 55".

    Raises
    ------
    InputError
    """
    rows = []
    for part in filter(str.strip, text.split(",")):
        day, _, value = part.partition(":")
        try:
            rows.append((float(day), float(value)))
        except ValueError:
            raise InputError(
                f"The {what} holds {part.strip()!r}; write day: value with commas between, as 0: 62, 84: 55."
            ) from None
    return tuple(rows)


def day_zero_of(parameters) -> date | None:
    """The date of day 0; None if it is not known.

    Raises
    ------
    InputError
    """
    return date_of(parameters.dayZero, "date of day 0") if parameters.dayZero.strip() else None


def weekday_of_day_zero(parameters) -> int:
    """Day of the week of day 0, from 0 for a Monday: that of its date, where that is known; errors as `day_zero_of`."""
    when = day_zero_of(parameters)
    return parameters.weekdayOfDayZero if when is None else when.weekday()


def date_of(text: str, what: str) -> date:
    """A date as year-month-day.

    Raises
    ------
    InputError
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"The {what} is {text.strip()!r}, which is no date; write it as 2026-03-30.") from None
