"""Options that the commands of PET share, and the settings they make."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from PETHypoxiaLib import PetSettings
from PETHypoxiaLib.suv import ANSWER_KEYS, NORM_UNITS

from ..values import add_answers_argument, add_private_argument


@dataclass(frozen=True)
class PetCommandSettings:
    """What a command of PET is asked.

    Attributes
    ----------
    folder : Path
        Holds the PET series.
    out : Path
        Folder of the results.
    analysis : PetSettings
    private : bool
        Whether to write the file that is not to be passed on.
    """

    folder: Path
    out: Path
    analysis: PetSettings
    private: bool


def add_pet_arguments(parser: argparse.ArgumentParser) -> None:
    """What every command that reads PET takes."""
    add_private_argument(parser)
    parser.add_argument("folder", type=Path, help="folder with the PET series; other modalities in it are passed over")
    parser.add_argument("--norm", choices=list(NORM_UNITS), default="bw", help="normalisation of the SUV (default: bw)")
    add_answers_argument(parser, f"answer a question or correct the header: {', '.join(ANSWER_KEYS)}")
