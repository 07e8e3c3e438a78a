"""`her2immuno simulate`: run a tumour model forwards."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
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
from HER2ImmunoCommonLib.settings import named_numbers
from HER2ImmunoModelLib.calibration import read_calibration
from HER2ImmunoModelLib.findings import forecast_table, trajectory_table
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.planning import SURGERY_DAYS, last_dose_day
from HER2ImmunoModelLib.simulation import Simulation, simulate
from HER2ImmunoModelLib.treatments import ClinicalSchedule, Schedule, prescribe

from .clinic import (
    Clinic,
    broken_limits,
    brought,
    clinic_of,
    decided,
    remarks,
    wanted_schedules,
)
from .clinical_options import ClinicalSettings, add_clinical_arguments, clinical_settings
from .clinical_summary import SaidDoses
from .model_options import add_model_arguments, model_of, without_effect
from .values import filled, finite

NAME = "simulate"

MOST_ROWS = 100_000
DAYS = 28.0


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
    clinical : ClinicalSettings
        A regimen instead of it, limits, and whom doses in units are for.
    parameters : Path or None
        JSON of values that replace the defaults.
    values : tuple of str
        The same as words NAME=VALUE.
    calibration : Path or None
        JSON whose draws are simulated instead of the model.
    draws : int
        Of the calibration.
    days : float or None
        Last day, from the start.
    step_days : float
        Between rows.
    out : Path
        Folder of the results.
    """

    model: str
    species: str | None
    schedule: Path | None
    clinical: ClinicalSettings
    parameters: Path | None
    values: tuple[str, ...]
    calibration: Path | None
    draws: int
    days: float | None
    step_days: float
    out: Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model_arguments(parser)
    parser.add_argument("--schedule", type=Path, metavar="CSV", help="doses: drug, day, dose, unit")
    parser.add_argument("--parameters", type=Path, metavar="JSON", help="parameter values that replace the defaults")
    parser.add_argument(
        "--set", action="append", default=[], dest="values", metavar="NAME=VALUE", help="one parameter's value"
    )
    parser.add_argument("--calibration", type=Path, metavar="JSON", help="simulate its posterior draws instead")
    parser.add_argument("--draws", type=int, default=200, help="how many draws of the calibration (default 200)")
    parser.add_argument(
        "--days", type=finite, metavar="DAY", help="last day (default 28; in units 28 after the last dose)"
    )
    parser.add_argument(
        "--step",
        dest="step_days",
        type=finite,
        default=0.25,
        metavar="DAY",
        help="days between rows (default 0.25)",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    add_clinical_arguments(
        parser,
        what="instead of a table of doses",
        limits="warn of doses that break a hard limit",
        has_weights=False,
    )


def read(arguments: argparse.Namespace) -> SimulateSettings:
    if arguments.calibration and (arguments.values or arguments.parameters):
        raise InputError("A calibration brings its parameters; leave out --set and --parameters.")
    if arguments.calibration:
        checked("--draws", arguments.draws, MOST["draws"])
    if len(arguments.regimen) + bool(arguments.schedule) > 1:
        raise InputError("One schedule is simulated at a time; give one --regimen or one --schedule.")
    return filled(SimulateSettings, {**vars(arguments), "clinical": clinical_settings(vars(arguments))})


def run(settings: SimulateSettings, report: Report) -> dict:
    return _run_draws(settings, report) if settings.calibration else _run_model(settings, report)


def _run_model(settings: SimulateSettings, report: Report) -> dict:
    model = model_of(settings.model, settings.species)
    clinic, wanted = _wanted(settings, model, 0.0)
    follows = any(not each.is_relative for each in wanted)
    told = prescribe(wanted, model, clinic.patient, clinic.choice, clinic.drugs) if follows else None
    plan = told.schedules[0] if told else next((each.as_schedule() for each in wanted), Schedule())
    model = told.model if told else model
    chosen = _read_parameters(settings.parameters) | named_numbers("--set", settings.values, "g=0.05")
    for name in chosen:
        model.parameter(name)
    day = _days(_last_day(settings, wanted), settings.step_days)
    course = _course(model, model.defaults() | chosen, day, plan, part(report, 0.0, 0.9))
    tell(report, 0.9, "Writing the trajectory")
    doses = SaidDoses(clinic, (plan,), model, told.exposures if told else ())
    warnings = (*course.warnings, *plan.remarks, *without_effect(plan, day[-1]))
    warnings += (*remarks(clinic, wanted), *broken_limits(clinic, plan, model))
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={"model": model.name, "species": model.species, "parameters": model.defaults() | chosen},
        inputs={"schedule": [(dose.drug, dose.day, dose.dose) for dose in plan.doses], **doses.record},
        formulas=(model.reference, *doses.exposures),
        warnings=warnings,
    )
    with staged_folder(settings.out, NAME) as stage:
        columns = np.column_stack([day, *(values[0] for values in course.states.values())])
        files.write_csv(["day", *course.states], columns.tolist(), stage / "trajectory.csv")
        write_sidecar(stage / "trajectory.csv", provenance)
    final = {name: float(values[0, -1]) for name, values in course.states.items()}
    path = settings.out / "trajectory.csv"
    words = ", ".join(f"{state.label.lower()} {final[state.name]:.3g} {state.unit}".strip() for state in model.states)
    said = [f"Day {day[-1]:g}: {words}", *_doses_text(doses), *(f"Warning: {text}" for text in warnings)]
    return {
        "final": final,
        "trajectory": {"day": day, **{name: values[0] for name, values in course.states.items()}},
        **doses.summary,
        "warnings": warnings,
        "files": {"trajectory": path},
        "text": [*said, f"Results: {path}"],
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
    clinic, wanted = _wanted(settings, calibration.model, calibration.first_day)
    found = brought(calibration, wanted, clinic)
    calibration, schedule = found.calibration, next(iter(found.schedules), None)
    day = calibration.first_day + _days(_last_day(settings, wanted) - calibration.first_day, settings.step_days)
    course = calibration.simulate(day, schedule, n=settings.draws, report=part(report, 0.0, 0.5))
    bands = calibration.predict(day, schedule, n=settings.draws, report=part(report, 0.5, 0.9))
    tell(report, 0.9, "Writing the trajectories")
    given = schedule or calibration.schedule
    doses = SaidDoses(clinic, (given,), calibration.model, found.exposures)
    said = (*found.warnings, *remarks(clinic, wanted), *broken_limits(clinic, given, calibration.model))
    # Doses of a calibration in units are told in full doses, of which there may be more than one.
    large = () if calibration.model.agents else given.remarks
    told = (*said, *calibration.warnings, *large, *without_effect(given, day[-1]))
    warnings = tuple(dict.fromkeys(told))
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={"draws": settings.draws, "seed": calibration.seed},
        inputs={
            "calibration": settings.calibration.name,
            "schedule": schedule and schedule.name,
            **doses.record,
        },
        formulas=(calibration.model.reference, *doses.exposures),
        warnings=warnings,
    )
    with staged_folder(settings.out, NAME) as stage:
        files.write_csv(*trajectory_table(course), stage / "trajectories.csv")
        files.write_csv(*forecast_table(bands), stage / "forecast.csv")
        for name in ("trajectories.csv", "forecast.csv"):
            write_sidecar(stage / name, provenance)
    paths = {name: settings.out / f"{name}.csv" for name in ("trajectories", "forecast")}
    text = [f"{settings.draws} draws, {course.n_failed} failed.", *_doses_text(doses)]
    return {
        "forecast": bands,
        "draws": settings.draws,
        "n_failed": course.n_failed,
        **doses.summary,
        "warnings": warnings,
        "files": paths,
        "text": [*text, *(f"Warning: {text}" for text in warnings), f"Results: {settings.out}"],
    }


def _doses_text(doses: SaidDoses) -> Iterator[str]:
    """Every dose, then what was assumed."""
    for lines in doses.record.get("doses", {}).values():
        yield from (f"  {line}" for line in lines)
    yield from doses.text()


def _wanted(settings: SimulateSettings, model: Model, first_day: float) -> tuple[Clinic, list[ClinicalSchedule]]:
    """Who is treated, and the schedule that was asked for, if one was."""
    paths = [settings.schedule] if settings.schedule else []
    clinic = clinic_of(settings.clinical, model, Schedule(), first_day)
    wanted = wanted_schedules(settings.clinical, paths, clinic, model, first_day)
    return decided(clinic, settings.clinical, wanted), wanted


def _last_day(settings: SimulateSettings, wanted: Sequence[ClinicalSchedule]) -> float:
    """The last day asked for; else four weeks, of doses in units four weeks after the last."""
    if settings.days is not None:
        return settings.days
    in_units = [each for each in wanted if not each.is_relative]
    return max(DAYS, last_dose_day(in_units) + SURGERY_DAYS)


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
