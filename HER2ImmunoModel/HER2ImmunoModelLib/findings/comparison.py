"""How sure the order of a ranking is, and where the record of a ranking keeps that."""

from __future__ import annotations

from HER2ImmunoCommonLib.provenance import Provenance

from ..planning.ranking import RankedSchedule, Ranking

TOLD_APART = 0.8
"""Share of the draws in which the first schedule must be better than each other for it to be called the best: four to
one. All face the same draws, so that intervals that overlap can still tell two schedules apart, and often do not."""
SMALLEST_CM3 = 0.001
"""A cubic millimetre: no examination tells a smaller tumour from none."""
SAME_SHARE = 0.01
"""Difference of two expected values, over the larger one, that counts as none (assumed): two readers of one volume
differ by more."""
STANDARD, AHEAD, SAME = "compared_with", "first_better_than_rival", "first_two_come_to_the_same"
RIVAL, AHEAD_BEFORE = "rival", "first_better_than_second"
"""Settings of a record: the schedule that others are compared with, the share of the draws, `come_to_the_same`, and the
schedule that is better than the first in most draws; earlier records have the share against the second."""


def told_apart(ahead: float | None, same: bool = False) -> bool:
    """Whether this share of the draws makes the first schedule the best; there is no other one if None."""
    return ahead is None or (ahead >= TOLD_APART and not same)


def come_to_the_same(ranking: Ranking) -> bool:
    """Whether no examination could show how much better the first schedule is expected to be than the second."""
    if len(ranking.rows) < 2 or any(row.penalty for row in ranking.rows[:2]) or not ranking.objective.unit:
        return False
    first, second = (abs(row.expected) for row in ranking.rows[:2])
    floor = SMALLEST_CM3 if ranking.objective.unit == "cm3" else 0.0
    return abs(first - second) <= max(SAME_SHARE * max(first, second), floor)


def compared(ranking: Ranking) -> dict[str, object]:
    """What the record of a ranking keeps of the comparison."""
    rival = None if ranking.ahead is None else equal_of(ranking).schedule.name
    return {
        STANDARD: ranking.standard,
        AHEAD: ranking.ahead,
        SAME: come_to_the_same(ranking),
        RIVAL: rival,
    }


def equal_of(ranking: Ranking) -> RankedSchedule:
    """What the first of several schedules is not told apart from, if it is not: its rival, else the second."""
    return ranking.rows[1 if told_apart(ranking.ahead) else ranking.rival]


def recorded_apart(record: Provenance) -> bool | None:
    """Whether the first schedule of a record is told apart from all others; None if that is not recorded."""
    ahead = record.settings.get(AHEAD, record.settings.get(AHEAD_BEFORE))
    if ahead is None:
        return None
    return told_apart(ahead, bool(record.settings.get(SAME)))
