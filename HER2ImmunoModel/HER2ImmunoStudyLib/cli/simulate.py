"""`her2immuno simulate`: run a tumour model forwards."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import LONGEST_DAYS, MOST, checked
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoCommonLib.reading import read_json_object, shown
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoModelLib.calibration import read_calibration
from HER2ImmunoModelLib.findings import forecast_table, trajectory_table
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.simulation import Simulation, simulate
from HER2ImmunoModelLib.treatments import Schedule, read_schedule

from .model_options import add_model_arguments, model_of, without_effect
from .values import filled, finite, named_numbers

NAME = "simulate"

MOST_ROWS = 100_000


@dataclass(frozen=True)
class SimulateSettings:
    """What `her2immuno simulate` is asked.

    Attributes
    ----------
    model : str
        Name of a model or of a JSON file.
    species : str or None
    schedule : Path or None
        Doses.
    parameters : Path or None
        JSON of values that replace the defaults.
    values : tuple of str
        The same as words NAME=VALUE.
    calibration : Path or None
        JSON whose draws are simulated instead of the model.
    draws : int
        Of the calibration.
    days : float
        Last day, from the start.
    step_days : float
        Between rows.
    out : Path
        Folder of the results.
    """

    model: str
    species: str | None
    schedule: Path | None
    parameters: Path | None
    values: tuple[str, ...]
    calibration: Path | None
    draws: int
    days: float
    step_days: float
    out: Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model_arguments(parser)
    parser.add_argument("--schedule", type=Path, metavar="CSV", help="doses: drug, day, dose")
    parser.add_argument("--parameters", type=Path, metavar="JSON", help="parameter values that replace the defaults")
    parser.add_argument(
        "--set", action="append", default=[], dest="values", metavar="NAME=VALUE", help="one parameter's value"
    )
    parser.add_argument("--calibration", type=Path, metavar="JSON", help="simulate its posterior draws instead")
    parser.add_argument("--draws", type=int, default=200, help="how many draws of the calibration (default 200)")
    parser.add_argument("--days", type=finite, default=28.0, metavar="DAY", help="last day (default 28)")
    parser.add_argument(
        "--step",
        dest="step_days",
        type=finite,
        default=0.25,
        metavar="DAY",
        help="days between rows (default 0.25)",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")


def read(arguments: argparse.Namespace) -> SimulateSettings:
    if arguments.calibration and (arguments.values or arguments.parameters):
        raise InputError("A calibration brings its parameters; leave out --set and --parameters.")
    if arguments.calibration:
        checked("--draws", arguments.draws, MOST["draws"])
    return filled(SimulateSettings, vars(arguments))


def run(settings: SimulateSettings, report: Report) -> dict:
    return _run_draws(settings, report) if settings.calibration else _run_model(settings, report)


def _run_model(settings: SimulateSettings, report: Report) -> dict:
    model = model_of(settings.model, settings.species)
    schedule = read_schedule(settings.schedule, model) if settings.schedule else Schedule()
    chosen = _read_parameters(settings.parameters) | named_numbers("--set", settings.values, "g=0.05")
    for name in chosen:
        model.parameter(name)
    day = _days(settings.days, settings.step_days)
    course = _course(model, model.defaults() | chosen, day, schedule, part(report, 0.0, 0.9))
    tell(report, 0.9, "Writing the trajectory")
    warnings = (*course.warnings, *schedule.remarks, *without_effect(schedule, day[-1]))
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={"model": model.name, "species": model.species, "parameters": model.defaults() | chosen},
        inputs={"schedule": [(dose.drug, dose.day, dose.dose) for dose in schedule.doses]},
        formulas=(model.reference,),
        warnings=warnings,
    )
    with staged_folder(settings.out, NAME) as stage:
        columns = np.column_stack([day, *(values[0] for values in course.states.values())])
        files.write_csv(["day", *course.states], columns.tolist(), stage / "trajectory.csv")
        write_sidecar(stage / "trajectory.csv", provenance)
    final = {name: float(values[0, -1]) for name, values in course.states.items()}
    path = settings.out / "trajectory.csv"
    words = ", ".join(f"{state.label.lower()} {final[state.name]:.3g} {state.unit}".strip() for state in model.states)
    return {
        "final": final,
        "trajectory": {"day": day, **{name: values[0] for name, values in course.states.items()}},
        "warnings": warnings,
        "files": {"trajectory": path},
        "text": [f"Day {day[-1]:g}: {words}", *(f"Warning: {text}" for text in warnings), f"Results: {path}"],
    }


def _course(model: Model, values: dict[str, float], day: np.ndarray, schedule: Schedule, report: Report) -> Simulation:
    """The simulation, or a sentence that says how far it can be followed."""
    course = simulate(model, values, day, schedule=schedule, report=report)
    if not course.n_failed:
        return course
    followed, lost = 1, day.size
    while lost - followed > 1:
        middle = (followed + lost) // 2
        if simulate(model, values, day[:middle], schedule=schedule).n_failed:
            lost = middle
        else:
            followed = middle
    raise InputError(
        f"The simulation leaves the domain of {model.name} after day {day[followed - 1]:g}; check the parameters, "
        "or end it there with --days."
    )


def _run_draws(settings: SimulateSettings, report: Report) -> dict:
    """Posterior draws of a calibration, from its first visit on; days count from that visit."""
    calibration = read_calibration(settings.calibration)
    schedule = read_schedule(settings.schedule, calibration.model) if settings.schedule else None
    day = calibration.first_day + _days(settings.days, settings.step_days)
    course = calibration.simulate(day, schedule, n=settings.draws, report=part(report, 0.0, 0.5))
    bands = calibration.predict(day, schedule, n=settings.draws, report=part(report, 0.5, 0.9))
    tell(report, 0.9, "Writing the trajectories")
    given = schedule or calibration.schedule
    told = (*calibration.warnings, *given.remarks, *without_effect(given, day[-1]))
    warnings = tuple(dict.fromkeys(told))
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={"draws": settings.draws, "seed": calibration.seed},
        inputs={"calibration": settings.calibration.name, "schedule": schedule and schedule.name},
        formulas=(calibration.model.reference,),
        warnings=warnings,
    )
    with staged_folder(settings.out, NAME) as stage:
        files.write_csv(*trajectory_table(course), stage / "trajectories.csv")
        files.write_csv(*forecast_table(bands), stage / "forecast.csv")
        for name in ("trajectories.csv", "forecast.csv"):
            write_sidecar(stage / name, provenance)
    paths = {name: settings.out / f"{name}.csv" for name in ("trajectories", "forecast")}
    said = [f"{settings.draws} draws, {course.n_failed} failed.", *(f"Warning: {text}" for text in warnings)]
    return {
        "forecast": bands,
        "draws": settings.draws,
        "n_failed": course.n_failed,
        "warnings": warnings,
        "files": paths,
        "text": [*said, f"Results: {settings.out}"],
    }


def _days(last: float, step: float) -> np.ndarray:
    """Days from 0 to the last."""
    if not (last > 0 and 0 < step <= last):
        raise InputError(f"--days {last:g} and --step {step:g} give no days; use 0 < step <= days.")
    if last / step > MOST_ROWS:
        raise InputError(f"--days {last:g} with --step {step:g}: too many rows; take longer steps.")
    if last > LONGEST_DAYS:
        raise InputError(f"--days {last:g} is more than ten years ({LONGEST_DAYS:g} days); end earlier.")
    return step * np.arange(round(last / step) + 1)


def _read_parameters(path: Path | None) -> dict[str, float]:
    if path is None:
        return {}
    content = read_json_object(path, "a JSON file of parameter values")
    for name, value in content.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise InputError(f"{path}: the parameter {name.strip()} is {shown(value)}; give a number.")
    return {name: float(value) for name, value in content.items()}
