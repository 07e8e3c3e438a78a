"""What a person may answer or correct, and the check of what was answered."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from HER2ImmunoCommonLib.dicom import date_of, datetime_of, time_of_day_s
from HER2ImmunoCommonLib.errors import InputError

from .verdict import USER, Findings, Input

NUMBERS = {"weight_kg": "kg", "height_cm": "cm", "dose_bq": "Bq", "half_life_s": "s"}
POSSIBLE = {"weight_kg": (0.005, 400.0), "height_cm": (25.0, 275.0), "dose_bq": (1e4, 1e13)}
"""Answers outside are in another unit."""
SEXES = {"M": "M", "F": "F", "MALE": "M", "FEMALE": "F"}
"""Words for M and F that headers and people use."""
WORDS = {
    "sex": ("M", "F"),
    "units": ("BQML", "GML", "CM2ML", "CNTS"),
    "decay_correction": ("START", "ADMIN", "NONE"),
}
MOMENTS = ("start", "reference")
KEYS = (*NUMBERS, *WORDS, *MOMENTS, "injection", "series")
"""Keys of `overrides`: every value of the header that the SUV factor rests on."""


def checked(overrides: Mapping[str, object] | None) -> dict[str, object]:
    """The answers as numbers, words and moments.

    Parameters
    ----------
    overrides : mapping of str to value or text
        Keys as in `KEYS`; `start` (administration) and `reference` (decay correction) as a date with time
        (2024-01-31 13:05:00, or DICOM DT) or a time of day, `start` also as a day; `injection` counts from 1;
        `series` is a number or UID.

    Raises
    ------
    InputError
        For an unknown key or a value that cannot be one.
    """
    return {key: _checked(key, value) for key, value in (overrides or {}).items()}


def _checked(key: str, value: object) -> object:
    if key in NUMBERS:
        return _positive(key, value)
    if key in WORDS:
        word = str(value).strip().upper()
        word = SEXES.get(word, word)
        if word not in WORDS[key]:
            raise InputError(f"{key}={value} is not possible; give one of {', '.join(WORDS[key])}.")
        return word
    if key in MOMENTS:
        return _moment(key, value)
    if key == "injection":
        return round(_positive(key, value))
    if key == "series":
        return str(value).strip()
    raise InputError(f"{key!r} cannot be set; the values that can are {', '.join(KEYS)}.")


def _positive(key: str, value: object) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise InputError(f"{key}={value} is not possible; give a number above 0 in {NUMBERS.get(key, 'whole steps')}.")
    low, high = POSSIBLE.get(key, (0.0, math.inf))
    if not low <= number <= high:
        raise InputError(f"{key}={value} cannot be; give it in {NUMBERS[key]}, {low:g} to {high:g}.")
    return number


def _moment(key: str, value: object) -> str:
    """The answer as a DICOM DT or TM, or as a DA where the header may have the time of day."""
    answer = re.sub(r"^(\d{4})[-/](\d{2})[-/](\d{2})", r"\1\2\3", str(value).strip())
    answer = re.sub("[:T ]", "", answer)
    if key == "start" and date_of(answer):
        return answer
    if (datetime_of(answer) if len(answer.split(".")[0]) > 8 else time_of_day_s(answer)) is None:
        raise InputError(f"{key}={value} is not a time; give it as 2024-01-31 13:05:00 or 13:05:00.")
    return answer


def answer(findings: Findings, answers: Mapping[str, object], key: str, unit: str = "") -> object | None:
    """The user's value of `key`, if given; it is kept among the inputs."""
    if key not in answers:
        return None
    findings.inputs[key] = Input(answers[key], unit, USER)
    return answers[key]
