"""How sure the order of a ranking is, and where the record of a ranking keeps that."""

from __future__ import annotations

from HER2ImmunoCommonLib.provenance import Provenance

from ..planning.ranking import Ranking

TOLD_APART = 0.8
"""Share of the draws in which the first schedule must be better than the second for it to be called the best: four to
one. Both face the same draws, so that intervals that overlap can still tell two schedules apart, and often do not."""
SMALLEST_CM3 = 0.001
"""A cubic millimetre: no examination tells a smaller tumour from none."""
SAME_SHARE = 0.01
"""Difference of two expected values, over the larger one, that counts as none (assumed): two readers of one volume
differ by more."""
STANDARD, AHEAD, SAME = "compared_with", "first_better_than_second", "first_two_come_to_the_same"
"""Settings of a record: the schedule that others are compared with, the share of the draws, and `come_to_the_same`."""


def told_apart(ahead: float | None, same: bool = False) -> bool:
    """Whether this share of the draws makes the first schedule the best; there is no second one if None."""
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
    return {STANDARD: ranking.standard, AHEAD: ranking.ahead, SAME: come_to_the_same(ranking)}


def recorded_apart(record: Provenance) -> bool | None:
    """Whether the first schedule of a record is told apart from the second; None if that is not recorded."""
    if record.settings.get(AHEAD) is None:
        return None
    return told_apart(record.settings[AHEAD], bool(record.settings.get(SAME)))
