"""Options that `rank` and `optimize` share: what is judged, which schedules, and the rules they keep."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from HER2ImmunoModelLib import objectives
from HER2ImmunoModelLib.planning import GAP_DAYS

from ..clinical_options import ClinicalSettings, add_clinical_arguments, clinical_settings
from ..values import filled, finite, record_of, seed

Asked = TypeVar("Asked", bound="ScheduleSettings")
PLACES = ("calibration", "out", "candidate", "schedule", "report", "pdf")
"""Settings that are no choices: where files are."""
HORIZON = "day judged (default 42 days after the start; in units, not before 28 days after the last dose)"
WEIGH = (
    "add burdens to the loss, in units of the objective (default 0): neutrophils, a day below 0.5; heart, the chance "
    "that LVEF falls; failure, the risk by anthracyclines; visits; weeks to surgery (repeatable; slow in a search)"
)


@dataclass(frozen=True)
class ScheduleSettings:
    """What `rank` and `optimize` are asked; the fields have the names of the options, as the record does.

    Attributes
    ----------
    calibration : Path
        What `calibrate` wrote.
    out : Path
        Folder of the results.
    objective : str
        What is judged.
    level : float or None
        Volume in cm3 of probability_below.
    plus : str or None
        Words OBJECTIVE=WEIGHT of a second objective.
    weigh : tuple of str
        Words PART=WEIGHT: what burdens of a schedule add to its loss.
    start, horizon : float or None
        First day of doses, and the day judged.
    draws : int
        Posterior draws of the comparison.
    seed : int
    drugs : tuple of str or None
        Drugs to give.
    doses : int
        Of each drug at most.
    spacing : float or None
        Days between them.
    candidate : tuple of Path
        Tables of schedules.
    gaps : int or None
        Widest gap in days of a grid of schedules; None for no grid.
    splits, every : str
        Of that grid, with commas: doses that each total is split into, and days between them.
    standard : str or None
        Schedule to compare with.
    gap_curve : int
        Widest gap of the curve in days, 0 for none.
    largest : tuple of str
        Words DOSE or DRUG=DOSE: largest single dose.
    total, interval, weight : tuple of str
        Words DRUG=NUMBER: most full doses, fewest days between doses, weight in a toxicity.
    weekdays : str or None
        Allowed days of the week as digits from 0, Monday.
    day_zero : int
        Day of the week of day 0.
    toxicity : float or None
        Most weighted amount over time, in doses times days.
    clinical : ClinicalSettings
        Regimens, limits and whom they are for.
    """

    calibration: Path
    out: Path
    objective: str
    level: float | None
    plus: str | None
    weigh: tuple[str, ...]
    start: float | None
    horizon: float | None
    draws: int
    seed: int
    drugs: tuple[str, ...] | None
    doses: int
    spacing: float | None
    candidate: tuple[Path, ...]
    gaps: int | None
    splits: str
    every: str
    standard: str | None
    gap_curve: int
    largest: tuple[str, ...]
    total: tuple[str, ...]
    interval: tuple[str, ...]
    weekdays: str | None
    day_zero: int
    toxicity: float | None
    weight: tuple[str, ...]
    clinical: ClinicalSettings

    def recorded(self) -> dict[str, object]:
        """Every choice, in the order of the options."""
        return record_of(self, leave_out=(*PLACES, "clinical")) | self.clinical.recorded()


def add_schedule_arguments(parser: argparse.ArgumentParser, *, draws: int = 500, has_gap_curve: bool = True) -> None:
    """What is judged, schedules and rules; `draws` by default, and whether a curve of gaps can be asked for."""
    parser.add_argument("calibration", type=Path, metavar="CALIBRATION.json", help="what `calibrate` wrote")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder of the results")
    _add_judged(parser.add_argument_group("what is judged"), draws)
    _add_candidates(parser.add_argument_group("schedules"), has_gap_curve=has_gap_curve)
    _add_rules(parser.add_argument_group("rules of every schedule"))


def add_candidate_doses(parser: argparse.ArgumentParser) -> None:
    """The options of doses of the clinic; after all others."""
    add_clinical_arguments(
        parser,
        what="as a candidate (repeatable)",
        limits="leave out schedules that break a hard limit",
        has_weights=True,
    )


def schedule_settings(kind: type[Asked], given: Mapping[str, object]) -> Asked:
    """The settings of the options' values; errors as `clinical_settings`."""
    return filled(kind, {**given, "clinical": clinical_settings(given)})


def _add_judged(group: argparse._ArgumentGroup, draws: int) -> None:
    goals = (*objectives.OBJECTIVES, "probability_below")
    group.add_argument("--objective", default="volume_at_horizon", choices=goals, help="what is judged")
    group.add_argument("--level", type=finite, metavar="CM3", help="volume of probability_below")
    group.add_argument("--plus", metavar="OBJECTIVE=WEIGHT", help="a second objective, for a weighted pair")
    group.add_argument("--weigh", action="append", default=[], metavar="PART=WEIGHT", help=WEIGH)
    group.add_argument("--start", type=finite, metavar="DAY", help="first day of doses (the last visit by default)")
    group.add_argument("--horizon", type=finite, metavar="DAY", help=HORIZON)
    group.add_argument("--draws", type=int, default=draws, help=f"posterior draws of the comparison (default {draws})")
    group.add_argument("--seed", type=seed, default=0, help="seed of the random numbers")


def _add_candidates(group: argparse._ArgumentGroup, *, has_gap_curve: bool) -> None:
    group.add_argument("--drug", action="append", dest="drugs", metavar="NAME", help="a drug to give (repeatable)")
    group.add_argument("--doses", type=int, default=2, help="doses of each drug at most (default 2)")
    group.add_argument("--spacing", type=finite, metavar="DAYS", help="days between them (default 4, or an interval)")
    group.add_argument(
        "--candidate",
        action="append",
        default=[],
        type=Path,
        metavar="CSV",
        help="drug, day, dose, unit, and schedule where there are several (repeatable; by default the standard six)",
    )
    group.add_argument("--gaps", type=int, metavar="DAYS", help="add every order, gap up to this, split and interval")
    group.add_argument("--splits", default="1,2,4", metavar="N,N,...", help="doses each total is split into")
    group.add_argument("--every", default="1,4,7", metavar="DAYS,...", help="days between the doses of a split")
    group.add_argument("--standard", metavar="NAME", help="schedule to compare with (the first by default)")
    if has_gap_curve:
        group.add_argument(
            "--gap-curve",
            type=int,
            default=GAP_DAYS,
            metavar="DAYS",
            help="widest gap of the curve, 0 for none (default 14)",
        )


def _add_rules(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--largest",
        action="append",
        default=[],
        metavar="[DRUG=]DOSE",
        help="largest single dose (default 1, the full dose)",
    )
    group.add_argument("--total", action="append", default=[], metavar="DRUG=DOSES", help="most full doses in total")
    group.add_argument("--interval", action="append", default=[], metavar="DRUG=DAYS", help="fewest days between doses")
    group.add_argument("--weekdays", metavar="DIGITS", help="allowed weekdays, 0 Monday to 6 Sunday, such as 01234")
    group.add_argument("--day-zero", type=int, default=0, metavar="WEEKDAY", help="weekday of day 0 (default Monday)")
    group.add_argument("--toxicity", type=finite, metavar="MOST", help="most weighted amount over time (doses x days)")
    group.add_argument(
        "--weight", action="append", default=[], metavar="DRUG=WEIGHT", help="weight of a drug in it (default 1)"
    )
