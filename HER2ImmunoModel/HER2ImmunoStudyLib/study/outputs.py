"""The files of a study: maps, tables, the calibrated model and the report, all there or none."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib import files, measurements
from HER2ImmunoCommonLib.geometry import write_volume
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import write_sidecar
from HER2ImmunoModelLib.findings import estimate_table, forecast_table, gap_table, ranking_table
from HER2ImmunoModelLib.planning import Plan

from .contents import study_provenance, visit_maps
from .pipeline import StudyResult, VisitResult
from .report import report_page

NO_SCENE = "No Slicer scene was written: it needs the package slicer-core (the 'host' extra)."


def write_study(result: StudyResult, folder: str | Path, *, report: Report | None = None) -> dict[str, Path]:
    """Write everything a study found.

    Parameters
    ----------
    result : StudyResult
    folder : path
        Made if need be.
    report : Report, optional

    Returns
    -------
    dict of str to Path
        `report`, `measurements`, `scene` (where slicer-core is installed), and one folder of maps a visit.
    """
    folder = Path(folder)
    with files.staged_folder(folder) as stage:
        for number, visit in enumerate(result.visits):
            tell(report, 0.4 * number / len(result.visits), f"Writing the maps of {visit.visit.visit}")
            _write_maps(visit, stage / visit.visit.visit)
        tell(report, 0.4, "Writing the tables")
        measurements.write_csv(result.measurements, stage / "measurements.csv")
        write_sidecar(stage / "measurements.csv", study_provenance(result))
        _write_plan(result.plan, stage / "model")
        tell(report, 0.5, "Writing the report")
        files.write_text(report_page(result), stage / "report.html")
        names = {"report": "report.html", "measurements": "measurements.csv", "model": "model"}
        if importlib.util.find_spec("slicer"):
            from .scene_file import write_scene

            write_scene(result, stage / "study.mrb", report=part(report, 0.6, 1.0))
            names["scene"] = "study.mrb"
        names |= {visit.visit.visit: visit.visit.visit for visit in result.visits}
    return {key: folder / name for key, name in names.items()}


def _write_maps(visit: VisitResult, folder: Path) -> None:
    for name, (volume, provenance) in visit_maps(visit).items():
        write_sidecar(write_volume(volume, folder / f"{name}.nrrd"), provenance)
    if visit.dce:
        _write_curves(visit, folder)


def _write_curves(visit: VisitResult, folder: Path) -> None:
    found = visit.dce.result
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
