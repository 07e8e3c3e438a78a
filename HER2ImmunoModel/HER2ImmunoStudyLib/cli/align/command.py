"""The course of `her2immuno align`: read two visits, align them, write the transform and what it does, tell."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from HER2ImmunoCommonLib.errors import QuestionsError
from HER2ImmunoCommonLib.examination import lying_apart
from HER2ImmunoCommonLib.geometry import write_volume
from HER2ImmunoCommonLib.pictures import to_png
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, plain, write_private, write_sidecar
from HER2ImmunoCommonLib.registration import (
    Alignment,
    Landmarks,
    Quality,
    align,
    read_landmarks,
    read_transform,
    resample,
    write_transform,
)
from HER2ImmunoCommonLib.results import staged_folder

from ...study.answers import of_visit
from .images import VisitImage, read_visit
from .options import FIXED, MOVING, AlignCommandSettings, VisitInputs
from .sheet import alignment_sheet

NAME = "align"

READ, ALIGNED = 0.2, 0.9
"""Where the stages end in the progress."""
TUMOUR_KEPT = "the tumour is left out and moved rigidly, so that its volume is kept."
FORMULAS = {
    True: (f"Registration by local contrast; {TUMOUR_KEPT}",),
    False: (f"Registration by mutual information; {TUMOUR_KEPT}",),
}
"""By whether the contrast of both images is the same."""
TRANSFORM, IMAGE, JACOBIAN, PICTURE = "transform.h5", "aligned.nrrd", "jacobian.nrrd", "alignment.png"


def run(settings: AlignCommandSettings, report: Report) -> dict:
    with staged_folder(settings.out, NAME, expected=(TRANSFORM, IMAGE, JACOBIAN, PICTURE)) as stage:
        initial = None if settings.initial is None else read_transform(settings.initial)
        landmarks = None if settings.landmarks is None else read_landmarks(settings.landmarks)
        fixed = _read(settings.fixed, FIXED, part(report, 0.0, READ / 2))
        moving = _read(settings.moving, MOVING, part(report, READ / 2, READ))
        found = align(
            fixed.volume,
            moving.volume,
            tumour_fixed=fixed.tumour,
            tumour_moving=moving.tumour,
            mask_fixed=fixed.breast,
            initial=initial,
            landmarks=landmarks,
            settings=settings.analysis,
            report=part(report, READ, ALIGNED),
        )
        tell(report, ALIGNED, "Writing the transform and the pictures")
        warnings = _warnings(fixed, moving, found)
        record = _provenance(settings, fixed, moving, warnings)
        written = _write(found, fixed, moving, record, stage)
        if settings.private:
            written["private"] = write_private(stage, {NAME: record}, _places(settings))
    files = {name: settings.out / path.name for name, path in written.items()}
    return {
        "status": "warn" if warnings else "ok",
        "kind": found.settings.kind,
        **plain(found.quality),
        "landmarks": 0 if landmarks is None else len(landmarks),
        "tumours": [name for name, visit in ((FIXED, fixed), (MOVING, moving)) if visit.tumour is not None],
        "images": {FIXED: fixed.source, MOVING: moving.source},
        "settings": asdict(found.settings),
        "version": record.version,
        "warnings": warnings,
        "files": files,
        "text": [
            *_said(found.quality, landmarks),
            *(f"Warning: {text}" for text in warnings),
            f"Picture: {files['picture']}",
            f"Results: {settings.out}",
        ],
    }


def _read(inputs: VisitInputs, name: str, report: Report | None) -> VisitImage:
    try:
        return read_visit(inputs, report)
    except QuestionsError as error:
        raise of_visit(error, name, 2) from error


def _warnings(fixed: VisitImage, moving: VisitImage, found: Alignment) -> tuple[str, ...]:
    told = [f"{name}: {text}" for name, visit in (("Fixed", fixed), ("Moving", moving)) for text in visit.warnings]
    patients = {visit.examination.patient for visit in (fixed, moving)} - {""}
    if len(patients) > 1:
        told.append("The headers name two patients (PatientID); check that both visits are of one.")
    if lying := lying_apart(*(visit.examination.patient_position for visit in (fixed, moving))):
        told.append(lying)
    return tuple(dict.fromkeys((*told, *found.warnings)))


def _provenance(
    settings: AlignCommandSettings, fixed: VisitImage, moving: VisitImage, warnings: tuple[str, ...]
) -> Provenance:
    given = {name: getattr(settings, name) for name in ("landmarks", "initial")}
    inputs = {FIXED: fixed.source, MOVING: moving.source}
    inputs |= {name: path.name for name, path in given.items() if path is not None}
    formulas = FORMULAS[settings.analysis.same_contrast]
    return Provenance(f"her2immuno {NAME}", asdict(settings.analysis), inputs, formulas, warnings)


def _places(settings: AlignCommandSettings) -> dict[str, object]:
    visits = {FIXED: settings.fixed, MOVING: settings.moving}
    found = {name: {"image": visit.image, "tumour": visit.tumour} for name, visit in visits.items()}
    own = {"mask_fixed": settings.fixed.breast, "landmarks": settings.landmarks, "initial": settings.initial}
    return found | own


def _write(
    found: Alignment, fixed: VisitImage, moving: VisitImage, record: Provenance, folder: Path
) -> dict[str, Path]:
    aligned = resample(moving.volume, fixed.volume, found.transform)
    sheet = alignment_sheet(found, (fixed.volume, moving.volume), (fixed.tumour, moving.tumour))
    written = {
        "transform": write_transform(found.transform, folder / TRANSFORM),
        "aligned": write_volume(aligned, folder / IMAGE),
        "jacobian": write_volume(found.jacobian, folder / JACOBIAN),
        "picture": folder / PICTURE,
    }
    written["picture"].write_bytes(to_png(sheet))
    for path in written.values():
        write_sidecar(path, record)
    return written


def _said(found: Quality, landmarks: Landmarks | None) -> list[str]:
    lines = [
        f"Likeness ({found.metric_name}): {found.metric_before:.2f} as they lie, {found.metric_rigid:.2f} after the "
        f"rigid motion, {found.metric_after:.2f} aligned",
        f"Jacobian in the body: {found.jacobian_min:.2f} to {found.jacobian_max:.2f}; {100 * found.overlap:.0f} % of "
        "the fixed body lies in the moving image",
    ]
    if landmarks is not None:
        pairs = "1 pair" if len(landmarks) == 1 else f"{len(landmarks)} pairs"
        lines.append(
            f"Landmarks ({pairs}): {found.landmark_before_mm:.1f} mm apart before, {found.landmark_error_mm:.1f} mm "
            "after, on average"
        )
    if found.tumour_volume_change is not None:
        change = round(100 * found.tumour_volume_change, 2) + 0.0
        lines.append(f"Tumour volume changed by the alignment itself: {change:.2f} %")
    return lines
