"""The commands, in the order of the help page, and what each of them is."""

from __future__ import annotations

import argparse
from typing import Protocol

from HER2ImmunoCommonLib.progress import Report

from . import calibrate, dce, demo, models, phantom, simulate, study
from .pet import hypoxia, suv
from .schedules import optimize, rank


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


COMMANDS: tuple[Command, ...] = (
    demo,
    study,
    dce,
    suv,
    hypoxia,
    calibrate,
    simulate,
    rank,
    optimize,
    models,
    phantom,
)
