"""The commands, in the order of the help page, and what each of them is."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Protocol

from HER2ImmunoCommonLib.progress import Report


class Command(Protocol):
    """A module that is a command: its options, what they mean, and what it does.

    Attributes
    ----------
    NAME : str
        Word after `her2immuno`.
    HELP : str
        One line of the help page.
    """

    NAME: str
    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the options; `--json` and `--quiet` are everyone's."""

    def read(self, arguments: argparse.Namespace) -> object:
        """The settings, a frozen dataclass; refuses with `InputError` what no data could make right."""

    def run(self, settings: object, report: Report) -> dict:
        """Do the work; gives the summary for `--json`, with the lines for the screen under "text"."""


@dataclass(frozen=True)
class Listed:
    """A command of which the help page needs only name and line; its module is imported when it is chosen.

    Attributes
    ----------
    NAME, HELP : str
        As `Command`.
    place : str
        The module, relative to this package; it has the same NAME.
    """

    NAME: str
    HELP: str
    place: str

    def load(self) -> ModuleType:
        return import_module(self.place, __package__)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        self.load().add_arguments(parser)

    def read(self, arguments: argparse.Namespace) -> object:
        return self.load().read(arguments)

    def run(self, settings: object, report: Report) -> dict:
        return self.load().run(settings, report)


COMMANDS: tuple[Listed, ...] = (
    Listed("demo", "Write the virtual patient, run the whole study on it and write the report", ".demo"),
    Listed("study", "The whole path: DICOM of several visits to measurements, model, ranking and report", ".study"),
    Listed("check", "Read all that a study names and say what is wrong, before an hour of work", ".check"),
    Listed("dce", "Ktrans, ve, vp and other maps of a dynamic contrast-enhanced MR series", ".dce"),
    Listed(
        "tumour",
        "The enhancing tumour around a click in a dynamic MR series, with its volume and diameter",
        ".dce.tumour",
    ),
    Listed("suv", "SUV map of a PET series, or the reason why there is none", ".pet.suv"),
    Listed(
        "hypoxia", "SUV, tumour-to-muscle or -blood ratio and hypoxic volume of a tumour in FMISO-PET", ".pet.hypoxia"
    ),
    Listed(
        "align", "Bring one visit into the space of another: transform, aligned image, and how good it is", ".align"
    ),
    Listed(
        "calibrate", "Calibrate a tumour model to a measurement table or to volumes of several animals", ".calibrate"
    ),
    Listed("prior", "What the priors of a model say before any data, and where measurements lie", ".calibrate.prior"),
    Listed("simulate", "Simulate a tumour model under a treatment schedule", ".simulate"),
    Listed("rank", "Rank treatment schedules of a calibrated model against a standard one", ".schedules.rank"),
    Listed(
        "optimize",
        "Find the best treatment schedule of a calibrated model under constraints",
        ".schedules.optimize",
    ),
    Listed("next", "Which scan next, and when, would sharpen the answer of a calibrated model", ".schedules.next_scan"),
    Listed("regimens", "List the regimens of the clinic, or dose one for a patient with its limits", ".regimens"),
    Listed("exposure", "Concentrations, peaks, troughs and areas of the doses of a regimen or a table", ".exposure"),
    Listed("models", "List the tumour models, show one, or write it as JSON or SBML", ".models"),
    Listed("petab", "Write a calibration as a problem of PEtab, for other tools of parameter estimation", ".petab"),
    Listed("trials", "Published trials simulated with virtual patients: what is predicted, and what passes", ".trials"),
    Listed("rcb", "The residual cancer burden of a surgical specimen, its class and what counts as pCR", ".rcb"),
    Listed("phantom", "Write a virtual patient of known truth as DICOM", ".phantom"),
)
