"""Options that the commands of PET share."""

from __future__ import annotations

import argparse
from pathlib import Path

from PETHypoxiaLib.suv import ANSWER_KEYS, NORM_UNITS


def add_pet_arguments(parser: argparse.ArgumentParser) -> None:
    """What every command that reads PET takes."""
    parser.add_argument("folder", type=Path, help="folder with the PET series; other modalities in it are passed over")
    parser.add_argument("--norm", choices=list(NORM_UNITS), default="bw", help="normalisation of the SUV (default: bw)")
    parser.add_argument(
        "--set",
        dest="answers",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help=f"answer a question or correct the header: {', '.join(ANSWER_KEYS)}",
    )
