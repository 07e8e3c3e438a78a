"""The table of schedules that are compared: its columns and what they mean, its notes, and what each row stands for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from ..planning.penalties import SURGERY_DAYS
from ..planning.ranking import Ranking
from ..planning.regimens_compared import Comparison, last_dose_day
from ..treatments.clinical_doses import ClinicalDose
from . import wording

LONG_PAUSE_DAYS = 42.0
"""Between the last dose of a schedule and the day judged: longer than the usual wait for surgery (assumed)."""


def header(ranking: Ranking) -> tuple[str, ...]:
    """Short heads of the columns."""
    value = wording.value_header(ranking)
    return "Schedule", value, "Best in", value.replace("Expected", "Regret").removesuffix(" (90 %)")


def header_tips(ranking: Ranking) -> tuple[str, ...]:
    """What each column says."""
    goal = wording.OBJECTIVE_TITLES.get(ranking.objective.name, ranking.objective.label)
    return (
        f"Schedules compared up to day {ranking.horizon_day:g}, the best expected one first",
        f"{goal}, day {ranking.horizon_day:g}: mean over {ranking.draws} draws, each a patient that measurements and "
        "priors leave possible; in brackets the range that holds 90 % of them",
        "Share of these possible patients in whom no other schedule of the table does better; schedules that are much "
        "alike share theirs",
        f"What you lose on average if you choose this schedule and {ranking.standard} would have been better; possible "
        f"patients in whom it is as good or better count as no loss. {ranking.standard} has none: the others are held "
        "against it",
    )


def cells(ranking: Ranking) -> list[tuple[str, ...]]:
    """As `wording.ranking_cells`, with the regret."""
    said = wording.percent if ranking.objective.name == "probability_below" else _loss
    return [(*cells, said(row.regret)) for cells, row in zip(wording.ranking_cells(ranking), ranking.rows, strict=True)]


def _loss(value: float) -> str:
    return wording.number(value) if value >= wording.SMALLEST_CM3 else "0"


def row_keys(ranking: Ranking, written: Iterable[Sequence[ClinicalDose]]) -> list[str]:
    """Name and doses of each row, as text that `row_of` reads."""
    doses = ([(dose.drug, dose.day, dose.size, dose.unit) for dose in each] for each in written)
    names = (row.schedule.name for row in ranking.rows)
    pairs = zip(names, doses, strict=True)
    return [json.dumps({"name": name, "doses": each}, ensure_ascii=False) for name, each in pairs]


def row_of(key: str) -> tuple[str, tuple[ClinicalDose, ...]]:
    """Name and doses of a row."""
    kept = json.loads(key)
    return kept["name"], tuple(ClinicalDose(*dose) for dose in kept["doses"])


def day_said(comparison: Comparison, start_day: float, horizon_day: float) -> str:
    """The day judged, and how it follows from the schedules."""
    longest = max(comparison.schedules, key=lambda schedule: last_dose_day([schedule]))
    last = last_dose_day([longest])
    if horizon_day == last + SURGERY_DAYS:
        return (
            f"Compared on day {horizon_day:g}, {SURGERY_DAYS:g} days after the last dose of the longest schedule "
            f"({longest.name}, day {last:g})."
        )
    return f"Compared on day {horizon_day:g}, {horizon_day - start_day:g} days after the first dose."


def before_ranking(comparison: Comparison, start_day: float, horizon_day: float) -> list[str]:
    """What is known of a comparison before it is made: the day judged, what is not over by then, what is left out."""
    later = [each.name for each in comparison.schedules if last_dose_day([each]) > horizon_day]
    return [
        day_said(comparison, start_day, horizon_day),
        *([f"On that day not over yet: {', '.join(later)}."] if later else []),
        *(f"{name} is left out: {reason}." for name, reason in comparison.left_out),
    ]


def notes(comparison: Comparison, ranking: Ranking) -> list[str]:
    """The day judged, schedules that are over long before it, and what must be known of single ones."""
    day, kept = ranking.horizon_day, {row.schedule.name for row in ranking.rows}
    ends = [(each.name, last_dose_day([each])) for each in comparison.schedules if each.doses and each.name in kept]
    early = [f"{name} from day {last:g}" for name, last in ends if day - last > LONG_PAUSE_DAYS]
    pause = f"Without a dose until day {day:g}, so that the tumour may grow again: {', '.join(early)}."
    return [
        day_said(comparison, ranking.start_day, day),
        *([pause] if early else []),
        *(sentence for name, sentence in comparison.remarks if name in kept),
    ]
