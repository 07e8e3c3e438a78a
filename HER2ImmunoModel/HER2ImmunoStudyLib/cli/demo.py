"""`her2immuno demo`: the virtual patient, from DICOM to the report."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part

from ..phantom.writer import write_virtual_patient
from .study import run_to_report

NAME, HELP = "demo", "Write the virtual patient, run the whole study on it and write the report"

NOISE = 0.02
WRITING = 0.2
"""Share of the progress that writing the patient takes."""
PATIENT, RESULTS = "patient", "results"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR", help="folder (default: demo)")
    parser.add_argument("--seed", type=int, default=0, help="which virtual patient")
    parser.add_argument("--noise", type=float, default=NOISE, help=f"noise of the images (default {NOISE})")


def run(arguments: argparse.Namespace, report: Report) -> dict:
    patient, results = arguments.out / PATIENT, arguments.out / RESULTS
    _clear(arguments.out)
    study = write_virtual_patient(
        patient, seed=arguments.seed, noise=arguments.noise, report=part(report, 0.0, WRITING)
    )
    summary = run_to_report(study, results, {}, part(report, WRITING, 1.0))
    return {**summary, "text": [f"Virtual patient: {study.parent}", *summary["text"]]}


def _clear(folder: Path) -> None:
    """Remove what an earlier demonstration left; refuse a folder that holds anything else."""
    files.writable_folder(folder)
    others = sorted(entry.name for entry in folder.iterdir() if entry.name not in (PATIENT, RESULTS))
    if others:
        raise InputError(f"{folder} already holds {others[0]}; choose a new or empty folder for the demonstration.")
    for name in (PATIENT, RESULTS):
        shutil.rmtree(folder / name, ignore_errors=True)
