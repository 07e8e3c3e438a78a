"""What commands that dose a patient ask about her; what is not given is assumed, and said to be."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping

from HER2ImmunoModelLib.drugs import PATIENT_RANGES as RANGES
from HER2ImmunoModelLib.drugs import PATIENT_WORDS as WORDS
from HER2ImmunoModelLib.drugs import Patient
from HER2ImmunoModelLib.treatments import ClinicalDose

from .values import finite

NUMBERS = {
    "body_weight": ("weight_kg", "KG", "body weight (68 is assumed without it)"),
    "height": ("height_cm", "CM", "height, for the body surface by Mosteller (1.8 m2 is assumed without it)"),
    "bsa": ("bsa_m2", "M2", "body surface, instead of height and weight"),
    "age": ("age_years", "YEARS", "age, for the GFR by Cockcroft and Gault"),
    "creatinine": ("creatinine_mg_per_dl", "MG/DL", "serum creatinine, for the same"),
    "gfr": ("gfr_ml_per_min", "ML/MIN", "GFR, for carboplatin (90 is assumed without it)"),
    "albumin": ("albumin_g_per_dl", "G/DL", "serum albumin (4 is assumed without it)"),
    "ast": ("ast_u_per_l", "U/L", "AST (24 is assumed without it)"),
    "lean_mass": ("lean_mass_kg", "KG", "lean body mass, for pertuzumab (48 is assumed without it)"),
    "lesion_sum": ("lesion_sum_mm", "MM", "sum of lesion diameters, for pembrolizumab (89.6 is assumed without it)"),
}
"""Option: field of `Patient`, unit and help."""
COVARIATES = {"mg/kg": "weight_kg", "mg/m2": "bsa_m2", "AUC": "gfr_ml_per_min"}
"""What of the patient a unit of doses needs."""


def add_patient_arguments(parser: argparse.ArgumentParser, *, has_weights: bool = False) -> None:
    """The options of a patient, in a group of their own.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    has_weights : bool
        Whether `--weight` is another option of the command; then there is `--body-weight` only.
    """
    group = parser.add_argument_group("patient")
    for option, (_, unit, text) in NUMBERS.items():
        names = [f"--{option.replace('_', '-')}"]
        if option == "body_weight" and not has_weights:
            names.insert(0, "--weight")
        group.add_argument(*names, dest=option, type=finite, metavar=unit, help=text)
    group.add_argument("--sex", choices=("female", "male"), help="sex, where a drug's clearance depends on it")
    group.add_argument("--liver-metastases", action="store_true", help="there are liver metastases")


def patient_of(given: Mapping[str, object]) -> Patient:
    """The patient of the options' values.

    Raises
    ------
    InputError
        A number that no patient has.
    """
    numbers = {field: given[option] for option, (field, _, _) in NUMBERS.items()}
    is_male = None if given["sex"] is None else given["sex"] == "male"
    return Patient(**numbers, is_male=is_male, liver_metastases=bool(given["liver_metastases"]))


def covariates_of_doses(doses: Iterable[ClinicalDose]) -> set[str]:
    """Numbers of the patient that doses take because of their units."""
    return {COVARIATES[dose.unit] for dose in doses if dose.unit in COVARIATES}


def assumed_rows(patient: Patient, names: Iterable[str]) -> list[dict[str, object]]:
    """Those of some numbers of a patient that are assumed: `covariate`, `value`, `unit` and how that is said."""
    rows: dict[str, dict[str, object]] = {}
    for name, value in sorted(patient.assumed(names).items()):
        if name in ("is_male", "is_female"):
            said = "not known: the typical patient of each paper"
            rows["sex"] = {"covariate": "sex", "value": None, "unit": "", "said": said}
        else:
            word, (_, _, unit) = WORDS[name], RANGES[name]
            rows[word] = {"covariate": word, "value": value, "unit": unit, "said": f"{value:g} {unit}"}
    return list(rows.values())


def assumed_summary(rows: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """The rows of `assumed_rows` for JSON."""
    return [{name: row[name] for name in ("covariate", "value", "unit")} for row in rows]


def assumed_text(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """The rows of `assumed_rows` in a line; none without them."""
    said = ", ".join(f"{row['covariate']} {row['said']}" for row in rows)
    return [f"Assumed: {said}"] if said else []
