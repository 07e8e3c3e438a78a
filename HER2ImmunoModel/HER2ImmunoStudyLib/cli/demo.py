"""`her2immuno demo`: the virtual patient, from DICOM to the report."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.files import temporary_folder, write_json
from HER2ImmunoCommonLib.progress import Report, part
from HER2ImmunoCommonLib.results import WRITTEN, checksum, made_folder, read_record, replace_all

from ..phantom.writer import write_virtual_patient
from ..study.manifest import read_study
from ..study.outputs import StudyFiles, fill_folder
from ..study.pipeline import run_study
from ..study.results import StudyResult
from . import study
from .values import filled, finite, seed

NAME = "demo"

NOISE = 0.02
WRITING, ANALYSED = 0.2, 0.88
"""Where writing the patient and the analysis end in the progress."""
PATIENT, RESULTS = "patient", "results"
LIST = "demo.json"
"""Every file that the demonstration wrote, with its checksum: what a later one may replace."""


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
    out = settings.out
    with made_folder(out):
        _refuse_others(out)
        with temporary_folder(out) as place:
            stage = place / "new"
            stage.mkdir()
            result, written = _make(stage, settings, report)
            write_json({WRITTEN: _checksums(stage)}, stage / LIST)
            replace_all(stage, out, place / "old")
    summary = study.told(result, replace(written, folder=out / RESULTS))
    return {**summary, "text": [f"Virtual patient: {out / PATIENT}", *summary["text"]]}


def _make(stage: Path, settings: DemoSettings, report: Report) -> tuple[StudyResult, StudyFiles]:
    patient = write_virtual_patient(
        stage / PATIENT, seed=settings.seed, noise=settings.noise, report=part(report, 0.0, WRITING)
    )
    result = run_study(read_study(patient), report=part(report, WRITING, ANALYSED))
    results = files.writable_folder(stage / RESULTS)
    return result, fill_folder(result, results, earlier=settings.out / RESULTS, report=part(report, ANALYSED, 1.0))


def _refuse_others(folder: Path) -> None:
    """Refuse a folder that holds anything but an earlier demonstration, as that left it."""
    for name in sorted(entry.name for entry in folder.iterdir()):
        if name not in (PATIENT, RESULTS, LIST):
            raise InputError(f"{folder} already holds {name}; choose a new or empty folder for the demonstration.")
    known = _known(folder / LIST)
    for name, found in _checksums(folder).items():
        if name != LIST and known.get(name) != found:
            raise InputError(
                f"{folder} holds {name}, which no demonstration wrote or which was changed since; choose a new or "
                "empty folder."
            )


def _known(path: Path) -> dict[str, str]:
    known = read_record(path).get(WRITTEN)
    return known if isinstance(known, dict) else {}


def _checksums(folder: Path) -> dict[str, str]:
    """Of every file in the folder; of what is none, such as a link, that it is none."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir())
    return {
        path.relative_to(folder).as_posix(): "" if path.is_symlink() or not path.is_file() else checksum(path)
        for path in paths
    }
