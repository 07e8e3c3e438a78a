"""The files of a study: maps, tables, the calibrated model and the report, all there or none."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib import files, measurements
from HER2ImmunoCommonLib.geometry import write_volume
from HER2ImmunoCommonLib.names import folder_names
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import PRIVATE_FILE, write_private, write_sidecar
from HER2ImmunoCommonLib.registration import write_transform
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoModelLib.findings import estimate_table, forecast_table, gap_table, ranking_table
from HER2ImmunoModelLib.planning import Plan

from .contents import alignment_records, private_contents, study_provenance, visit_maps, visit_transforms
from .report import report_page
from .results import StudyResult, VisitResult
from .tracking_file import TRACKING, tracking_uid, write_tracking

REPORT, MEASUREMENTS, SCENE, MODEL = "report.html", "measurements.csv", "study.mrb", "model"
ALIGNMENT = "alignment.csv"
COMMAND = "study"
OWN_NAMES = tuple(
    f"{name}{end}" for name in (REPORT, MEASUREMENTS, ALIGNMENT, TRACKING, SCENE, PRIVATE_FILE) for end in ("", ".json")
)
NO_SCENE = "No Slicer scene was written: it needs the package slicer-core (the 'host' extra)."


@dataclass(frozen=True)
class StudyFiles:
    """Where the files of a study are.

    Attributes
    ----------
    folder : Path
    visits : mapping of str to str
        Name of the folder of each visit's maps, by the visit's name.
    scene : bool
        Whether the package slicer-core was there to write a scene.
    tracking_uid : str
        Of the tumour, at every visit.
    alignment : bool
        Whether there is a table of how the visits lie to the reference.
    """

    folder: Path
    visits: Mapping[str, str]
    scene: bool
    tracking_uid: str
    alignment: bool

    def paths(self) -> dict[str, Path]:
        """The files of the study by what they are, those that there are, and by its name the folder of each visit."""
        own = {"report": REPORT, "measurements": MEASUREMENTS, "model": MODEL, "tracking": TRACKING}
        own |= {"scene": SCENE} if self.scene else {}
        own |= {"alignment": ALIGNMENT} if self.alignment else {}
        return {name: self.folder / path for name, path in (dict(self.visits) | own).items()}


def write_study(result: StudyResult, folder: str | Path, *, report: Report | None = None) -> dict[str, Path]:
    """Put everything a study found into `folder`, in the place of an earlier study's results.

    Returns
    -------
    dict of str to Path
        As `StudyFiles.paths`.
    """
    with staged_folder(folder, COMMAND, expected=OWN_NAMES) as stage:
        written = fill_folder(result, stage, earlier=Path(folder), report=report)
    return replace(written, folder=Path(folder)).paths()


def fill_folder(
    result: StudyResult, folder: str | Path, *, earlier: Path, private: bool = False, report: Report | None = None
) -> StudyFiles:
    """Write everything a study found into an empty folder.

    Parameters
    ----------
    result : StudyResult
    folder : path
        Made if need be.
    earlier : Path
        Where an earlier run of the study may have left its results: the tumour keeps the UID that it has there.
    private : bool
        Also write the file that is not to be passed on.
    report : Report, optional

    Returns
    -------
    StudyFiles
    """
    folder = Path(folder)
    names = folder_names([visit.visit.visit for visit in result.visits], taken=(*OWN_NAMES, MODEL), empty="visit")
    for number, visit in enumerate(result.visits):
        tell(report, 0.4 * number / len(result.visits), f"Writing the maps of {visit.visit.visit}")
        _write_maps(visit, files.writable_folder(folder / names[visit.visit.visit]))
    tell(report, 0.4, "Writing the tables")
    measurements.write_csv(result.measurements, folder / MEASUREMENTS)
    _write_plan(result.plan, folder / MODEL)
    tell(report, 0.5, "Writing the report")
    files.write_text(report_page(result), folder / REPORT)
    if private:
        write_private(folder, *private_contents(result))
    uid = tracking_uid(result.study, earlier)
    write_tracking(result.study, uid, folder)
    written = [MEASUREMENTS, REPORT, TRACKING]
    if is_space_told := result.is_aligned or result.study.register is not None:
        _write_alignment(result, folder / ALIGNMENT)
        written.append(ALIGNMENT)
    if importlib.util.find_spec("slicer"):
        from .scene_file import write_scene

        write_scene(result, folder / SCENE, report=part(report, 0.6, 1.0))
        written.append(SCENE)
    for name in written:
        write_sidecar(folder / name, study_provenance(result))
    return StudyFiles(folder, names, SCENE in written, uid, is_space_told)


def _write_alignment(result: StudyResult, path: Path) -> None:
    records = alignment_records(result)
    rows = [["" if value is None else value for value in record.values()] for record in records]
    files.write_csv(tuple(records[0]), rows, path)


def _write_maps(visit: VisitResult, folder: Path) -> None:
    for name, (volume, provenance) in visit_maps(visit).items():
        write_sidecar(write_volume(volume, folder / f"{name}.nrrd"), provenance)
    for name, (transform, provenance) in visit_transforms(visit).items():
        write_sidecar(write_transform(transform, folder / f"{name}.h5"), provenance)
    if visit.dce:
        _write_curves(visit, folder)


def _write_curves(visit: VisitResult, folder: Path) -> None:
    found = visit.dce.result
    if found.aif is not None:
        columns = np.column_stack([found.aif.time_s, found.aif.plasma_mM])
        write_sidecar(files.write_csv(("time_s", "plasma_mM"), columns.tolist(), folder / "aif.csv"), found.provenance)
    if found.roi is not None:
        columns = np.column_stack([found.roi.time_s, found.roi.concentration_mM, found.roi.fitted_mM])
        header = ("time_s", "concentration_mM", "fitted_mM")
        write_sidecar(files.write_csv(header, columns.tolist(), folder / "curve.csv"), found.provenance)


def _write_plan(plan: Plan, folder: Path) -> None:
    files.writable_folder(folder)
    plan.calibration.save(folder / "calibration.json")
    write_sidecar(folder / "calibration.json", plan.provenance)
    tables = {
        "parameters": estimate_table(plan.calibration),
        "forecast": forecast_table(plan.bands),
        "ranking": ranking_table(plan.ranking),
    }
    if plan.gap is not None:
        tables["gap"] = gap_table(plan.gap)
    for name, (header, rows) in tables.items():
        write_sidecar(files.write_csv(header, rows, folder / f"{name}.csv"), plan.provenance)
