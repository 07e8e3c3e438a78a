"""What the injected dose is divided over: body weight, lean or ideal body mass, body surface."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .answers import POSSIBLE, SEXES, answer
from .header import PetHeader
from .tags import SERIES_TAGS
from .verdict import Findings, Input

GRAMS_LIMIT = 1000.0
"""A weight from here on is one in grams."""
WEIGHT_KG, HEIGHT_CM = POSSIBLE["weight_kg"], POSSIBLE["height_cm"]
"""Of mice and people; others are asked."""
METRES_LIMIT = 3.0
"""A height above this is one in centimetres."""
BODY_MASS_INDEX = (11.0, 45.0)
"""Outside, weight or height may be in another unit: a warning, since people are."""
POUNDS_PER_KG = 2.2046
CHILD_KG = 2.0
"""Below, a height is not that of a person."""

UNITS = {
    "bw": "{SUVbw}g/ml",
    "lbm": "{SUVlbm}g/ml",
    "lbm_james": "{SUVlbm}g/ml",
    "lbm_morgan": "{SUVlbm}g/ml",
    "ibw": "{SUVibw}g/ml",
    "bsa": "{SUVbsa}cm2/ml",
}
"""Normalisations and the unit (UCUM) of their SUV; `lbm` is by Janmahasatian."""
SUV_TYPES = {
    "": "bw",
    "BW": "bw",
    "LBMJANMA": "lbm",
    "LBMJAMES128": "lbm_james",
    "LBM": "lbm_morgan",
    "IBW": "ibw",
    "BSA": "bsa",
}
"""SUVType (0054,1006) to normalisation; DICOM's plain LBM is the formula with 120 for men (Morgan)."""


def lean_mass_janmahasatian_kg(weight_kg: float, height_cm: float, sex: str) -> float:
    """Lean body mass (Janmahasatian et al., Clin Pharmacokinet 2005;44:1051)."""
    bmi = weight_kg / (height_cm / 100.0) ** 2
    constant, slope = (6680.0, 216.0) if sex == "M" else (8780.0, 244.0)
    return 9270.0 * weight_kg / (constant + slope * bmi)


def lean_mass_james_kg(weight_kg: float, height_cm: float, sex: str, *, male: float = 128.0) -> float:
    """Lean body mass (James 1976; with 120 for men it is the form of Morgan and Bray 1994)."""
    linear, square = (1.10, male) if sex == "M" else (1.07, 148.0)
    return linear * weight_kg - square * (weight_kg / height_cm) ** 2


def ideal_weight_kg(height_cm: float, sex: str) -> float:
    """Ideal body weight (Sugawara et al., Radiology 1999;213:521)."""
    return 48.0 + 1.06 * (height_cm - 152.0) if sex == "M" else 45.5 + 0.91 * (height_cm - 152.0)


def surface_m2(weight_kg: float, height_cm: float) -> float:
    """Body surface area (DuBois and DuBois 1916)."""
    return 0.007184 * weight_kg**0.425 * height_cm**0.725


_MASS_KG: dict[str, Callable[[float, float, str], float]] = {
    "lbm": lean_mass_janmahasatian_kg,
    "lbm_james": lean_mass_james_kg,
    "lbm_morgan": lambda weight_kg, height_cm, sex: lean_mass_james_kg(weight_kg, height_cm, sex, male=120.0),
    "ibw": lambda _, height_cm, sex: ideal_weight_kg(height_cm, sex),
}


def size(norm: str, header: PetHeader, answers: Mapping[str, object], findings: Findings) -> float | None:
    """The size of the body for a normalisation: g, or cm2 for `bsa`; None where something must be asked."""
    weight_kg = 0.0 if norm == "ibw" else body_weight_kg(header, answers, findings)
    if norm == "bw":
        return None if weight_kg is None else 1000.0 * weight_kg
    height_cm = body_height_cm(header, answers, findings)
    sex = "" if norm == "bsa" else body_sex(header, answers, findings)
    if None in (weight_kg, height_cm, sex):
        return None
    if norm == "bsa":
        return 1e4 * surface_m2(weight_kg, height_cm)
    mass_kg = _MASS_KG[norm](weight_kg, height_cm, sex)
    if mass_kg <= 0:
        findings.error(f"The formula {norm} gives {mass_kg:.1f} kg for this weight and height; use another norm.")
        return None
    return 1000.0 * mass_kg


def body_weight_kg(header: PetHeader, answers: Mapping[str, object], findings: Findings) -> float | None:
    given, tag = answer(findings, answers, "weight_kg", "kg"), SERIES_TAGS["weight"]
    if given is not None:
        return given
    weight = header.number("weight")
    if weight is None or weight <= 0:
        found = header.texts["weight"] or "empty"
        findings.ask("weight_kg", f"{tag} is {found}: what did the patient weigh, in kg?")
        return None
    low, high = WEIGHT_KG
    if weight < GRAMS_LIMIT and not low <= weight <= high:
        findings.ask("weight_kg", f"{tag} is {weight:g} kg, which nobody weighs: what is the weight in kg?")
        return None
    if weight >= GRAMS_LIMIT:
        findings.ask("weight_kg", f"{tag} is {weight:g} kg, which looks like grams: what is the weight in kg?")
        return None
    findings.inputs["weight_kg"] = Input(weight, "kg", str(tag))
    return weight


def check_build(header: PetHeader, findings: Findings) -> None:
    """Warn of a weight that does not go with the height by the header, as one in pounds."""
    weight, height = findings.inputs.get("weight_kg"), header.number("height")
    if weight is None or height is None or weight.value < CHILD_KG:
        return
    height_cm = height if height > METRES_LIMIT else 100.0 * height
    if not HEIGHT_CM[0] <= height_cm <= HEIGHT_CM[1]:
        return
    low, high = BODY_MASS_INDEX
    index = weight.value / (height_cm / 100.0) ** 2
    if not low <= index <= high:
        pounds = f"; in pounds it would be {index / POUNDS_PER_KG:.0f}" if index > high else ""
        findings.warn(
            f"{weight.value:g} kg by {weight.source} and {height_cm:g} cm by {SERIES_TAGS['height']} make a body mass "
            f"index of {index:.0f}{pounds}; check the units of both."
        )


def body_height_cm(header: PetHeader, answers: Mapping[str, object], findings: Findings) -> float | None:
    given, tag = answer(findings, answers, "height_cm", "cm"), SERIES_TAGS["height"]
    if given is not None:
        return given
    height = header.number("height")
    if height is None or height <= 0:
        findings.ask("height_cm", f"{tag} is {header.texts['height'] or 'empty'}: how tall is the patient, in cm?")
        return None
    height_cm = height if height > METRES_LIMIT else 100.0 * height
    low, high = HEIGHT_CM
    if not low <= height_cm <= high:
        findings.ask("height_cm", f"{tag} is {height:g}, which is nobody's height: how tall is the patient, in cm?")
        return None
    findings.inputs["height_cm"] = Input(height_cm, "cm", str(tag))
    return height_cm


def body_sex(header: PetHeader, answers: Mapping[str, object], findings: Findings) -> str | None:
    given, tag = answer(findings, answers, "sex"), SERIES_TAGS["sex"]
    if given is not None:
        return given
    found = header.texts["sex"].upper()
    sex = SEXES.get(found)
    if sex is None:
        findings.ask("sex", f"{tag} is {found or 'empty'}, but the normalisation has formulas for M and F: which one?")
        return None
    findings.inputs["sex"] = Input(sex, "", str(tag))
    return sex
