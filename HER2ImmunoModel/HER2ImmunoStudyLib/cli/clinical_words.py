"""What words of options mean in the clinic: a regimen from a day on, and what a drug of a model is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.drugs import Patient, find_drug
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.regimens import regimen_keys, regimen_schedule
from HER2ImmunoModelLib.treatments import ClinicalDose, ClinicalSchedule, ExposureChoice

from .values import named_words

ADDS = "add_"
"""Beginning of the keys of add-ons, which may be left out."""


def regimen_of(text: str, start: float, patient: Patient, so_far: Iterable[ClinicalDose] = ()) -> ClinicalSchedule:
    """The regimen of words KEY, KEY@DAY or KEY+ADDON@DAY, named by them.

    Parameters
    ----------
    text : str
    start : float
        Its first day where none is named.
    patient : Patient
    so_far : iterable of ClinicalDose
        Doses before, which decide about loading doses and the first day.

    Raises
    ------
    InputError
        A day that is no number, or as `fill`.
    """
    keys, at, day = text.partition("@")
    try:
        first = float(day) if at else start
    except ValueError:
        first = float("nan")
    if not isfinite(first):
        raise InputError(f"--regimen {text}: write KEY@DAY with a number of days, such as tchp@21.")
    key, *add = (word.strip() for word in keys.split("+"))
    add = [f"{ADDS}{word}" if f"{ADDS}{word}" in regimen_keys() else word for word in add]
    before = [dose for dose in so_far if dose.day < first]
    return regimen_schedule(
        key, first, add=add, name=text.strip(), species=patient.species, given=before, patient=patient
    )


def named_drugs(texts: Sequence[str], model: Model) -> tuple[tuple[str, str], ...]:
    """Drugs of a model with what they are in the library, from words DRUG=NAME.

    Raises
    ------
    InputError
        A drug that the model or the library does not have, or one that is named twice.
    """
    pairs = named_words("--drug-is", texts)
    return tuple((model.drug(drug).name, find_drug(name, model.species).name) for drug, name in pairs)


def exposure_choice(texts: Sequence[str], model: Model) -> ExposureChoice:
    """The kinds of exposure of words NAME=KIND; errors as `find_drug` and `ExposureChoice`."""
    pairs = named_words("--exposure", texts)
    return ExposureChoice(kinds={find_drug(name, model.species).name: kind for name, kind in pairs})
