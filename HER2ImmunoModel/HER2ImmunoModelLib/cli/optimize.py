"""`her2immuno optimize`: the schedule that a calibrated model says is best, under constraints."""

from __future__ import annotations

import argparse
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar

from .. import objectives
from ..calibration_result import read_calibration
from ..constraints import AllowedDays, Constraint, LargestDose, OneCytotoxicADay, ShortestInterval, TotalDose
from ..optimisation import METHODS, Optimum, optimize_schedule
from ..pareto import BURDENS, ParetoFront, pareto_front
from ..robust_loss import RISKS
from ..schedule import Schedule, read_schedule, standard_candidates, write_schedule
from ..tables import Table, dose_text, front_table, ranking_table

NAME, HELP = "optimize", "Find the best treatment schedule of a calibrated model under constraints"
DRUGS = ("trastuzumab", "cytotoxic")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("calibration", type=Path, metavar="CALIBRATION.json", help="what `calibrate` wrote")
    goals = (*objectives.OBJECTIVES, "probability_below")
    parser.add_argument("--objective", default="volume_at_horizon", choices=goals, help="what is judged")
    parser.add_argument("--level", type=float, metavar="CM3", help="volume of probability_below")
    parser.add_argument("--method", default="days", choices=METHODS, help="days and doses, or a dose every allowed day")
    parser.add_argument("--risk", default="mean", choices=RISKS, help="mean over the draws, or of the worst tenth")
    parser.add_argument("--drug", action="append", dest="drugs", metavar="NAME", help="a drug to give (repeatable)")
    parser.add_argument("--doses", type=int, default=2, help="doses of each drug at most (default 2)")
    parser.add_argument("--largest", type=float, default=1.0, help="largest single dose (default 1, the full dose)")
    parser.add_argument("--total", action="append", default=[], metavar="DRUG=DOSES", help="most full doses in total")
    parser.add_argument(
        "--interval", action="append", default=[], metavar="DRUG=DAYS", help="fewest days between doses"
    )
    parser.add_argument("--weekdays", metavar="DIGITS", help="allowed weekdays, 0 Monday to 6 Sunday, such as 01234")
    parser.add_argument("--day-zero", type=int, default=0, metavar="WEEKDAY", help="weekday of day 0 (default Monday)")
    parser.add_argument("--candidate", action="append", default=[], type=Path, metavar="CSV", help="schedule to beat")
    parser.add_argument("--pareto", choices=BURDENS, help="also trade the objective against this")
    parser.add_argument("--start", type=float, metavar="DAY", help="first day of doses (the last visit by default)")
    parser.add_argument("--horizon", type=float, metavar="DAY", help="day judged (42 days after the start by default)")
    parser.add_argument("--iterations", type=int, default=40, help="generations or gradient steps (default 40)")
    parser.add_argument("--draws", type=int, default=500, help="posterior draws of the comparison (default 500)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random numbers")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")


def run(arguments: argparse.Namespace, report: Report) -> dict:
    calibration = read_calibration(arguments.calibration)
    drugs = tuple(arguments.drugs or DRUGS)
    start = calibration.last_day if arguments.start is None else arguments.start
    shared = {
        "drugs": drugs,
        "doses": arguments.doses,
        "largest": arguments.largest,
        "start_day": start,
        "horizon_day": arguments.horizon,
        "level_cm3": arguments.level,
        "seed": arguments.seed,
    }
    rules = _rules(arguments)
    found = optimize_schedule(
        calibration,
        arguments.objective,
        rules,
        candidates=_candidates(arguments, calibration.model, drugs, start),
        method=arguments.method,
        risk=arguments.risk,
        iterations=arguments.iterations,
        draws=arguments.draws,
        report=part(report, 0.0, 0.6 if arguments.pareto else 0.95),
        **shared,
    )
    front = None
    if arguments.pareto:
        rest = part(report, 0.6, 0.95)
        front = pareto_front(calibration, arguments.objective, arguments.pareto, rules, report=rest, **shared)
    tell(report, 0.95, "Writing the results")
    provenance = Provenance(
        module="HER2ImmunoModel",
        settings={name: value for name, value in vars(arguments).items() if name not in ("run", "json", "quiet")},
        inputs={"calibration": arguments.calibration.name, "candidates": [path.name for path in arguments.candidate]},
        formulas=(calibration.model.reference,),
        warnings=found.warnings,
    )
    written = _write(found, front, provenance, arguments.out)
    return {
        "schedule": found.schedule,
        "loss": found.loss,
        "method": found.method,
        "risk": found.risk,
        "evaluations": found.evaluations,
        "trace": found.trace,
        "ranking": found.ranking.rows,
        "excluded": found.ranking.excluded,
        "pareto": front and {"burden": front.burden, "loss": front.loss, "schedules": front.schedules},
        "warnings": found.warnings,
        "files": written,
        "text": _text(found, arguments.out),
    }


def _rules(arguments: argparse.Namespace) -> list[Constraint]:
    rules: list[Constraint] = [OneCytotoxicADay()] if arguments.method == "days" else []
    rules += [LargestDose(drug, arguments.largest) for drug in arguments.drugs or DRUGS]
    rules += [TotalDose(*_pair("--total", text)) for text in arguments.total]
    rules += [ShortestInterval(*_pair("--interval", text)) for text in arguments.interval]
    if arguments.weekdays is not None:
        if not set(arguments.weekdays) <= set("0123456"):
            raise InputError(f"--weekdays {arguments.weekdays}: give digits from 0 (Monday) to 6 (Sunday), as 01234.")
        rules.append(AllowedDays(frozenset(map(int, arguments.weekdays)), arguments.day_zero))
    return rules


def _pair(option: str, text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise InputError(f"{option} {text}: give DRUG=NUMBER, such as cytotoxic=2.") from None


def _candidates(arguments: argparse.Namespace, model, drugs: tuple[str, ...], start: float) -> list[Schedule]:
    if arguments.candidate:
        return [read_schedule(path, model) for path in arguments.candidate]
    return standard_candidates(drugs, start_day=start, dose=min(1.0, arguments.largest)) if len(drugs) == 2 else []


def _write(found: Optimum, front: ParetoFront | None, provenance: Provenance, folder: Path) -> dict[str, Path]:
    tables: dict[str, Table] = {"comparison": ranking_table(found.ranking)}
    if front is not None:
        tables["pareto"] = front_table(front)
    names = ["schedule.csv", *(f"{name}.csv" for name in tables)]
    with files.staged_folder(folder) as stage:
        write_schedule(stage / "schedule.csv", found.schedule)
        for name, table in tables.items():
            files.write_csv(*table, stage / f"{name}.csv")
        for name in names:
            write_sidecar(stage / name, provenance)
    return {Path(name).stem: folder / name for name in names}


def _text(found: Optimum, folder: Path) -> list[str]:
    goal = found.ranking.objective
    value = found.loss if goal.lower_is_better else -found.loss
    return [
        f"{found.schedule.name}: {dose_text(found.schedule) or 'no dose'}",
        f"{goal.label}, {found.risk} over the draws: {value:.3g} {goal.unit}".rstrip(),
        *(f"Warning: {text}" for text in found.warnings),
        f"Results: {folder}",
    ]
