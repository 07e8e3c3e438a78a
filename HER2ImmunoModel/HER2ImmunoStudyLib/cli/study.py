"""`her2immuno study`: from the images of every visit to a report with a ranking of schedules."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from HER2ImmunoCommonLib.progress import Report, part
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoModelLib.findings import wording

from ..study.contents import alignment_records
from ..study.manifest import read_study
from ..study.outputs import NO_SCENE, OWN_NAMES, StudyFiles, fill_folder
from ..study.pipeline import run_study
from ..study.report_words import warnings_once
from ..study.results import StudyResult
from .schedules import gap_summary, ranking_summary
from .values import OF_STUDY, add_answers_argument, add_private_argument, answers

NAME = "study"

ANALYSIS = 0.85
"""Share of the progress before anything is written."""


@dataclass(frozen=True)
class StudySettings:
    """What `her2immuno study` is asked.

    Attributes
    ----------
    study : Path
        The study.json, or the folder that holds it.
    out : Path
        Folder of the results.
    answers : mapping of str to str
        Answers to questions of the headers.
    private : bool
        Whether to write the file that is not to be passed on.
    """

    study: Path
    out: Path
    answers: Mapping[str, str] = field(default_factory=dict)
    private: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "study",
        type=Path,
        metavar="STUDY",
        help="study.json, or the folder that holds it; with 'register': true in it, the visits are shown in one space",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    add_answers_argument(parser, OF_STUDY)
    add_private_argument(parser)


def read(arguments: argparse.Namespace) -> StudySettings:
    return StudySettings(arguments.study, arguments.out, answers(arguments.answers), arguments.private)


def run(settings: StudySettings, report: Report) -> dict:
    study = read_study(settings.study)
    with staged_folder(settings.out, NAME, expected=OWN_NAMES) as stage:
        result = run_study(study, answers=settings.answers, report=part(report, 0.0, ANALYSIS))
        written = fill_folder(
            result, stage, earlier=settings.out, private=settings.private, report=part(report, ANALYSIS, 1.0)
        )
    return told(result, replace(written, folder=settings.out))


def told(result: StudyResult, written: StudyFiles) -> dict:
    """The summary of a study whose files are where `written` says."""
    ranking, paths = result.plan.ranking, written.paths()
    warnings = [f"{visit.visit.visit}: {text}" for visit in result.visits for text in dict.fromkeys(visit.warnings)]
    warnings += result.plan.warnings
    return {
        "measurements": result.measurements,
        "reference_visit": result.study.reference_visit,
        "alignment": alignment_records(result),
        "tracking_uid": written.tracking_uid,
        "calibration": result.plan.calibration.to_dict(),
        "forecast": result.plan.bands,
        **ranking_summary(ranking),
        "ranking": [{"schedule": row.schedule.name, **_numbers(row)} for row in ranking.rows],
        "gap_curve": gap_summary(result.plan.gap),
        "warnings": warnings,
        "files": paths,
        "text": [
            *filter(None, [wording.basis(result.plan.calibration), wording.answer(ranking)]),
            *(f"Warning: {text}" for text in warnings_once(result)),
            f"Report:       {paths['report']}",
            f"Maps (NRRD):  {', '.join(str(written.folder / name) for name in written.visits.values())}",
            f"Measurements: {paths['measurements']}",
            f"Slicer scene: {paths['scene']}" if written.scene else NO_SCENE,
        ],
    }


def _numbers(row) -> dict[str, float]:
    return {
        name: getattr(row, name)
        for name in ("rank", "expected", "lower", "upper", "probability_best", "regret", "gain")
    }
