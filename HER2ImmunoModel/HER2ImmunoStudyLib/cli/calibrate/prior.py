"""`her2immuno prior`: what the priors of a model say before any data, and where measured numbers lie among it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.names import folder_names
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoCommonLib.settings import named_numbers
from HER2ImmunoModelLib.calibration import MISSING, PriorPredictive, prior_predictive
from HER2ImmunoModelLib.drugs import Patient
from HER2ImmunoModelLib.findings import (
    bands_table,
    derived_table,
    prior_charts,
    prior_numbers_table,
    prior_sentences,
    prior_summary,
)
from HER2ImmunoModelLib.models import Model
from HER2ImmunoModelLib.treatments import Schedule, read_schedule

from ..clinical_options import add_exposure_argument
from ..model_options import add_model_arguments, check_span, model_of
from ..outputs import write_tables
from ..patient_options import add_patient_arguments, patient_of
from ..values import filled, finite, record_of, seed, words
from . import options as calibrate
from .inputs import Inputs, read_inputs

NAME = "prior"

DAYS, DRAWS, POINTS = 28.0, 1000, 61
PLACES = ("table", "schedule", "out")
CHART_SIZE = (680, 420)


@dataclass(frozen=True)
class PriorSettings:
    """What `her2immuno prior` is asked.

    Attributes
    ----------
    table : Path or None
        Measurement table, or volumes of animals, to compare with.
    schedule : Path or None
    subject : str or None
    model : str
    species : str or None
    free, fix, covariate, missing_covariate
        As `her2immuno calibrate`.
    days : float or None
        Last day.
    from_first_visit : bool
        Whether initial states are those of the first visit.
    draws, seed : int
    exposure, patient
        As `her2immuno calibrate`.
    out : Path
        Folder of the results.
    """

    table: Path | None
    schedule: Path | None
    subject: str | None
    model: str
    species: str | None
    free: str | None
    fix: tuple[str, ...]
    covariate: tuple[str, ...]
    missing_covariate: str
    days: float | None
    from_first_visit: bool
    draws: int
    seed: int
    exposure: tuple[str, ...]
    patient: Patient
    out: Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "table",
        nargs="?",
        type=Path,
        metavar="TABLE.csv",
        help="measurements to compare with: a measurement table, or volumes of animals",
    )
    parser.add_argument("--schedule", "--treatments", type=Path, metavar="CSV", help="doses, as of calibrate")
    parser.add_argument("--subject", metavar="NAME", help="take one subject of the table (default: every one)")
    add_model_arguments(parser)
    parser.add_argument("--free", metavar="A,B,...", help="parameters that vary (by default all that have a prior)")
    parser.add_argument("--fix", action="append", default=[], metavar="NAME=VALUE", help="hold a parameter")
    parser.add_argument(
        "--covariate",
        action="append",
        default=[],
        metavar="PARAMETER=COLUMN[@VISIT]",
        help="let a parameter follow a column of the table, as of calibrate",
    )
    parser.add_argument("--missing-covariate", choices=MISSING, default=MISSING[0], help="as of calibrate")
    parser.add_argument("--days", type=finite, metavar="DAY", help="last day (default 28, or the last visit)")
    parser.add_argument(
        "--from-first-visit",
        action="store_true",
        help="start at what each first visit measured, not at the prior of the size at the start",
    )
    parser.add_argument("--draws", type=int, default=DRAWS, help=f"draws of the prior (default {DRAWS})")
    parser.add_argument("--seed", type=seed, default=0, help="seed of the random numbers")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    add_exposure_argument(parser)
    add_patient_arguments(parser)


def read(arguments: argparse.Namespace) -> PriorSettings:
    checked("--draws", arguments.draws, MOST["draws"])
    if arguments.table is None and (arguments.subject or arguments.covariate or arguments.from_first_visit):
        raise InputError("There is no table; name one for --subject, --covariate and --from-first-visit.")
    return filled(PriorSettings, {**vars(arguments), "patient": patient_of(vars(arguments))})


def run(settings: PriorSettings, report: Report) -> dict:
    model, inputs, found = _found(settings, part(report, 0.0, 0.9))
    warnings = (*(inputs.notes if inputs else ()), *found.warnings)
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={**record_of(settings, leave_out=PLACES), "model": model.name, "species": model.species},
        inputs={
            "measurements": settings.table and settings.table.name,
            "schedule": settings.schedule and settings.schedule.name,
        },
        formulas=(model.reference, *(inputs.exposures if inputs else ())),
        warnings=warnings,
    )
    with staged_folder(settings.out, NAME) as stage:
        tell(report, 0.9, "Writing the results")
        names = _write(found, stage, provenance)
    title = f"{model.title}, before any data, with the priors of a {model.species}."
    text = [title, *prior_sentences(found), *(f"Warning: {each}" for each in warnings), f"Results: {settings.out}"]
    return {
        "model": model.name,
        "species": model.species,
        **prior_summary(found),
        "sentences": list(prior_sentences(found)),
        "warnings": warnings,
        "files": {name: settings.out / file for name, file in names.items()},
        "text": text,
    }


def _found(settings: PriorSettings, report: Report) -> tuple[Model, Inputs | None, PriorPredictive]:
    shared = {"draws": settings.draws, "seed": settings.seed, "free": words(settings.free), "report": report}
    if settings.table is None:
        model = model_of(settings.model, settings.species)
        plan = read_schedule(settings.schedule, model) if settings.schedule else Schedule()
        fixed = named_numbers("--fix", settings.fix, "K=5")
        day = _days(0.0, DAYS if settings.days is None else settings.days)
        return model, None, prior_predictive(model, day, schedule=plan, fixed=fixed, **shared)
    inputs = read_inputs(_as_calibration(settings))
    model = inputs.models[0]
    columns = set(model.observables.values())
    seen = [v.day for s in inputs.subjects for v in s.measurements if columns & set(v.values)]
    last = settings.days if settings.days is not None else max(seen, default=0.0)
    asked = settings.days is not None or len(set(seen)) > 1
    day = _days(min(seen, default=0.0), last) if asked else np.unique(seen)
    found = prior_predictive(
        model,
        day,
        subjects=inputs.subjects,
        fixed=inputs.fixed,
        from_first_visit=settings.from_first_visit,
        **shared,
    )
    return model, inputs, found


def _days(first: float, last: float) -> np.ndarray:
    check_span(first, last)
    return np.linspace(first, last, POINTS)


def _as_calibration(settings: PriorSettings) -> calibrate.CalibrateSettings:
    """The settings of a calibration of the same table, whose way of reading it is taken."""
    parser = argparse.ArgumentParser()
    calibrate.add_arguments(parser)
    arguments = parser.parse_args([str(settings.table), "--out", str(settings.out)])
    names = ("schedule", "subject", "model", "species", "free", "fix", "covariate", "missing_covariate")
    same = {name: getattr(settings, name) for name in (*names, "exposure", "patient")}
    return replace(calibrate.read(arguments), table=settings.table, **same)


def _write(found: PriorPredictive, stage: Path, provenance: Provenance) -> dict[str, str]:
    tables = {"prior_bands": bands_table(found), "prior_quantities": derived_table(found)}
    if found.numbers:
        tables["prior_measured"] = prior_numbers_table(found)
    return write_tables(tables, stage, provenance) | _write_charts(found, stage, provenance)


def _write_charts(found: PriorPredictive, stage: Path, provenance: Provenance) -> dict[str, str]:
    """A picture an arm and observable, where this machine can draw."""
    from HER2ImmunoCommonLib.charts import can_draw, write_png  # slow to load

    names, arms = {}, folder_names([arm.name for arm in found.arms], empty="all")
    for (arm, column), chart in prior_charts(found).items() if can_draw() else ():
        name = f"prior_{column}" + (f"_{arms[arm]}" if arm else "")
        write_sidecar(write_png(chart, stage / f"{name}.png", CHART_SIZE), provenance)
        names[name] = f"{name}.png"
    return names
