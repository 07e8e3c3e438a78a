"""`her2immuno optimize`: the schedule that a calibrated model says is best, under constraints."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.limits import MOST, checked
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import write_sidecar
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoModelLib.findings import Table, dose_text, front_table, gap_table, ranking_table, wording
from HER2ImmunoModelLib.planning import BURDENS, METHODS, RISKS, Optimum, ParetoFront, optimize_schedule, pareto_front
from HER2ImmunoModelLib.treatments import Schedule, write_clinical_schedule, write_schedule

from ..outputs import write_tables
from .options import ScheduleSettings, add_candidate_doses, add_schedule_arguments, schedule_settings
from .question import Question, gap_curve_of, provenance_of, question
from .summary import gap_summary, ranking_summary

NAME = "optimize"

FRONT_GENERATIONS = 15
"""Most generations of each weighted pair of a Pareto front."""


@dataclass(frozen=True)
class OptimizeSettings(ScheduleSettings):
    """What `her2immuno optimize` is asked: as `rank`, and how to search.

    Attributes
    ----------
    method : {"days", "daily"}
        What is varied.
    risk : {"mean", "cvar"}
        Of the draws.
    pareto : str or None
        Burden to trade the objective against.
    iterations : int
        Generations or gradient steps.
    """

    method: str
    risk: str
    pareto: str | None
    iterations: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schedule_arguments(parser)
    group = parser.add_argument_group("search")
    group.add_argument("--method", default="days", choices=METHODS, help="days and doses, or a dose every allowed day")
    group.add_argument("--risk", default="mean", choices=RISKS, help="mean over the draws, or of the worst tenth")
    group.add_argument("--pareto", choices=BURDENS, help="also trade the objective against this")
    group.add_argument("--iterations", type=int, default=40, help="generations or gradient steps (default 40)")
    add_candidate_doses(parser)


def read(arguments: argparse.Namespace) -> OptimizeSettings:
    checked("--iterations", arguments.iterations, MOST["iterations"])
    return schedule_settings(OptimizeSettings, vars(arguments))


def run(settings: OptimizeSettings, report: Report) -> dict:
    asked = question(settings, one_cytotoxic=settings.method == "days")
    _refuse_unknown(asked)
    with staged_folder(settings.out, NAME) as stage:
        found = _search(asked, settings, part(report, 0.0, 0.5 if settings.pareto else 0.8))
        found = replace(found, warnings=(*asked.warnings, *found.warnings))
        front = _front(asked, settings, part(report, 0.5, 0.8)) if settings.pareto else None
        curve = gap_curve_of(asked, settings, part(report, 0.8, 0.95))
        tell(report, 0.95, "Writing the results")
        tables: dict[str, Table] = {"comparison": ranking_table(found.ranking)}
        tables |= {"pareto": front_table(front)} if front else {}
        tables |= {"gap_curve": gap_table(curve)} if curve else {}
        provenance = provenance_of(asked, settings, found.warnings)
        _write_schedule(stage / "schedule.csv", found.schedule, asked)
        write_sidecar(stage / "schedule.csv", provenance)
        write_tables(tables, stage, provenance)
    return {
        **ranking_summary(found.ranking),
        **_prescription(asked, found.schedule),
        **{name: getattr(found, name) for name in ("schedule", "loss", "method", "risk", "evaluations", "trace")},
        "pareto": front and {"burden": front.burden, "loss": front.loss, "schedules": front.schedules},
        "gap_curve": gap_summary(curve),
        "warnings": found.warnings,
        "files": {name: settings.out / f"{name}.csv" for name in ("schedule", *tables)},
        "text": [*_text(found, front, asked), f"Results: {settings.out}"],
    }


def _prescription(asked: Question, schedule: Schedule) -> dict[str, object]:
    """What the schedule found is for the patient, and what is said of the candidates."""
    if not asked.said.in_units:
        return {}
    doses = asked.clinic.doses(schedule, asked.calibration.model)
    rows = [{"drug": dose.drug, "day": dose.day, "dose_mg": dose.mg, "said": dose.said} for dose in doses]
    return {**asked.said.summary, "prescription": rows}


def _write_schedule(path: Path, schedule: Schedule, asked: Question) -> None:
    """The doses as a table that reads back as they are: with units where they have them."""
    if asked.exposures:
        write_clinical_schedule(path, asked.clinic.prescribed(schedule, asked.calibration.model))
    else:
        write_schedule(path, schedule)


def _refuse_unknown(asked: Question) -> None:
    """Refuse to place doses of a drug that no limit knows, where limits are to hold."""
    for drug in asked.doses.drugs if asked.clinic.limits else ():
        if asked.clinic.library_name(drug, asked.calibration.model) is None:
            raise InputError(
                f"No limit knows {drug}, whose doses are searched; say what it is with --drug-is {drug}=NAME, leave it "
                "out with --drug, or give --no-limits."
            )


def _shared(asked: Question, settings: OptimizeSettings) -> dict[str, object]:
    return {
        "bounds": asked.bounds,
        "drugs": asked.doses.drugs,
        "doses": asked.doses.count,
        "largest": max(asked.doses.largest.values()),
        "start_day": asked.doses.start,
        "horizon_day": asked.horizon,
        "seed": settings.seed,
    }


def _search(asked: Question, settings: OptimizeSettings, report: Report | None) -> Optimum:
    return optimize_schedule(
        asked.calibration,
        asked.goal,
        asked.rules,
        candidates=asked.candidates,
        method=settings.method,
        risk=settings.risk,
        iterations=settings.iterations,
        draws=settings.draws,
        standard=settings.standard,
        penalties=asked.penalties,
        report=report,
        **_shared(asked, settings),
    )


def _front(asked: Question, settings: OptimizeSettings, report: Report | None) -> ParetoFront:
    return pareto_front(
        asked.calibration,
        asked.goal,
        settings.pareto,
        asked.rules,
        weights=asked.weights,
        generations=min(settings.iterations, FRONT_GENERATIONS),
        report=report,
        **_shared(asked, settings),
    )


def _text(found: Optimum, front: ParetoFront | None, asked: Question) -> Iterator[str]:
    yield from filter(None, [wording.basis(asked.calibration)])
    goal = found.ranking.objective
    value = found.loss if goal.lower_is_better else -found.loss
    if lines := asked.clinic.lines(found.schedule, asked.calibration.model) if asked.said.in_units else []:
        yield f"{found.schedule.name}:"
        yield from (f"  {line}" for line in lines)
    else:
        yield f"{found.schedule.name}: {dose_text(found.schedule) or 'no dose'}"
    weighed = " with what burdens weigh" if asked.penalties is not None and asked.penalties.weighs else ""
    yield f"{goal.label}, {found.risk} over the draws{weighed}: {value:.3g} {goal.unit}".rstrip()
    row = next((row for row in found.ranking.rows if row.schedule.name == found.schedule.name), None)
    if row and found.ranking.standard != found.schedule.name:
        yield f"Gain over {found.ranking.standard}: {row.gain + 0.0:.3g}; expected regret {row.regret:.2g}."
    if front:
        low, high = front.burden[0], front.burden[-1]
        yield f"Pareto front: {len(front.schedules)} schedules, {front.against} {low:.3g} to {high:.3g}."
    yield from asked.said.text()
    yield from (f"Warning: {text}" for text in found.warnings)
