"""`her2immuno simulate`: run a tumour model forwards."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar

from .. import models
from ..calibration_result import read_calibration
from ..schedule import Schedule, read_schedule
from ..simulation import simulate
from ..tables import forecast_table, trajectory_table
from .calibrate import add_model_arguments

NAME, HELP = "simulate", "Simulate a tumour model under a treatment schedule"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model_arguments(parser)
    parser.add_argument("--schedule", type=Path, metavar="CSV", help="doses: drug, day, dose")
    parser.add_argument("--parameters", type=Path, metavar="JSON", help="parameter values that replace the defaults")
    parser.add_argument(
        "--set", action="append", default=[], dest="values", metavar="NAME=VALUE", help="one parameter's value"
    )
    parser.add_argument("--calibration", type=Path, metavar="JSON", help="simulate its posterior draws instead")
    parser.add_argument("--draws", type=int, default=200, help="how many draws of the calibration (default 200)")
    parser.add_argument("--days", type=float, default=28.0, metavar="DAY", help="last day (default 28)")
    parser.add_argument("--step", type=float, default=0.25, metavar="DAY", help="days between rows (default 0.25)")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")


def run(arguments: argparse.Namespace, report: Report) -> dict:
    if arguments.calibration:
        return _run_draws(arguments, report)
    model = models.get(arguments.model, arguments.species)
    schedule = read_schedule(arguments.schedule, model) if arguments.schedule else Schedule()
    chosen = _read_parameters(arguments.parameters) | dict(_pair(text) for text in arguments.values)
    for name in chosen:
        model.parameter(name)
    day = _days(arguments)
    course = simulate(model, model.defaults() | chosen, day, schedule=schedule, report=part(report, 0.0, 0.9))
    if course.n_failed:
        raise InputError("The simulation left the model's domain; check the parameter values.")
    tell(report, 0.9, "Writing the trajectory")
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={"model": model.name, "species": model.species, "parameters": model.defaults() | chosen},
        inputs={"schedule": [(dose.drug, dose.day, dose.dose) for dose in schedule.doses]},
        formulas=(model.reference,),
    )
    with files.staged_folder(arguments.out) as stage:
        columns = np.column_stack([day, *(values[0] for values in course.states.values())])
        files.write_csv(["day", *course.states], columns.tolist(), stage / "trajectory.csv")
        write_sidecar(stage / "trajectory.csv", provenance)
    final = {name: float(values[0, -1]) for name, values in course.states.items()}
    path = arguments.out / "trajectory.csv"
    words = ", ".join(f"{state.label.lower()} {final[state.name]:.3g} {state.unit}".strip() for state in model.states)
    return {"final": final, "files": {"trajectory": path}, "text": [f"Day {day[-1]:g}: {words}", f"Results: {path}"]}


def _run_draws(arguments: argparse.Namespace, report: Report) -> dict:
    """Posterior draws of a calibration, from its first visit on; days count from that visit."""
    if arguments.values or arguments.parameters:
        raise InputError("A calibration brings its parameters; leave out --set and --parameters.")
    if arguments.draws < 1:
        raise InputError(f"--draws {arguments.draws} simulates nothing; give 1 or more.")
    calibration = read_calibration(arguments.calibration)
    schedule = read_schedule(arguments.schedule, calibration.model) if arguments.schedule else None
    day = calibration.first_day + _days(arguments)
    course = calibration.simulate(day, schedule, n=arguments.draws, report=part(report, 0.0, 0.5))
    bands = calibration.predict(day, schedule, n=arguments.draws, report=part(report, 0.5, 0.9))
    tell(report, 0.9, "Writing the trajectories")
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={"draws": arguments.draws, "seed": calibration.seed},
        inputs={"calibration": arguments.calibration.name, "schedule": schedule and schedule.name},
        formulas=(calibration.model.reference,),
        warnings=calibration.warnings,
    )
    with files.staged_folder(arguments.out) as stage:
        files.write_csv(*trajectory_table(course), stage / "trajectories.csv")
        files.write_csv(*forecast_table(bands), stage / "forecast.csv")
        for name in ("trajectories.csv", "forecast.csv"):
            write_sidecar(stage / name, provenance)
    paths = {name: arguments.out / f"{name}.csv" for name in ("trajectories", "forecast")}
    said = [f"{arguments.draws} draws, {course.n_failed} failed.", f"Results: {arguments.out}"]
    return {
        "forecast": bands,
        "draws": arguments.draws,
        "n_failed": course.n_failed,
        "warnings": calibration.warnings,
        "files": paths,
        "text": said,
    }


def _days(arguments: argparse.Namespace) -> np.ndarray:
    if not (arguments.days > 0 and 0 < arguments.step <= arguments.days):
        raise InputError(f"--days {arguments.days:g} and --step {arguments.step:g} give no days; use 0 < step <= days.")
    return arguments.step * np.arange(round(arguments.days / arguments.step) + 1)


def _read_parameters(path: Path | None) -> dict[str, float]:
    if path is None:
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is not a JSON file of parameter values ({error}).") from error
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no parameter values; write name and number pairs.")
    return {name: _number(name, value) for name, value in content.items()}


def _pair(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--set {text}: give NAME=VALUE, such as g=0.05.")
    return name.strip(), _number(name, value)


def _number(name: str, value: object) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"The parameter {name.strip()} is {value!r}; give a number.") from None
