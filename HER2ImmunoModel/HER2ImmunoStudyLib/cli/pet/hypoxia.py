"""`her2immuno hypoxia`: SUV, ratio map and hypoxia measures of a tumour in FMISO-PET."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.geometry import write_volume
from HER2ImmunoCommonLib.masks import Mask, read_mask, split_choice, without_segments
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import write_private, write_sidecar
from HER2ImmunoCommonLib.registration import read_transform
from HER2ImmunoCommonLib.results import staged_folder
from PETHypoxiaLib import HypoxiaMetrics, PetResult, PetSettings, analyse, read_pet
from PETHypoxiaLib.analysis import wording

from ..values import answers
from .options import PetCommandSettings, add_pet_arguments
from .suv import READING, suv_summary, suv_text, write_suv

NAME = "hypoxia"

MASKED = ("tumour", "muscle", "blood")
"""Regions that a mask is given for."""
SWEEP_COLUMNS = ("threshold", "hypoxic_volume_cm3", "hypoxic_fraction", "hypoxic_burden_cm3")


@dataclass(frozen=True)
class HypoxiaSettings(PetCommandSettings):
    """What `her2immuno hypoxia` is asked: of PET, and of its regions.

    Attributes
    ----------
    tumour, reference : Path
        Masks; the ratio of the analysis says whether the reference is muscle or blood.
    overlap : tuple of Path
        Masks of regions that may share voxels with the hypoxic volume.
    segments : mapping of str to str
        Which label or segment of a mask is meant: by tumour, muscle, blood.
    mask_transform : Path or None
        Of the image that the masks were drawn on to the PET.
    """

    tumour: Path
    reference: Path
    overlap: tuple[Path, ...]
    segments: Mapping[str, str] = field(default_factory=dict)
    mask_transform: Path | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_pet_arguments(parser)
    parser.add_argument(
        "--tumour",
        required=True,
        type=Path,
        metavar="MASK.nrrd",
        help="tumour, on any grid; of several labels or segments MASK.nrrd:NAME, also for the other masks",
    )
    reference = parser.add_mutually_exclusive_group(required=True)
    reference.add_argument("--muscle", type=Path, metavar="MASK.nrrd", help="muscle, for TMR")
    reference.add_argument("--blood", type=Path, metavar="MASK.nrrd", help="blood (eroded aorta, ventricle), for TBR")
    parser.add_argument(
        "--threshold", type=float, metavar="X", help="ratio from which on a voxel is hypoxic (TMR 1.4, TBR 1.2)"
    )
    parser.add_argument(
        "--reference-cm3", type=float, default=1.0, metavar="X", help="least volume of the reference (mouse: less)"
    )
    parser.add_argument(
        "--overlap",
        action="append",
        default=[],
        type=Path,
        metavar="MASK.nrrd",
        help="report how much of the hypoxic volume lies in this region; may be repeated",
    )
    parser.add_argument(
        "--mask-transform",
        type=Path,
        metavar="FILE",
        help="ITK transform of points of the image that the masks were drawn on to points of the PET; a mask on the "
        "voxels of the PET stays where it is",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")


def read(arguments: argparse.Namespace) -> HypoxiaSettings:
    corrections, segments = without_segments(answers(arguments.answers), MASKED)
    analysis = PetSettings(
        norm=arguments.norm,
        ratio="TMR" if arguments.muscle else "TBR",
        threshold=arguments.threshold,
        minimum_reference_cm3=arguments.reference_cm3,
        overrides=corrections,
    )
    return HypoxiaSettings(
        folder=arguments.folder,
        out=arguments.out,
        tumour=arguments.tumour,
        reference=arguments.muscle or arguments.blood,
        overlap=tuple(arguments.overlap),
        segments=segments,
        analysis=analysis,
        private=arguments.private,
        mask_transform=arguments.mask_transform,
    )


def run(settings: HypoxiaSettings, report: Report) -> dict:
    with staged_folder(settings.out, NAME) as stage:
        result = _analyse(settings, part(report, 0.0, 0.9))
        tell(report, 0.9, "Writing the maps")
        written = _write(result, stage)
        if settings.private:
            named = ("tumour", "reference", "mask_transform")
            places = {"pet": settings.folder, **{name: getattr(settings, name) for name in named}}
            written["private"] = write_private(stage, {"pet": result.provenance}, places)
    written = {name: settings.out / path.name for name, path in written.items()}
    return _told(settings, result, written)


def _analyse(settings: HypoxiaSettings, report: Report) -> PetResult:
    name = "muscle" if settings.analysis.ratio == "TMR" else "blood"
    tumour = read_mask(settings.tumour, "tumour", settings.segments.get("tumour", ""))
    reference = read_mask(settings.reference, name, settings.segments.get(name, ""))
    others = _others(settings.overlap)
    transform = None if settings.mask_transform is None else read_transform(settings.mask_transform)
    pet = read_pet(settings.folder, overrides=settings.analysis.overrides, report=part(report, 0.0, READING))
    return analyse(
        pet,
        settings.analysis,
        tumour_mask=tumour,
        reference_mask=reference,
        other_masks=others,
        mask_transform=transform,
        report=part(report, READING, 1.0),
    )


def _told(settings: HypoxiaSettings, result: PetResult, written: dict[str, Path]) -> dict:
    return {
        "suv": suv_summary(result.suv_result),
        "status": result.suv_result.status if result.suv_result.status != "ok" or not result.warnings else "warn",
        "ratio": settings.analysis.ratio,
        "threshold": settings.analysis.used_threshold,
        "metrics": result.metrics,
        "measurements": result.measurements,
        "overlaps": result.overlaps,
        "warnings": result.warnings,
        "files": written,
        "text": [
            *suv_text(result.suv_result),
            *_region_text(result),
            *_text(result.metrics),
            *_overlap_text(result),
            f"Results: {settings.out}",
        ],
    }


def _others(paths: Sequence[Path]) -> dict[str, Mask]:
    """The regions by the names of their files or of the segments chosen."""
    names = [segment or path.name.split(".")[0] for path, segment in map(split_choice, paths)]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"--overlap {doubled[0]} is given twice; name the files differently.")
    return {name: read_mask(path, "overlap") for name, path in zip(names, paths, strict=True)}


def _overlap_text(result: PetResult) -> list[str]:
    return [f"{name}: {value} {unit}".strip() for name, value, unit in wording.overlaps(result.overlaps)]


def _region_text(result: PetResult) -> list[str]:
    """Warnings that are neither of the SUV nor of the metrics: those of the masks."""
    others = (*result.suv_result.warnings, *result.metrics.warnings)
    return [f"Warning: {text}" for text in result.warnings if text not in others]


def _write(result: PetResult, folder: Path) -> dict[str, Path]:
    metrics = result.metrics
    name = metrics.ratio
    written = {
        "suv": write_suv(result, folder),
        name.lower(): write_volume(result.ratio, folder / f"{name}.nrrd"),
        "hypoxic": write_volume(result.suv.like(result.hypoxic), folder / "hypoxic.nrrd"),
        "sweep": files.write_csv(
            SWEEP_COLUMNS,
            [(one.threshold, one.volume_cm3, one.fraction, one.burden_cm3) for one in metrics.sweep],
            folder / "sweep.csv",
        ),
    }
    for key, path in written.items():
        if key != "suv":
            write_sidecar(path, result.provenance)
    return written


def _text(metrics: HypoxiaMetrics) -> list[str]:
    peak = "undefined" if metrics.suv_peak is None else f"{metrics.suv_peak:.2f}"
    hypoxic, of_suv = metrics.hypoxic, f"SUVmean {metrics.suv_mean:.2f}, SUVpeak {peak}, SUVmax {metrics.suv_max:.2f}"
    return [
        f"Tumour {metrics.volume_cm3:.2f} cm3: {of_suv}, {metrics.ratio}max {metrics.ratio_max:.2f}",
        f"Hypoxic volume ({metrics.ratio} >= {hypoxic.threshold:g}): {hypoxic.volume_cm3:.2f} cm3, fraction "
        f"{hypoxic.fraction:.3f}",
        *(f"Warning: {text}" for text in metrics.warnings),
        *metrics.notes,
    ]
