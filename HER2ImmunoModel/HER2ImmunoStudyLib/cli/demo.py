"""`her2immuno demo`: the virtual patient, from DICOM to the report."""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part

from ..phantom.writer import write_virtual_patient
from . import study
from .values import filled, finite, seed

NAME, HELP = "demo", "Write the virtual patient, run the whole study on it and write the report"

NOISE = 0.02
WRITING = 0.2
"""Share of the progress that writing the patient takes."""
PATIENT, RESULTS = "patient", "results"


@dataclass(frozen=True)
class DemoSettings:
    """What `her2immuno demo` is asked.

    Attributes
    ----------
    out : Path
        Folder of the patient and the results.
    seed : int
        Which virtual patient.
    noise : float
        Standard deviation over the mean signal.
    """

    out: Path
    seed: int
    noise: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="folder (default: demo)")
    parser.add_argument("--seed", type=seed, default=0, help="which virtual patient")
    parser.add_argument("--noise", type=finite, default=NOISE, help=f"noise of the images (default {NOISE})")


def read(arguments: argparse.Namespace) -> DemoSettings:
    return filled(DemoSettings, vars(arguments))


def run(settings: DemoSettings, report: Report) -> dict:
    patient, results = settings.out / PATIENT, settings.out / RESULTS
    _clear(settings.out)
    written = write_virtual_patient(
        patient, seed=settings.seed, noise=settings.noise, report=part(report, 0.0, WRITING)
    )
    summary = study.run(study.StudySettings(written, results), part(report, WRITING, 1.0))
    return {**summary, "text": [f"Virtual patient: {written.parent}", *summary["text"]]}


def _clear(folder: Path) -> None:
    """Remove what an earlier demonstration left; refuse a folder that holds anything else."""
    files.writable_folder(folder)
    others = sorted(entry.name for entry in folder.iterdir() if entry.name not in (PATIENT, RESULTS))
    if others:
        raise InputError(f"{folder} already holds {others[0]}; choose a new or empty folder for the demonstration.")
    for name in (PATIENT, RESULTS):
        shutil.rmtree(folder / name, ignore_errors=True)
