"""Options by which commands take doses of the clinic: regimens, limits, the patient and her history."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass

from HER2ImmunoModelLib.drugs import Patient
from HER2ImmunoModelLib.limits import History
from HER2ImmunoModelLib.treatments import ClinicalDose

from .history_options import add_history_arguments, doses_so_far, history_of
from .patient_options import add_patient_arguments, patient_of
from .values import record_of

READ_IN_PLACES = ("so_far",)
"""What is read from a file, whose name the record does not hold."""


@dataclass(frozen=True)
class ClinicalSettings:
    """What a command is asked about doses of the clinic.

    Attributes
    ----------
    regimen : tuple of str
        Words KEY, KEY@DAY or KEY+ADDON@DAY.
    limits : bool or None
        Whether schedules must keep the hard limits; None where the doses decide.
    drug_is : tuple of str
        Words DRUG=NAME: what a drug of the model is in the library.
    exposure : tuple of str
        Words NAME=KIND.
    patient : Patient
    history : History
        As far as it is known without the calibration.
    so_far : tuple of ClinicalDose
        Doses given before, instead of those of the calibration.
    """

    regimen: tuple[str, ...]
    limits: bool | None
    drug_is: tuple[str, ...]
    exposure: tuple[str, ...]
    patient: Patient
    history: History
    so_far: tuple[ClinicalDose, ...]

    def recorded(self) -> dict[str, object]:
        """Every choice, in the order of the options; the patient and the history as one each."""
        return record_of(self, leave_out=READ_IN_PLACES)


def add_clinical_arguments(parser: argparse.ArgumentParser, *, what: str, limits: str, has_weights: bool) -> None:
    """Regimens, limits, the patient and her history.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    what, limits : str
        What a regimen is for, and what is done with schedules that break a limit, for the help.
    has_weights : bool
        As `add_patient_arguments`.
    """
    group = parser.add_argument_group("doses of the clinic")
    group.add_argument(
        "--regimen",
        action="append",
        default=[],
        metavar="KEY[+ADDON][@DAY]",
        help=f"a regimen of `her2immuno regimens`, from the start or a day on, {what}",
    )
    group.add_argument(
        "--limits",
        action=argparse.BooleanOptionalAction,
        help=f"{limits} (default for doses with units, regimens and --drug-is)",
    )
    group.add_argument(
        "--drug-is",
        action="append",
        default=[],
        metavar="DRUG=NAME",
        help="what a drug of the model is in the clinic, such as cytotoxic=docetaxel (repeatable)",
    )
    add_exposure_argument(group)
    add_patient_arguments(parser, has_weights=has_weights)
    add_history_arguments(parser)


def add_exposure_argument(group: argparse._ArgumentGroup) -> None:
    """How the exposure to a drug follows from its doses."""
    group.add_argument(
        "--exposure",
        action="append",
        default=[],
        metavar="NAME=KIND",
        help="exposure of a drug: relative, pulse, chain or central (default what suits it and the calibration)",
    )


def clinical_settings(given: Mapping[str, object]) -> ClinicalSettings:
    """The settings of the options' values.

    Raises
    ------
    InputError
        A number that no patient has, a history that cannot be, or a table of doses that cannot be read.
    """
    patient = patient_of(given)
    so_far = doses_so_far(given)
    words = {name: tuple(given[name]) for name in ("regimen", "drug_is", "exposure")}
    return ClinicalSettings(
        limits=given["limits"], patient=patient, history=history_of(given, patient), so_far=so_far, **words
    )
