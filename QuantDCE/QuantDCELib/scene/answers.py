"""Where the answers to questions about the images go."""

from __future__ import annotations

from .fields import optional_number

FIELDS = {
    "tr_ms": "trMs",
    "flip_deg": "flipDeg",
    "t10_s": "t1S",
    "t10_blood_s": "bloodT1S",
    "vfa_tr_ms": "vfaTrMs",
    "frame_interval_s": "frameIntervalS",
    "series": "dynamicSeries",
    "kind": "dynamicKind",
    "vfa_series": "vfaSeries",
    "vfa_kind": "vfaKind",
}
NUMBERS = {"hematocrit": "hematocrit", "r1_per_mM_s": "relaxivity", "dose_mmol_per_kg": "dose"}
"""Fields of answers that hold numbers; the others hold text."""


def store_answer(parameters, key: str, text: str) -> str:
    """Keep an answer with the parameter node; gives the field that it went into.

    Raises
    ------
    InputError
        If it is to be a number and is none.
    """
    if key in NUMBERS:
        number = optional_number(text, key)
        if number is not None:
            setattr(parameters, NUMBERS[key], number)
        return NUMBERS[key]
    if key == "tr_s":
        seconds = optional_number(text, "TR (s)")
        parameters.trMs = "" if seconds is None else f"{1000.0 * seconds:g}"
        return "trMs"
    setattr(parameters, FIELDS[key], text)
    return FIELDS[key]
