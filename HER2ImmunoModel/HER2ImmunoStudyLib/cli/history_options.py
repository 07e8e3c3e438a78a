"""What commands that hold doses to limits ask about the past: doses, heart and blood."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoModelLib.drugs import Patient
from HER2ImmunoModelLib.limits import LVEF_RULES, History
from HER2ImmunoModelLib.treatments import ClinicalDose, read_clinical_schedule, resolve

from .values import finite

MEASURED = {"lvef": "LVEF in percent", "neutrophils": "neutrophils in 1e9/L", "platelets": "platelets in 1e9/L"}


def add_history_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the past, in a group of their own."""
    group = parser.add_argument_group("history, which the limits count")
    group.add_argument("--given", type=Path, metavar="CSV", help="doses so far: drug, day, dose, unit")
    for drug in ("doxorubicin", "epirubicin"):
        group.add_argument(
            f"--prior-{drug}", type=finite, default=0.0, metavar="MG/M2", help=f"{drug} of earlier treatment, in all"
        )
    group.add_argument("--chest-radiotherapy", action="store_true", help="the chest was irradiated")
    group.add_argument("--other-cardiotoxic", action="store_true", help="other drugs that harm the heart were given")
    group.add_argument("--metastatic", action="store_true", help="metastatic, not early disease")
    group.add_argument("--growth-factor", action="store_true", help="growth factor with each cycle, for dose-dense AC")
    group.add_argument("--lvef-entry", type=finite, metavar="PERCENT", help="LVEF before treatment")
    group.add_argument("--lvef-rule", choices=LVEF_RULES, default=LVEF_RULES[0], help="label for holding trastuzumab")
    for name, text in MEASURED.items():
        group.add_argument(
            f"--{name}", action="append", default=[], metavar="DAY=VALUE", help=f"measured {text} (repeatable)"
        )


def doses_so_far(given: Mapping[str, object], species: str = "human") -> tuple[ClinicalDose, ...]:
    """The doses of `--given`."""
    return read_clinical_schedule(given["given"], species=species).doses if given["given"] else ()


def history_of(given: Mapping[str, object], patient: Patient, doses: Iterable[ClinicalDose] = ()) -> History:
    """The history of the options' values.

    Parameters
    ----------
    given : mapping of str to object
        Options by their names.
    patient : Patient
    doses : iterable of ClinicalDose
        Those of `doses_so_far`.

    Raises
    ------
    InputError
        Words that are no day and value, or a value that nobody has.
    """
    return History(
        given=resolve(doses, patient, patient.species),
        prior_doxorubicin_mg_per_m2=given["prior_doxorubicin"],
        prior_epirubicin_mg_per_m2=given["prior_epirubicin"],
        chest_radiotherapy=given["chest_radiotherapy"],
        other_cardiotoxic=given["other_cardiotoxic"],
        is_adjuvant=not given["metastatic"],
        lvef_at_entry=given["lvef_entry"],
        lvef_rule=given["lvef_rule"],
        growth_factor=given["growth_factor"],
        **{name: _measured(f"--{name}", given[name]) for name in MEASURED},
    )


def _measured(option: str, texts: Sequence[str]) -> tuple[tuple[float, float], ...]:
    rows = []
    for text in texts:
        day, _, value = text.partition("=")
        try:
            rows.append((float(day), float(value)))
        except ValueError:
            raise InputError(f"{option} {text}: write DAY=VALUE, such as 84=58.") from None
    return tuple(rows)
