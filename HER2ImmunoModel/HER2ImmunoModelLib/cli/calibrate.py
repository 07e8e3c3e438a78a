"""`her2immuno calibrate`: fit a tumour model to a measurement table."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib import files, measurements
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar

from .. import models
from ..calibration import METHODS, calibrate
from ..calibration_result import Bands, Calibration
from ..forecast_check import ForecastCheck, forecast_check
from ..identifiability import fisher_spectrum
from ..schedule import Schedule, read_schedule
from ..tables import (
    Table,
    check_table,
    draws_table,
    estimate_table,
    forecast_table,
    sampling_table,
    trajectory_table,
)

NAME, HELP = "calibrate", "Calibrate a tumour model to a measurement table"

STEP_DAY = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", type=Path, metavar="TABLE.csv", help="measurement table, one row a visit")
    add_model_arguments(parser)
    parser.add_argument("--schedule", type=Path, metavar="CSV", help="doses given so far: drug, day, dose")
    parser.add_argument("--method", default="map", choices=METHODS, help="posterior mode, or draws of a sampler")
    parser.add_argument("--steps", type=int, default=5000, help="most steps of the sampler (default 5000)")
    parser.add_argument("--draws", type=int, default=200, help="posterior draws and trajectories written (default 200)")
    parser.add_argument("--hide", type=int, default=0, metavar="VISITS", help="check the forecast of the last visits")
    parser.add_argument("--horizon", type=float, metavar="DAY", help="last day of the forecast (28 days on by default)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random numbers")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """The choice of the model, the same for every command that simulates."""
    parser.add_argument("--model", default="tivnh_treated", metavar="NAME", help=f"one of {', '.join(models.names())}")
    parser.add_argument("--species", default="human", choices=("human", "mouse"), help="whose defaults and priors")


def run(arguments: argparse.Namespace, report: Report) -> dict:
    model = models.get(arguments.model, arguments.species)
    rows = measurements.read_csv(arguments.table)
    given = read_schedule(arguments.schedule, model) if arguments.schedule else Schedule()
    if arguments.draws < 1:
        raise InputError(f"--draws {arguments.draws} writes nothing; give 1 or more.")
    calibration = calibrate(
        model,
        rows,
        schedule=given,
        method=arguments.method,
        most_steps=arguments.steps,
        seed=arguments.seed,
        report=part(report, 0.0, 0.7),
    )
    check = _check(arguments, model, rows, given, part(report, 0.7, 0.85)) if arguments.hide else None
    horizon = calibration.last_day + 28.0 if arguments.horizon is None else arguments.horizon
    day = np.arange(calibration.first_day, horizon + STEP_DAY / 2, STEP_DAY)
    bands = calibration.predict(day, report=part(report, 0.85, 0.9))
    course = calibration.simulate(day, n=arguments.draws, report=part(report, 0.9, 0.95))
    tell(report, 0.95, "Writing the results")
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={
            "model": model.name,
            "species": model.species,
            "method": arguments.method,
            "seed": arguments.seed,
            "horizon_day": horizon,
        },
        inputs={"measurements": arguments.table.name, "schedule": arguments.schedule and arguments.schedule.name},
        formulas=(model.reference,),
        warnings=calibration.warnings,
    )
    more = {"draws": draws_table(calibration, arguments.draws), "trajectories": trajectory_table(course)}
    if calibration.sampling:
        more["sampling"] = sampling_table(calibration.sampling)
    if check:
        more["forecast_check"] = check_table(check)
    written = write_calibration(calibration, bands, provenance, arguments.out, more)
    return {
        "calibration": calibration.to_dict(),
        "information": fisher_spectrum(calibration),
        "forecast": bands,
        "forecast_check": check,
        "warnings": calibration.warnings,
        "files": written,
        "text": [*_text(calibration), f"Results: {arguments.out}"],
    }


def _check(arguments: argparse.Namespace, model, rows, given: Schedule, report: Report | None) -> ForecastCheck:
    return forecast_check(model, rows, hidden=arguments.hide, schedule=given, seed=arguments.seed, report=report)


def write_calibration(
    calibration: Calibration,
    bands: Bands,
    provenance: Provenance,
    folder: Path,
    more: Mapping[str, Table] | None = None,
) -> dict[str, Path]:
    """Write the calibration (JSON), its parameters, its forecast and `more` tables (CSV), with sidecars."""
    with files.staged_folder(folder) as stage:
        calibration.save(stage / "calibration.json")
        files.write_csv(*estimate_table(calibration), stage / "parameters.csv")
        files.write_csv(*forecast_table(bands), stage / "forecast.csv")
        for name, table in (more or {}).items():
            files.write_csv(*table, stage / f"{name}.csv")
        names = ("calibration.json", "parameters.csv", "forecast.csv", *(f"{name}.csv" for name in more or {}))
        for name in names:
            write_sidecar(stage / name, provenance)
    return {Path(name).stem: folder / name for name in names}


def _text(calibration: Calibration) -> list[str]:
    by_data = [name for name, estimate in calibration.estimates.items() if estimate.set_by == "data"]
    return [
        f"{calibration.model.title}: {len(calibration.estimates)} parameters, {calibration.n_data} measured numbers.",
        f"Set by the data: {', '.join(by_data) or 'none'}; the others by their priors.",
        *(f"Warning: {text}" for text in calibration.warnings),
    ]
