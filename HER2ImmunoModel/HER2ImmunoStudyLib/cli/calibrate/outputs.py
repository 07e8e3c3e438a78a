"""The files of `her2immuno calibrate`, all there or none."""

from __future__ import annotations

from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.names import folder_names
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoModelLib.findings import (
    Table,
    check_table,
    fisher_table,
    line_table,
    models_table,
    noise_table,
    numbers_table,
    profiles_table,
    quality_charts,
    quality_table,
    sampling_table,
    shared_table,
    subjects_table,
)

from ..outputs import write_tables
from .findings import Findings
from .fit import Fit

CHART_SIZE = (600, 560)
GROUP_CHART_SIZE = (720, 540)


def write_fit(found: Fit, provenance: Provenance, stage: Path, folder: Path) -> dict[str, Path | dict[str, Path]]:
    """Write the calibrations and tables, with sidecars, into `stage`; several subjects have a folder each.

    Returns
    -------
    dict of str to Path
        Where each will be once the stage has become `folder`; those of several subjects under "folders".
    """
    shared: dict[str, Table] = {}
    if found.weighed:
        shared["models"] = models_table(found.weighed)
    if found.check:
        shared["forecast_check"] = check_table(found.check)
    if found.quality:
        shared |= {"fit_quality": quality_table(found.quality), "fitted": numbers_table(found.quality)}
    if found.lines:
        shared["covariates"] = line_table(found.lines)
    if found.single:
        names = _write_findings(found.single, stage, provenance)
    else:
        calibrations = {name: findings.calibration for name, findings in found.findings.items()}
        shared |= {"subjects": subjects_table(calibrations), **_pooled_tables(found)}
        folders = folder_names(list(calibrations), empty="subject")
        for name, findings in found.findings.items():
            _write_findings(findings, files.writable_folder(stage / folders[name]), provenance)
        names = {"folders": {name: folder / path for name, path in folders.items()}}
    if found.group:
        shared |= found.group.tables()
        found.group.cohort.save(stage / "cohort.json")
        write_sidecar(stage / "cohort.json", provenance)
        names["cohort"] = "cohort.json"
    names = names | write_tables(shared, stage, provenance) | _write_charts(found, stage, provenance)
    return {name: folder / path if isinstance(path, str) else path for name, path in names.items()}


def _write_charts(found: Fit, stage: Path, provenance: Provenance) -> dict[str, str]:
    """Measured against fitted, a picture a column, where this machine can draw."""
    from HER2ImmunoCommonLib.charts import can_draw, write_png  # slow to load

    names = {}
    for column, chart in quality_charts(found.quality, found.model).items() if can_draw() else ():
        name = f"fit_{column}"
        write_sidecar(write_png(chart, stage / f"{name}.png", CHART_SIZE), provenance)
        names[name] = f"{name}.png"
    for name, chart in found.group.charts().items() if found.group and can_draw() else ():
        write_sidecar(write_png(chart, stage / f"{name}.png", GROUP_CHART_SIZE), provenance)
        names[name] = f"{name}.png"
    return names


def _pooled_tables(found: Fit) -> dict[str, Table]:
    """What the data of all subjects together say."""
    tables = {"shared": shared_table(found.pooled)} if found.pooled else {}
    if found.pooled and found.pooled.scatter.values:
        tables["noise"] = noise_table(found.pooled.scatter)
    if found.pooled and found.pooled.sampling:
        tables["sampling"] = sampling_table(found.pooled.sampling)
    tables |= {"information": fisher_table(found.spectrum)} if found.spectrum else {}
    return tables | ({"profiles": profiles_table(found.profiles)} if found.profiles else {})


def _write_findings(findings: Findings, folder: Path, provenance: Provenance) -> dict[str, str]:
    findings.calibration.save(folder / "calibration.json")
    write_sidecar(folder / "calibration.json", provenance)
    return {"calibration": "calibration.json", **write_tables(findings.tables(), folder, provenance)}
