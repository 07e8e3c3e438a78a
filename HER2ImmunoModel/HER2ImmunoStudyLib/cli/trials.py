"""`her2immuno trials`: the published trials simulated, and what is predicted of them."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.charts import NO_OPENGL, can_draw, to_svg
from HER2ImmunoCommonLib.progress import Report, part, tell
from HER2ImmunoCommonLib.provenance import Provenance, write_sidecar
from HER2ImmunoCommonLib.results import staged_folder
from HER2ImmunoModelLib.findings import trials as found
from HER2ImmunoModelLib.trials import SUBJECTS, VirtualTrials, run_virtual_trials

from .outputs import write_tables
from .values import filled, seed

NAME = "trials"

CHART, CHART_SIZE = "differences.svg", (860, 560)


@dataclass(frozen=True)
class TrialsSettings:
    """What `her2immuno trials` is asked.

    Attributes
    ----------
    out : Path or None
    subjects, seed : int
    """

    out: Path | None
    subjects: int
    seed: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the tables and the chart")
    parser.add_argument(
        "--subjects", type=int, default=SUBJECTS, metavar="N", help=f"virtual patients, {SUBJECTS} by default"
    )
    parser.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="of the patients that are drawn, 0 by default"
    )


def read(arguments: argparse.Namespace) -> TrialsSettings:
    return filled(TrialsSettings, vars(arguments))


def run(settings: TrialsSettings, report: Report) -> dict:
    if settings.out is None:
        trials = run_virtual_trials(settings.subjects, settings.seed, report)
        return {**_summary(trials), "text": list(found.sentences(trials))}
    with staged_folder(settings.out, NAME) as stage:
        trials = run_virtual_trials(settings.subjects, settings.seed, part(report, 0.0, 0.98))
        tell(report, 0.98, "Writing the results")
        names, warnings = _write(trials, settings, stage)
    return {
        **_summary(trials),
        "files": {name: settings.out / file for name, file in names.items()},
        "warnings": warnings,
        "text": [*found.sentences(trials), *(f"Warning: {text}" for text in warnings), f"Results: {settings.out}"],
    }


def _write(trials: VirtualTrials, settings: TrialsSettings, stage: Path) -> tuple[dict[str, str], list[str]]:
    warnings = [] if can_draw() else [NO_OPENGL]
    provenance = Provenance(NAME, {"subjects": settings.subjects, "seed": settings.seed}, warnings=tuple(warnings))
    tables = {
        "differences": found.differences_table(trials),
        "arms": found.arms_table(trials),
        "response": found.response_table(trials),
    }
    names = write_tables(tables, stage, provenance)
    if not warnings:
        path = files.write_text(to_svg(found.differences_chart(trials), CHART_SIZE), stage / CHART)
        write_sidecar(path, provenance)
        names["chart"] = CHART
    return names, warnings


def _summary(trials: VirtualTrials) -> dict:
    return {
        "passed": sum(each.passes for each in trials.predictions),
        "predictions": [
            {
                "comparison": each.comparison.label,
                "published": each.comparison.published,
                "predicted": each.difference,
                "band": (each.lower, each.upper),
                "within": each.comparison.within,
                "is_close": each.is_close,
                "has_sign": each.has_sign,
                "passes": each.passes,
            }
            for each in trials.predictions
        ],
        "response": {name: values for name, _, values in found.fitted_numbers(trials.fits)},
    }
