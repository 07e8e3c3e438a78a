"""`her2immuno petab`: what a calibration estimated, as files that other tools of parameter estimation read."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoModelLib.calibration import read_calibration
from HER2ImmunoModelLib.petab import PetabProblem, objective, problem_of, problem_of_shares, write_petab

from .values import filled

NAME = "petab"


@dataclass(frozen=True)
class PetabSettings:
    """What `her2immuno petab` is asked.

    Attributes
    ----------
    calibrations : tuple of Path
        One calibration, or the shares of all subjects of a pooled one.
    out : Path
        Folder of the problem.
    """

    calibrations: tuple[Path, ...]
    out: Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "calibrations",
        nargs="+",
        type=Path,
        metavar="CALIBRATION.json",
        help="what `calibrate` wrote; of --pooled the files of all subjects",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the problem")


def read(arguments: argparse.Namespace) -> PetabSettings:
    names = [_subject(path) for path in arguments.calibrations]
    if len(set(names)) < len(names):
        raise InputError("Two of the calibrations lie in folders of one name, which is the subject's; rename one.")
    return filled(PetabSettings, vars(arguments))


def run(settings: PetabSettings, report: Report) -> dict:
    problem = _problem(settings.calibrations)
    with staged_folder(settings.out, NAME) as stage:
        tell(report, 0.2, "Writing the problem")
        paths = write_petab(stage, problem)
        value = objective(problem)
        provenance = _provenance(settings, problem, value)
        for path in paths.values():
            write_sidecar(path, provenance)
    estimated = [row.symbol for row in problem.estimated]
    return {
        "model": problem.model.name,
        "subjects": [subject.name for subject in problem.subjects],
        "estimated": estimated,
        "objective": value,
        "warnings": problem.warnings,
        "files": {name: settings.out / path.name for name, path in paths.items()},
        "text": list(_text(problem, value, settings.out)),
    }


def _subject(path: Path) -> str:
    return path.absolute().parent.name


def _problem(paths: tuple[Path, ...]) -> PetabProblem:
    found = {_subject(path): read_calibration(path) for path in paths}
    if len(found) > 1:
        return problem_of_shares(found)
    ((name, calibration),) = found.items()
    return problem_of(calibration, name=name or "subject")


def _provenance(settings: PetabSettings, problem: PetabProblem, value: float) -> Provenance:
    return Provenance(
        module="HER2ImmunoModel",
        settings={"model": problem.model.name, "species": problem.model.species, "objective": value},
        inputs={"calibrations": [path.name for path in settings.calibrations], "subjects": len(problem.subjects)},
        formulas=(problem.model.reference, "PEtab 1, Schmiester et al., PLoS Comput Biol 2021;17:e1008646"),
        warnings=problem.warnings,
    )


def _text(problem: PetabProblem, value: float, folder: Path) -> Iterator[str]:
    subjects = f", {len(problem.subjects)} subjects" if len(problem.subjects) > 1 else ""
    yield f"{problem.model.title}{subjects}: {len(problem.estimated)} numbers are estimated."
    yield f"Objective at the mode, as other tools must find it: {value:.6f}."
    yield from (f"Warning: {text}" for text in problem.warnings)
    yield f"Results: {folder / 'problem.yaml'}"
