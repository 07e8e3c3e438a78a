"""`her2immuno suv`: the SUV map of a PET series."""

from __future__ import annotations

import argparse
from pathlib import Path

from HER2ImmunoCommonLib.geometry import write_volume
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import write_private, write_sidecar
from HER2ImmunoCommonLib.results import staged_folder
from PETHypoxiaLib import PetResult, PetSettings, SUVResult, analyse, read_pet

from ..values import answers
from .options import PetCommandSettings, add_pet_arguments

NAME = "suv"

READING = 0.6
"""Share of the progress that goes to reading DICOM."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_pet_arguments(parser)
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")


def read(arguments: argparse.Namespace) -> PetCommandSettings:
    analysis = PetSettings(norm=arguments.norm, overrides=answers(arguments.answers))
    return PetCommandSettings(arguments.folder, arguments.out, analysis, arguments.private)


def run(settings: PetCommandSettings, report: Report) -> dict:
    with staged_folder(settings.out, NAME) as stage:
        pet = read_pet(settings.folder, overrides=settings.analysis.overrides, report=part(report, 0.0, READING))
        result = analyse(pet, settings.analysis, report=part(report, READING, 0.95))
        tell(report, 0.95, "Writing the SUV map")
        written = {"suv": write_suv(result, stage)}
        if settings.private:
            written["private"] = write_private(stage, {"pet": result.provenance}, {"pet": settings.folder})
    written = {name: settings.out / path.name for name, path in written.items()}
    return {
        **suv_summary(result.suv_result),
        "series": {"name": pet.series.name, "slices": len(pet.headers)},
        "files": written,
        "text": [*suv_text(result.suv_result), f"SUV map: {written['suv']}"],
    }


def write_suv(result: PetResult, folder: Path) -> Path:
    """Write the SUV map, named by its normalisation, with its sidecar."""
    path = write_volume(result.suv, folder / f"{result.suv_result.map_name}.nrrd")
    write_sidecar(path, result.provenance)
    return path


def suv_summary(result: SUVResult) -> dict:
    """The verdict and all that the factor rests on."""
    return {
        "status": result.status,
        "factor": {"minimum": result.factors.min(), "maximum": result.factors.max(), "unit": result.unit},
        "factors": result.factors,
        "norm": result.norm,
        "label": result.label,
        "rule": result.rule,
        "inputs": result.inputs,
        "candidates": result.candidates,
        "cross_checks": result.cross_checks,
        "warnings": result.warnings,
    }


def suv_text(result: SUVResult) -> list[str]:
    """What a person wants to know of the factor."""
    low, high = result.factors.min(), result.factors.max()
    factor = f"{low:.6e}" if low == high else f"{low:.6e} to {high:.6e}"
    label = f" ({result.label})" if result.label else ""
    return [
        f"SUV factor {factor} {result.unit}{label}",
        f"By {result.rule}",
        *(f"Warning: {text}" for text in result.warnings),
    ]
