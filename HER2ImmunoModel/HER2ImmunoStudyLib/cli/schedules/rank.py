"""`her2immuno rank`: compare treatment schedules over the draws of a calibrated model."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoModelLib.findings import gap_table, ranking_table, wording
from HER2ImmunoModelLib.planning import Ranking, rank_schedules
from HER2ImmunoModelLib.report import NO_BROWSER, find_browser, print_page, report_of_ranking, write_report

from ..outputs import write_tables
from .options import ScheduleSettings, add_candidate_doses, add_schedule_arguments, schedule_settings
from .question import Question, gap_curve_of, provenance_of, question
from .summary import gap_summary, ranking_summary

NAME = "rank"

ASSUMED = "Assumed: "
SHOWN, SHOWN_LEFT_OUT = 10, 3
"""Schedules on screen; the table has all."""


@dataclass(frozen=True)
class RankSettings(ScheduleSettings):
    """What `rank` alone is asked.

    Attributes
    ----------
    report : Path or None
        File of the report.
    pdf : bool
        Print the report to a PDF beside it.
    """

    report: Path | None = None
    pdf: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_schedule_arguments(parser)
    parser.add_argument(
        "--report", type=Path, metavar="FILE.html", help="also write a report, with JSON and CSV beside it"
    )
    parser.add_argument(
        "--pdf", action="store_true", help="print the report to a PDF beside it (Chromium, Chrome, Edge)"
    )
    add_candidate_doses(parser)


def read(arguments: argparse.Namespace) -> RankSettings:
    return schedule_settings(RankSettings, vars(arguments))


def run(settings: RankSettings, report: Report) -> dict:
    _check_pdf(settings)
    asked = question(settings)
    if not asked.candidates:
        raise InputError("There is no schedule to rank; give --candidate CSV, or two drugs for the standard six.")
    written = {}
    with staged_folder(settings.out, NAME) as stage:
        ranking = _ranking(asked, settings, part(report, 0.0, 0.6))
        curve = gap_curve_of(asked, settings, part(report, 0.6, 0.95))
        tell(report, 0.95, "Writing the results")
        tables = {"ranking": ranking_table(ranking)} | ({"gap_curve": gap_table(curve)} if curve else {})
        provenance = provenance_of(asked, settings, ranking.warnings)
        write_tables(tables, stage, provenance)
        if settings.report is not None:
            subject = settings.calibration.absolute().parent.name
            wanted = report_of_ranking(subject, asked.calibration, ranking, curve, provenance, _notes(asked))
            page, _numbers, _tables = write_report(wanted.make(), settings.report, printed=settings.pdf)
            written["report"] = page
    if settings.pdf:
        written["pdf"] = print_page(written["report"])
    return {
        **ranking_summary(ranking),
        **asked.said.summary,
        "gap_curve": gap_summary(curve),
        "warnings": ranking.warnings,
        "files": {name: settings.out / f"{name}.csv" for name in tables} | written,
        "text": [
            *_text(ranking, asked),
            f"Results: {settings.out}",
            *(f"Report: {path}" for path in written.values()),
        ],
    }


def _check_pdf(settings: RankSettings) -> None:
    """Refuse before the work what cannot be done after it."""
    if settings.pdf and settings.report is None:
        raise InputError("--pdf prints the report; name its file with --report FILE.html.")
    if settings.pdf and find_browser() is None:
        raise InputError(NO_BROWSER)


def _notes(asked: Question) -> Iterator[str]:
    """What is said of doses of the clinic; a page that is passed on names typical numbers of a patient only."""
    if assumed := asked.said.summary.get("assumed"):
        names = ", ".join(row["covariate"].replace("_", " ") for row in assumed)
        yield f"Numbers of a typical patient were assumed for: {names}."
    yield from (line for line in asked.said.text() if not line.startswith(ASSUMED))


def _ranking(asked: Question, settings: ScheduleSettings, report: Report | None) -> Ranking:
    """The ranking, with a warning if the schedule to compare with breaks a rule."""
    ranking = rank_schedules(
        asked.calibration,
        asked.candidates,
        asked.goal,
        asked.rules,
        draws=settings.draws,
        start_day=asked.doses.start,
        horizon_day=asked.horizon,
        standard=settings.standard,
        penalties=asked.penalties,
        half_given=bool(settings.clinical.regimen),
        seed=settings.seed,
        report=report,
    )
    ranking = replace(ranking, warnings=(*asked.warnings, *ranking.warnings))
    first, standard = asked.candidates[0].name, ranking.standard
    if all(schedule.name != first for schedule, _ in ranking.excluded):
        return ranking
    text = f"{first} is left out, so the schedules are compared with {standard}; choose one with --standard."
    return replace(ranking, warnings=(text, *ranking.warnings))


def _text(ranking: Ranking, asked: Question) -> Iterator[str]:
    """What the answer rests on, the answer, the best schedules and what was left out."""
    yield from filter(None, [wording.basis(asked.calibration), wording.answer(ranking)])
    cells = wording.ranking_cells(ranking)[:SHOWN]
    width = max(len(name) for name, _, _ in cells)
    for (name, expected, best), row in zip(cells, ranking.rows, strict=False):
        yield f"{row.rank:>3}  {name:<{width}}  {expected}, best in {best}, regret {row.regret:.2g}"
    if len(ranking.rows) > SHOWN:
        yield f"     and {len(ranking.rows) - SHOWN} more in the table."
    yield f"Regret is against: {ranking.standard}."
    left_out = wording.excluded(ranking)
    yield from left_out[:SHOWN_LEFT_OUT]
    if len(left_out) > SHOWN_LEFT_OUT:
        yield f"{len(left_out) - SHOWN_LEFT_OUT} more are left out, each with its reason in the table."
    yield from asked.said.text()
    yield from (f"Warning: {text}" for text in ranking.warnings)
